//! Cancelling orders: one, all, and all by the dead-man switch.

use crate::layout::Text;
use crate::lifecycle::close;
use crate::limits::MAX_CANCEL_AFTER_MS;
use crate::messages::commands::{CancelAll, CancelOrder, SetCancelAfter};
use crate::messages::events::{CancelAfterSet, Rejected};
use crate::messages::{AccountStatus, CloseReason, MarketStatus, RejectCode};
use crate::state::{Outcome, State, refuse};

/// Returns an account's open order by its id or, when the id is 0, by its client order id.
#[inline]
fn find_order(state: &State, account: u32, order_id: u64, name: &Text<36>) -> Option<u32> {
    let mut order_id = order_id;
    if order_id == 0 && !name.is_empty() {
        let ids = state.accounts[account as usize].client_ids.as_ref()?;
        order_id = ids.get(name)?.order_id;
    }
    let slot = state.order(order_id)?;
    (state.orders[slot].account == account).then_some(slot)
}

/// How a command names the order that it is about.
pub struct Named<'a> {
    pub account_id: u64,
    /// 0: it is named by the client order id.
    pub order_id: u64,
    pub client_order_id: &'a Text<36>,
}

impl Named<'_> {
    /// Returns the slot of the account's open order, or why there is none.
    #[inline]
    pub fn find(&self, state: &State) -> Result<u32, Rejected> {
        let Some(account) = state.account(self.account_id) else {
            return Err(self.refused(RejectCode::AccountNotFound, 0, self.order_id));
        };
        find_order(state, account, self.order_id, self.client_order_id)
            .ok_or_else(|| self.refused(RejectCode::OrderNotFound, 0, self.order_id))
    }

    /// Returns a refusal of the command.
    pub fn refused(&self, code: RejectCode, market_id: u32, order_id: u64) -> Rejected {
        Rejected {
            account_id: self.account_id,
            market_id,
            order_id,
            client_order_id: *self.client_order_id,
            ..refuse(code)
        }
    }
}

/// Cancels one open order of the account.
pub fn cancel_order(state: &mut State, command: &CancelOrder) -> Outcome {
    let named = Named {
        account_id: command.account_id,
        order_id: command.order_id,
        client_order_id: &command.client_order_id,
    };
    let slot = named.find(state)?;
    let order = &state.orders[slot];
    let market = &state.markets[order.market as usize];
    if market.status == MarketStatus::Halted {
        let (market_id, order_id) = (market.market_id, order.order_id);
        return Err(named.refused(RejectCode::MarketHalted, market_id, order_id));
    }
    close(state, slot, CloseReason::Cancelled);
    Ok(())
}

/// Cancels all of an account's orders, oldest first, but those in halted markets.
pub fn cancel_all(state: &mut State, command: &CancelAll) -> Outcome {
    let refused = |code| Rejected {
        account_id: command.account_id,
        market_id: command.market_id,
        ..refuse(code)
    };
    let account = state
        .account(command.account_id)
        .ok_or_else(|| refused(RejectCode::AccountNotFound))?;
    let mut only = None;
    if command.market_id != 0 {
        let market = state
            .market(command.market_id)
            .ok_or_else(|| refused(RejectCode::MarketNotFound))?;
        if state.markets[market as usize].status == MarketStatus::Halted {
            return Err(refused(RejectCode::MarketHalted));
        }
        only = Some(market);
    }
    close_all(
        state,
        account,
        CloseReason::CancelledAll,
        |state, market| {
            only.is_none_or(|only| only == market)
                && state.markets[market as usize].status != MarketStatus::Halted
        },
    );
    Ok(())
}

/// Closes an account's open orders in the markets that are meant, oldest first.
pub fn close_all(
    state: &mut State,
    account: u32,
    reason: CloseReason,
    is_meant: impl Fn(&State, u32) -> bool,
) {
    let mut next = state.orders_of(account).next();
    while let Some(slot) = next {
        let order = &state.orders[slot];
        next = crate::state::some(order.account_next);
        if is_meant(state, order.market) {
            close(state, slot, reason);
        }
    }
}

/// Arms, renews or disarms an account's dead-man switch.
pub fn set_cancel_after(state: &mut State, command: &SetCancelAfter) -> Outcome {
    let refused = |code| Rejected {
        account_id: command.account_id,
        ..refuse(code)
    };
    let account = state
        .account(command.account_id)
        .ok_or_else(|| refused(RejectCode::AccountNotFound))?;
    if state.accounts[account as usize].status == AccountStatus::Closed {
        return Err(refused(RejectCode::AccountClosed));
    }
    if command.timeout_ms > MAX_CANCEL_AFTER_MS {
        return Err(refused(RejectCode::InvalidTimeout));
    }
    let deadline = match command.timeout_ms {
        0 => 0,
        timeout => state.time_ms.saturating_add(u64::from(timeout)),
    };
    state.set_cancel_after(account, deadline);
    state.events.push(&CancelAfterSet {
        account_id: command.account_id,
        deadline,
    });
    Ok(())
}
