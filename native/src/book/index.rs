//! What one side of one market's book asks of the structure that finds its price levels.
//!
//! Levels themselves lie in one arena for the whole venue (`arena::Levels`); an index maps prices to slots there.

use crate::messages::Side;

/// Finds price levels best first. Every price from 1 to `u64::MAX` works; slots are never `arena::NIL`.
pub trait LevelIndex {
    /// Begins empty; on the buy side higher prices are better, on the sell side lower ones.
    fn new(side: Side) -> Self;

    /// Returns the slot of the best level, `NIL` when there is none.
    fn best(&self) -> u32;

    /// Returns the slot of the level at `price`, `NIL` when there is none.
    fn find(&self, price: u64) -> u32;

    /// Enters a level; there must be none at this price.
    fn insert(&mut self, price: u64, level: u32);

    /// Forgets the level at `price`; there must be one.
    fn remove(&mut self, price: u64);

    /// Returns the slot of the best level that is worse than `price`, `NIL` when there is none.
    ///
    /// There need not be a level at `price` itself.
    fn next_worse(&self, price: u64) -> u32;
}
