//! A design that was measured and not taken: a hash table for prices, a sorted list for their order.
//!
//! The best price stands last, so that what happens near the touch moves few bytes. A level far from the touch moves
//! all that are better: in a book of many levels that costs, and grows with the book.

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use cse_native::arena::NIL;
use cse_native::book::LevelIndex;
use cse_native::messages::Side;

/// Levels by price, and the prices, flipped on the buy side, from the worst to the best.
pub struct SortedIndex {
    flip: u64,
    slots: HashMap<u64, u32, FxBuildHasher>,
    keys: Vec<u64>,
}

impl SortedIndex {
    fn place(&self, key: u64) -> usize {
        self.keys.partition_point(|&other| other > key)
    }
}

impl LevelIndex for SortedIndex {
    fn new(side: Side) -> Self {
        Self {
            flip: if side == Side::Buy { u64::MAX } else { 0 },
            slots: HashMap::default(),
            keys: Vec::new(),
        }
    }

    fn best(&self) -> u32 {
        self.keys.last().map_or(NIL, |key| self.slots[key])
    }

    fn find(&self, price: u64) -> u32 {
        self.slots.get(&(price ^ self.flip)).copied().unwrap_or(NIL)
    }

    fn insert(&mut self, price: u64, level: u32) {
        let key = price ^ self.flip;
        self.slots.insert(key, level);
        self.keys.insert(self.place(key), key);
    }

    fn remove(&mut self, price: u64) {
        let key = price ^ self.flip;
        self.slots.remove(&key);
        self.keys.remove(self.place(key));
    }

    fn next_worse(&self, price: u64) -> u32 {
        let place = self.place(price ^ self.flip);
        let worse = place.checked_sub(1).map(|at| self.keys[at]);
        worse.map_or(NIL, |key| self.slots[&key])
    }
}
