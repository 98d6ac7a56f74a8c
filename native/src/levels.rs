//! Orders at their price levels: how they come to rest in the book and how they leave it.

use crate::arena::NIL;
use crate::book::LevelIndex;
use crate::messages::Side;
use crate::messages::events::LevelChanged;
use crate::model::{Level, Place};
use crate::state::State;

/// Rests an order behind all others of its price and returns its level.
pub fn add(state: &mut State, slot: u32) -> u32 {
    let order = &mut state.orders[slot];
    let side = state.markets[order.market as usize].side_mut(order.side);
    let mut at = side.find(order.price);
    if at == NIL {
        at = state.levels.put(Level {
            price: order.price,
            ..Level::default()
        });
        side.insert(order.price, at);
    }
    let level = &mut state.levels[at];
    level.total += order.remaining;
    level.count += 1;
    order.place = Place::Resting;
    order.level = at;
    order.next = NIL;
    order.prev = level.tail;
    if level.tail == NIL {
        level.head = slot;
    } else {
        state.orders[level.tail].next = slot;
    }
    level.tail = slot;
    at
}

/// Takes a resting order out of its level; the level stays, if empty, until `settle_level`.
#[inline]
pub fn unlink(state: &mut State, slot: u32) -> u32 {
    let order = &mut state.orders[slot];
    let (at, prev, next) = (order.level, order.prev, order.next);
    order.place = Place::Entering;
    order.level = NIL;
    let level = &mut state.levels[at];
    level.total -= order.remaining;
    level.count -= 1;
    if prev == NIL {
        level.head = next;
    } else {
        state.orders[prev].next = next;
    }
    if next == NIL {
        level.tail = prev;
    } else {
        state.orders[next].prev = prev;
    }
    at
}

/// Takes traded lots off a level's total.
#[inline(always)]
pub fn take_lots(level: &mut Level, lots: u64) {
    level.total -= lots;
}

/// Takes the first order out of its level, whose total knows already; the level stays, as in `unlink`.
#[inline(always)]
pub fn unlink_first(state: &mut State, at: u32, slot: u32) {
    let order = &mut state.orders[slot];
    let next = order.next;
    order.place = Place::Entering;
    let level = &mut state.levels[at];
    level.count -= 1;
    level.head = next;
    if next == NIL {
        level.tail = NIL;
    } else {
        state.orders[next].prev = NIL;
    }
}

/// Tells what a level holds now, and forgets it if that is nothing.
#[inline]
pub fn settle_level(state: &mut State, market: u32, side: Side, at: u32) {
    let level = &state.levels[at];
    let listing = &mut state.markets[market as usize];
    state.events.push(&LevelChanged {
        market_id: listing.market_id,
        side,
        price: level.price,
        quantity: level.total,
        orders: level.count,
    });
    if level.count == 0 {
        listing.side_mut(side).remove(level.price);
        state.levels.free(at);
    }
}
