//! Matching: one incoming order against the other side of the book, price first, then time.

use crate::arena::NIL;
use crate::book::LevelIndex;
use crate::checks::{accepts, opposite};
use crate::fill_or_kill::can_fill;
use crate::levels::{settle_level, unlink};
use crate::lifecycle::{finish, may_rest, rest};
use crate::messages::{CloseReason, SelfTradePrevention, Side, TimeInForce};
use crate::money::notional;
use crate::self_trade::prevent_self_trade;
use crate::settlement::settle;
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
    loop {
        let level = state.markets[market as usize].side(facing).best();
        if level == NIL || !accepts(side, limit, state.levels[level].price) {
            return Stop::NoMatch;
        }
        let stop = match_level(state, taker, market, level);
        settle_level(state, market, facing, level);
        if let Some(stop) = stop {
            return stop;
        }
    }
}

/// Trades with the orders of one level, oldest first; `None` means that the level is used up.
fn match_level(state: &mut State, taker: u32, market: u32, level: u32) -> Option<Stop> {
    let price = state.levels[level].price;
    loop {
        let maker = state.levels[level].head;
        if maker == NIL {
            return None;
        }
        let quantity = tradable(state, taker, maker, price);
        if quantity == 0 {
            return Some(Stop::BudgetSpent);
        }
        if is_own(state, taker, maker) {
            if prevent_self_trade(state, taker, maker, price, quantity) {
                return Some(Stop::SelfTrade);
            }
            continue;
        }
        settle(state, maker, taker, price, quantity);
        if state.markets[market as usize].triggers.may_fire(price) {
            fire_triggers(state, market, price);
        }
        reduce(state, maker, level, quantity);
        let order = &mut state.orders[taker];
        if order.quote_quantity == 0 {
            order.remaining -= quantity;
            order.updated_at = state.time_ms;
            if order.remaining == 0 {
                return Some(Stop::Done);
            }
        }
    }
}

/// Returns how many lots the two can trade; 0 only if a quote budget cannot buy one lot.
#[inline(always)]
fn tradable(state: &State, taker: u32, maker: u32, price: u64) -> u64 {
    let order = &state.orders[taker];
    let there = state.orders[maker].remaining;
    if order.quote_quantity == 0 {
        return there.min(order.remaining);
    }
    let unit = state.markets[order.market as usize].unit_notional;
    let lot = notional(price, 1, unit);
    let lots = u64::try_from(lot).map_or(0, |lot| order.held / lot);
    there.min(lots)
}

/// Tells whether the two are of one account, and the incoming order minds.
#[inline(always)]
fn is_own(state: &State, taker: u32, maker: u32) -> bool {
    let order = &state.orders[taker];
    order.account == state.orders[maker].account && order.stp != SelfTradePrevention::None
}

#[cold]
fn fire_triggers(state: &mut State, market: u32, price: u64) {
    while let Some(fired) = state.markets[market as usize].triggers.pop_fired(price) {
        state.trigger_queue.push(&mut state.orders, fired);
    }
}

/// Takes traded lots off a resting order; when none are left it is filled.
#[inline(always)]
fn reduce(state: &mut State, maker: u32, level: u32, quantity: u64) {
    let order = &mut state.orders[maker];
    if order.remaining > quantity {
        order.updated_at = state.time_ms;
        order.remaining -= quantity;
        state.levels[level].total -= quantity;
    } else {
        unlink(state, maker);
        state.orders[maker].remaining = 0;
        finish(state, maker, CloseReason::Filled);
    }
}
