//! The plainest level index: an ordered tree of the standard library.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use cse_native::arena::NIL;
use cse_native::book::LevelIndex;
use cse_native::messages::Side;

/// Levels by a key that is smaller for better prices: the price itself, or its complement on the buy side.
#[derive(Debug)]
pub struct TreeIndex {
    flip: u64,
    levels: BTreeMap<u64, u32>,
}

impl LevelIndex for TreeIndex {
    fn new(side: Side) -> Self {
        let flip = if side == Side::Buy { u64::MAX } else { 0 };
        Self {
            flip,
            levels: BTreeMap::new(),
        }
    }

    fn best(&self) -> u32 {
        self.levels.first_key_value().map_or(NIL, |(_, &slot)| slot)
    }

    fn find(&self, price: u64) -> u32 {
        self.levels
            .get(&(price ^ self.flip))
            .copied()
            .unwrap_or(NIL)
    }

    fn insert(&mut self, price: u64, level: u32) {
        self.levels.insert(price ^ self.flip, level);
    }

    fn remove(&mut self, price: u64) {
        self.levels.remove(&(price ^ self.flip));
    }

    fn next_worse(&self, price: u64) -> u32 {
        let worse = (Excluded(price ^ self.flip), Unbounded);
        self.levels
            .range(worse)
            .next()
            .map_or(NIL, |(_, &slot)| slot)
    }
}
