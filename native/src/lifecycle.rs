//! How orders come to rest and how they end; used by every handler that touches orders.

use crate::arena::NIL;
use crate::levels;
use crate::limits::MAX_AMOUNT;
use crate::messages::events::OrderClosed;
use crate::messages::{CloseReason, TimeInForce};
use crate::model::{Order, Place, Rare};
use crate::money::notional;
use crate::state::State;
use crate::triggers::fires_upwards;

/// Puts a new order into the arena; `list` enters it into the indexes of open orders.
#[inline(always)]
pub fn admit(state: &mut State, order: Order, rare: &Rare) -> u32 {
    let has_rare = order.has_rare;
    let slot = state.orders.put(order);
    if has_rare {
        let at = slot as usize;
        if at >= state.rare.len() {
            state.rare.resize(at + 1, Rare::default());
        }
        state.rare[at] = *rare;
    }
    slot
}

/// Enters an order into the indexes that every open order stands in. Orders are listed in the order of their ids.
pub fn list(state: &mut State, slot: u32) {
    let order = &mut state.orders[slot];
    order.listed = true;
    let order_id = order.order_id;
    let account = &mut state.accounts[order.account as usize];
    let before = std::mem::replace(&mut account.last_order, slot);
    order.account_prev = before;
    order.account_next = NIL;
    state.positions[order.position as usize].open_orders += 1;
    let expires = order.time_in_force == TimeInForce::Gtd && order.has_rare;
    if before == NIL {
        account.first_order = slot;
    } else {
        state.orders[before].account_next = slot;
    }
    state.order_ids.insert(order_id, slot);
    if expires {
        let expires_at = state.rare[slot as usize].expires_at;
        state.expiries.insert((expires_at, order_id));
    }
}

#[inline(always)]
fn unlist(state: &mut State, slot: u32) {
    let order = &state.orders[slot];
    let (order_id, before, after) = (order.order_id, order.account_prev, order.account_next);
    let account = &mut state.accounts[order.account as usize];
    state.positions[order.position as usize].open_orders -= 1;
    let expires = order.time_in_force == TimeInForce::Gtd && order.has_rare;
    if before == NIL {
        account.first_order = after;
    } else {
        state.orders[before].account_next = after;
    }
    if after == NIL {
        account.last_order = before;
    } else {
        state.orders[after].account_prev = before;
    }
    state.order_ids.remove(order_id);
    if expires {
        let expires_at = state.rare[slot as usize].expires_at;
        state.expiries.remove(&(expires_at, order_id));
    }
}

/// Puts an order at the end of its price level's queue.
pub fn rest(state: &mut State, slot: u32) {
    if !state.orders[slot].listed {
        list(state, slot);
    }
    let order = &mut state.orders[slot];
    order.priority = state.next_priority;
    state.next_priority += 1;
    let (market, side) = (order.market, order.side);
    let level = levels::add(state, slot);
    levels::settle_level(state, market, side, level);
}

/// Takes a resting order out of the book and tells what is left of its level.
pub fn unrest(state: &mut State, slot: u32) {
    let level = levels::unlink(state, slot);
    let order = &mut state.orders[slot];
    order.priority = 0;
    let (market, side) = (order.market, order.side);
    levels::settle_level(state, market, side, level);
}

/// Ends an order that is no longer in a book or trigger list: forgets it, releases its hold, tells.
pub fn finish(state: &mut State, slot: u32, reason: CloseReason) {
    finish_here(state, slot, reason);
}

/// As `finish`, without a call: for sweeps, which do nothing else so often.
#[inline(always)]
pub fn finish_here(state: &mut State, slot: u32, reason: CloseReason) {
    if state.orders[slot].listed {
        unlist(state, slot);
    }
    let order = &state.orders[slot];
    let released = order.held;
    if released > 0 {
        let pays = &mut state.balances[order.pays as usize];
        pays.held -= released;
        pays.available += released;
    }
    state.events.push(&OrderClosed {
        order_id: order.order_id,
        account_id: state.accounts[order.account as usize].account_id,
        market_id: state.markets[order.market as usize].market_id,
        reason,
        remaining: order.remaining,
        released,
    });
    state.orders.free(slot);
}

/// Lets an order wait for its trigger price.
pub fn wait(state: &mut State, slot: u32) {
    let trigger_price = state.rare(slot).trigger_price;
    let order = &mut state.orders[slot];
    order.place = Place::Waiting;
    let upwards = fires_upwards(order.side, order.kind);
    let triggers = &mut state.markets[order.market as usize].triggers;
    triggers.add(upwards, trigger_price, order.order_id, slot);
}

/// Takes a waiting order off its market's trigger list.
pub fn unwait(state: &mut State, slot: u32) {
    let trigger_price = state.rare(slot).trigger_price;
    let order = &mut state.orders[slot];
    order.place = Place::Entering;
    let upwards = fires_upwards(order.side, order.kind);
    let triggers = &mut state.markets[order.market as usize].triggers;
    triggers.remove(upwards, trigger_price, order.order_id);
}

/// Ends an open order wherever it is.
pub fn close(state: &mut State, slot: u32, reason: CloseReason) {
    match state.orders[slot].place {
        Place::Resting => unrest(state, slot),
        Place::Queued => state.trigger_queue.remove(&mut state.orders, slot),
        Place::Waiting => unwait(state, slot),
        Place::Entering | Place::Free => {}
    }
    finish(state, slot, reason);
}

/// Tells whether what does not trade at once stays in the book: never what could trade for too much in all.
pub fn may_rest(state: &State, slot: u32) -> bool {
    let order = &state.orders[slot];
    if order.price == 0 || !matches!(order.time_in_force, TimeInForce::Gtc | TimeInForce::Gtd) {
        return false;
    }
    if order.quote_filled == 0 {
        return true;
    }
    let unit = state.markets[order.market as usize].unit_notional;
    let still = notional(order.price, order.remaining, unit);
    still.saturating_add(u128::from(order.quote_filled)) <= u128::from(MAX_AMOUNT)
}
