//! Reads of the book: its best levels, without copying more than was asked for.

use crate::arena::NIL;
use crate::book::LevelIndex;
use crate::messages::Side;
use crate::state::State;

/// One price level as it stands: price in ticks, lots, orders.
pub type Level = (u64, u64, u32);

/// Returns up to `limit` levels of one side, best first.
pub fn best_levels(state: &State, market: u32, side: Side, limit: usize) -> Vec<Level> {
    let index = state.markets[market as usize].side(side);
    let mut found = Vec::new();
    let mut at = index.best();
    while at != NIL && found.len() < limit {
        let level = &state.levels[at];
        found.push((level.price, level.total, level.count));
        at = index.next_worse(level.price);
    }
    found
}
