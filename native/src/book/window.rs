//! The level index of the engine: a dense window where the market is, a tree for everything else.
//!
//! Every price works: a key is in the window exactly if the window covers it, else in the tree. The window
//! follows the best price by whole blocks of 64 prices. What it costs to move is the levels that change from one
//! part to the other, and that is paid in advance: each insertion and removal earns a credit, and giving a level
//! up to the tree costs one, or four on a way that is longer than the window. So a caller that jumps between near
//! and far prices cannot make the window run after it, and no call moves more than a few blocks.

use std::collections::BTreeMap;

use super::index::LevelIndex;
use super::ring::{BLOCK_KEYS, MAX_BLOCKS, Ring};
use crate::arena::NIL;
use crate::messages::Side;
use crate::prefetch::prefetch;

/// Greater than every key.
const NO_KEY: u64 = u64::MAX;

/// Credits that giving up a level costs when the window then is where it is wanted.
const SLIDE_PRICE: u64 = 1;

/// The same when more must follow: more, so that it is done only for prices that stay there.
const JUMP_PRICE: u64 = 4;

/// Credits kept at most: what one block costs.
const MAX_CREDIT: u64 = JUMP_PRICE * BLOCK_KEYS;

/// Levels taken out of the tree by one insertion: two blocks and what the last one holds besides.
const MAX_TAKEN: usize = 128;

/// As soon as a level of the tree is this near behind the best one, the window takes it in.
const REFILL_KEYS: u64 = 1_024;

/// Places of the window per level of the side, so that thin sides take little memory.
const PLACES_PER_LEVEL: u64 = 16;

/// One side of a book by price. Keys order levels from the best on: `price - 1` for asks, `!price` for bids.
#[derive(Debug)]
pub struct WindowIndex {
    /// All bits set for bids: see `key`.
    flip: u64,
    credit: u64,
    best_key: u64,
    best: u32,
    ring: Ring,
    far: BTreeMap<u64, u32>,
    /// The lowest key of the tree, or NO_KEY.
    nearest_far: u64,
}

impl LevelIndex for WindowIndex {
    fn new(side: Side) -> Self {
        Self {
            flip: if side == Side::Buy { u64::MAX } else { 0 },
            credit: 0,
            best_key: NO_KEY,
            best: NIL,
            ring: Ring::new(),
            far: BTreeMap::new(),
            nearest_far: NO_KEY,
        }
    }

    #[inline]
    fn best(&self) -> u32 {
        self.best
    }

    #[inline]
    fn find(&self, price: u64) -> u32 {
        let key = self.key(price);
        if self.ring.covers(key) {
            self.ring.get(key)
        } else {
            self.find_far(key)
        }
    }

    #[inline]
    fn insert(&mut self, price: u64, level: u32) {
        let key = self.key(price);
        self.earn();
        if !self.ring.covers(key) {
            self.reach(key / BLOCK_KEYS);
        }
        if self.ring.covers(key) {
            self.ring.set(key, level);
        } else {
            self.put_far(key, level);
        }
        if key < self.best_key {
            self.best_key = key;
            self.best = level;
        }
    }

    #[inline]
    fn remove(&mut self, price: u64) {
        let key = self.key(price);
        self.earn();
        if self.ring.covers(key) {
            self.ring.clear(key);
        } else {
            self.drop_far(key);
        }
        if key == self.best_key {
            self.renew_best();
        }
    }

    #[inline]
    fn next_worse(&self, price: u64) -> u32 {
        let Some(after) = self.key(price).checked_add(1) else {
            return NIL;
        };
        let near = if self.ring.covers(after) {
            self.ring.at_or_after(after)
        } else {
            self.ring.lowest().filter(|&key| key >= after)
        };
        let near = near.unwrap_or(NO_KEY);
        if self.nearest_far < near {
            let far = self.far.range(after..).next();
            if let Some((_, &level)) = far.filter(|&(&key, _)| key < near) {
                return level;
            }
        }
        if near == NO_KEY {
            NIL
        } else {
            self.ring.get(near)
        }
    }
}

impl WindowIndex {
    /// Asks for the memory of the index itself.
    #[inline(always)]
    pub fn prefetch_ends(&self) {
        prefetch(&self.flip);
        prefetch(&self.nearest_far);
        prefetch(&self.ring);
    }

    /// Asks for the memory that `find` of this price looks at.
    #[inline(always)]
    pub fn prefetch(&self, price: u64) {
        let key = self.key(price);
        if self.ring.covers(key) {
            self.ring.prefetch(key);
        }
    }

    #[inline]
    fn key(&self, price: u64) -> u64 {
        debug_assert!(price > 0, "prices begin at 1");
        (price ^ self.flip).wrapping_sub(1 & !self.flip)
    }

    #[inline]
    fn earn(&mut self) {
        self.credit = MAX_CREDIT.min(self.credit + 1);
    }

    #[cold]
    #[inline(never)]
    fn find_far(&self, key: u64) -> u32 {
        self.far.get(&key).copied().unwrap_or(NIL)
    }

    fn put_far(&mut self, key: u64, level: u32) {
        self.far.insert(key, level);
        self.nearest_far = self.nearest_far.min(key);
    }

    fn drop_far(&mut self, key: u64) {
        self.far.remove(&key);
        if key == self.nearest_far {
            self.renew_nearest_far();
        }
    }

    fn renew_nearest_far(&mut self) {
        self.nearest_far = self.far.first_key_value().map_or(NO_KEY, |(&key, _)| key);
    }

    /// Find the best level again; when the window has run empty it begins anew where the tree's best is.
    fn renew_best(&mut self) {
        if self.ring.count() == 0 && !self.far.is_empty() {
            let block = self.nearest_far / BLOCK_KEYS;
            self.ring.restart(block);
            self.take_block(block);
        }
        let near = self.ring.lowest().unwrap_or(NO_KEY);
        if near < self.nearest_far && self.nearest_far - near < REFILL_KEYS {
            self.reach_up(self.nearest_far / BLOCK_KEYS);
        }
        if self.nearest_far < near {
            self.best_key = self.nearest_far;
            self.best = self.find_far(self.nearest_far);
        } else {
            self.best_key = near;
            self.best = if near == NO_KEY {
                NIL
            } else {
                self.ring.get(near)
            };
        }
    }

    /// Try to make the window cover a block that it does not cover.
    #[cold]
    #[inline(never)]
    fn reach(&mut self, block: u64) {
        if self.ring.count() == 0 {
            self.ring.restart(block);
            self.take_block(block);
        } else if block < self.ring.run().0 {
            self.reach_down(block);
        } else {
            self.reach_up(block);
        }
    }

    /// Return how many blocks the window may cover: more for sides with more levels.
    fn allowed(&self) -> u64 {
        let levels = (self.ring.count() + self.far.len()) as u64 + 1;
        (levels * PLACES_PER_LEVEL / BLOCK_KEYS).clamp(self.ring.places(), MAX_BLOCKS)
    }

    /// Cover a block of better prices, giving up the worst levels of the window as far as there is credit.
    fn reach_down(&mut self, block: u64) {
        let allowed = self.allowed();
        while self.ring.run().1 - block > allowed {
            let keys = self.ring.trim_back();
            if self.ring.run().1 - block <= allowed {
                break;
            }
            let slides = self.ring.run().1 - 1 - block <= allowed;
            let cost = u64::from(keys) * if slides { SLIDE_PRICE } else { JUMP_PRICE };
            if self.credit < cost {
                return;
            }
            self.credit -= cost;
            let Self { ring, far, .. } = self;
            ring.give_up_last(|key, level| _ = far.insert(key, level));
            self.renew_nearest_far();
            if self.ring.count() == 0 {
                self.ring.restart(block);
                self.take_block(block);
                return;
            }
        }
        let mut taken = 0;
        while taken < MAX_TAKEN && self.ring.run().0 > block {
            let start = self.ring.run().0 * BLOCK_KEYS;
            let below = self.far.range(block * BLOCK_KEYS..start).next_back();
            let next = below.map_or(block, |(&key, _)| key / BLOCK_KEYS);
            self.ring.extend_down(next);
            taken += self.take_block(next);
        }
    }

    /// Cover a block of worse prices, if the window can without giving levels up.
    fn reach_up(&mut self, block: u64) {
        let allowed = self.allowed();
        if block - self.ring.run().0 >= allowed {
            self.ring.trim_front();
        }
        if block - self.ring.run().0 >= allowed {
            return;
        }
        let mut taken = 0;
        while taken < MAX_TAKEN && self.ring.run().1 <= block {
            let end = self.ring.run().1 * BLOCK_KEYS;
            let above = self.far.range(end..block * BLOCK_KEYS).next();
            let next = above.map_or(block, |(&key, _)| key / BLOCK_KEYS);
            self.ring.extend_up(next);
            taken += self.take_block(next);
        }
    }

    /// Move the levels of a block that the window covers now out of the tree; returns how many.
    fn take_block(&mut self, block: u64) -> usize {
        let start = block * BLOCK_KEYS;
        let end = start + (BLOCK_KEYS - 1);
        let before = self.far.len();
        if self.nearest_far < start {
            while let Some((&key, &level)) = self.far.range(start..=end).next() {
                self.far.remove(&key);
                self.ring.set(key, level);
            }
            return before - self.far.len();
        }
        while self.nearest_far <= end {
            let Some((key, level)) = self.far.pop_first() else {
                break;
            };
            self.ring.set(key, level);
            self.renew_nearest_far();
        }
        before - self.far.len()
    }
}
