//! What time brings: expiries, dead-man switches, and the rest of bounded cascades.

use crate::arena::NIL;
use crate::cancelling::close_all;
use crate::lifecycle::close;
use crate::limits::{MAX_EXPIRIES_PER_TICK, MAX_TRIGGERS_PER_COMMAND};
use crate::messages::CloseReason;
use crate::messages::events::CancelAfterSet;
use crate::placing::enter_triggered;
use crate::state::State;

/// Does what is due by now: orders expire first, then dead-man switches fire, by time and id.
pub fn tick(state: &mut State) {
    for _ in 0..MAX_EXPIRIES_PER_TICK {
        match state.expiries.first() {
            Some(&(at, order_id)) if at <= state.time_ms => {
                let slot = state.order(order_id).expect("only open orders expire");
                close(state, slot, CloseReason::Expired);
            }
            _ => break,
        }
    }
    while let Some(&(deadline, account_id)) = state.cancel_afters.first() {
        if deadline > state.time_ms {
            break;
        }
        let account = state.account(account_id).expect("accounts stay");
        state.set_cancel_after(account, 0);
        close_all(state, account, CloseReason::CancelAfter, |_, _| true);
        let deadline = 0;
        state.events.push(&CancelAfterSet {
            account_id,
            deadline,
        });
    }
}

/// Lets triggered orders enter, first in first out, up to the bound of one command.
pub fn drain_triggers(state: &mut State) {
    for _ in 0..MAX_TRIGGERS_PER_COMMAND {
        let slot = state.trigger_queue.first();
        if slot == NIL {
            return;
        }
        state.trigger_queue.remove(&mut state.orders, slot);
        enter_triggered(state, slot);
    }
}

/// Returns when a Tick is due next, `None` when nothing waits for time.
pub fn next_tick_at(state: &State) -> Option<u64> {
    if !state.trigger_queue.is_empty() {
        return Some(state.time_ms);
    }
    let expiry = state.expiries.first().map(|due| due.0);
    let deadline = state.cancel_afters.first().map(|due| due.0);
    expiry.into_iter().chain(deadline).min()
}
