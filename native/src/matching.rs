//! Matching: one incoming order against the other side of the book, price first, then time.

use crate::arena::NIL;
use crate::book::LevelIndex;
use crate::checks::{accepts, opposite};
use crate::fill_or_kill::can_fill;
use crate::levels::{settle_level, take_lots, unlink_first};
use crate::lifecycle::{finish, finish_here, may_rest, rest};
use crate::messages::{CloseReason, Side, TimeInForce};
use crate::money::notional;
use crate::prefetch::prefetch;
use crate::self_trade::prevent_self_trade;
use crate::settlement::{Taking, settle};
use crate::state::State;

/// Why matching ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// Nothing of the incoming order is left.
    Done,
    /// Nobody is left at a price that the order accepts.
    NoMatch,
    /// What is left of a market buy's quote quantity does not buy one lot at the best price.
    BudgetSpent,
    /// Self-trade prevention ended the incoming order.
    SelfTrade,
}

/// Returns the worst price that an order accepts: its own, or for market orders the band's edge.
#[inline]
pub fn limit_price(state: &State, slot: u32) -> u64 {
    let order = &state.orders[slot];
    let market = &state.markets[order.market as usize];
    match (order.price, order.side) {
        (0, Side::Buy) => market.band_high,
        (0, Side::Sell) => market.band_low,
        (price, _) => price,
    }
}

/// Lets a funded order into its market: matches it, then rests it or ends it.
pub fn enter(state: &mut State, slot: u32) {
    let limit = limit_price(state, slot);
    let order = &state.orders[slot];
    let (at, side) = (order.market, order.side);
    if order.time_in_force == TimeInForce::Fok && !can_fill(state, slot, limit) {
        finish(state, slot, CloseReason::FokUnfillable);
        return;
    }
    let trades_before = state.markets[at as usize].last_trade_id;
    let stop = match_book(state, slot, side, at, limit);
    let market = &mut state.markets[at as usize];
    if market.last_trade_id != trades_before {
        market.set_band();
    }
    if stop == Stop::NoMatch && may_rest(state, slot) {
        rest(state, slot);
    } else {
        let reason = close_reason(state, slot, stop);
        finish(state, slot, reason);
    }
}

fn close_reason(state: &State, slot: u32, stop: Stop) -> CloseReason {
    let order = &state.orders[slot];
    let spent = order.quote_quantity > 0 && budget_used(state, slot, stop);
    if stop == Stop::Done || spent {
        return CloseReason::Filled;
    }
    if stop == Stop::SelfTrade {
        return CloseReason::SelfTrade;
    }
    if order.price > 0 && order.time_in_force == TimeInForce::Ioc {
        return CloseReason::IocRemainder;
    }
    CloseReason::NoLiquidity
}

/// Tells whether a market buy by quote quantity bought all that its budget could buy.
fn budget_used(state: &State, slot: u32, stop: Stop) -> bool {
    let order = &state.orders[slot];
    if order.quote_filled == 0 {
        return false;
    }
    let market = &state.markets[order.market as usize];
    let lot = notional(market.last_price, 1, market.unit_notional);
    stop == Stop::BudgetSpent || u128::from(order.held) < lot
}

/// Trades level by level until the taker is done or the next level is beyond its limit.
#[inline]
fn match_book(state: &mut State, taker: u32, side: Side, market: u32, limit: u64) -> Stop {
    let facing = opposite(side);
    let mut level = state.markets[market as usize].side(facing).best();
    if level == NIL || !accepts(side, limit, state.levels[level].price) {
        return Stop::NoMatch;
    }
    let mut taking = Taking::of(state, taker);
    loop {
        let stop = match_level(state, &mut taking, level);
        settle_level(state, market, facing, level);
        if let Some(stop) = stop {
            taking.flush(state);
            return stop;
        }
        level = state.markets[market as usize].side(facing).best();
        if level == NIL || !accepts(side, limit, state.levels[level].price) {
            taking.flush(state);
            return Stop::NoMatch;
        }
    }
}

/// Trades with the orders of one level, oldest first; `None` means that the level is used up.
#[inline(always)]
fn match_level(state: &mut State, taking: &mut Taking, level: u32) -> Option<Stop> {
    let price = state.levels[level].price;
    let mut traded = false;
    loop {
        let maker = state.levels[level].head;
        if maker == NIL {
            return None;
        }
        let resting = &state.orders[maker];
        if let Some(next) = state.orders.rows().get(resting.next as usize) {
            prefetch(&next.order_id);
            prefetch(&next.account_prev);
        }
        let quantity = resting.remaining.min(affordable(taking, price));
        if quantity == 0 {
            return Some(Stop::BudgetSpent);
        }
        if taking.minds_own && resting.account == taking.account {
            taking.flush(state);
            if prevent_self_trade(state, taking.taker, maker, price, quantity) {
                return Some(Stop::SelfTrade);
            }
            taking.look_again(state);
            continue;
        }
        let left = settle(state, taking, maker, price, quantity);
        if !traded {
            traded = true;
            fire_triggers(state, taking.market, price);
        }
        take_lots(&mut state.levels[level], quantity);
        if left == 0 {
            unlink_first(state, level, maker);
            finish_here(state, maker, CloseReason::Filled);
        }
        if taking.left == 0 && !taking.by_quote {
            return Some(Stop::Done);
        }
    }
}

/// Returns how many lots an incoming order can still take; 0 only if a quote budget cannot buy one lot.
#[inline(always)]
fn affordable(taking: &Taking, price: u64) -> u64 {
    if !taking.by_quote {
        return taking.left;
    }
    let lot = notional(price, 1, taking.unit_notional);
    u64::try_from(lot).map_or(0, |lot| taking.left / lot)
}

/// Queues the orders that a trade at this price sets off.
#[inline(always)]
fn fire_triggers(state: &mut State, market: u32, price: u64) {
    if state.markets[market as usize].triggers.may_fire(price) {
        queue_fired(state, market, price);
    }
}

#[cold]
fn queue_fired(state: &mut State, market: u32, price: u64) {
    while let Some(fired) = state.markets[market as usize].triggers.pop_fired(price) {
        state.trigger_queue.push(&mut state.orders, fired);
    }
}
