//! The dense part of a level index: a run of neighbouring keys, each with its own place.
//!
//! Keys lie in blocks of 64 with a bitmap each, and one more bitmap tells which blocks have any: the next key
//! in order is two bit scans away. The blocks form a ring, so the run moves by covering a block at one end and
//! giving one up at the other, and nothing is copied.

use crate::arena::NIL;
use crate::prefetch::prefetch;

/// Keys of one block.
pub const BLOCK_KEYS: u64 = 64;

/// The most blocks that a ring covers: one bit each in the summary.
pub const MAX_BLOCKS: u64 = 64;

/// 64 neighbouring keys.
#[derive(Clone, Debug)]
struct Block {
    /// Bit `key % 64`: the key is in.
    present: u64,
    /// Level slots by `key % 64`, NIL where there is none.
    slots: [u32; BLOCK_KEYS as usize],
}

const BLANK: Block = Block {
    present: 0,
    slots: [NIL; BLOCK_KEYS as usize],
};

/// A run of blocks. A block outside the run has no keys in the ring.
#[derive(Debug)]
pub struct Ring {
    /// Number (`key / 64`) of the first block of the run.
    first: u64,
    /// Blocks of the run.
    covered: u64,
    /// Bit `block % 64`: the block has keys.
    summary: u64,
    /// Keys in the ring.
    count: usize,
    /// Places for blocks, a power of two; block `n` is at `n % places`.
    blocks: Vec<Block>,
}

impl Ring {
    /// Return a ring that covers nothing and takes no memory.
    pub const fn new() -> Self {
        Self {
            first: 0,
            covered: 0,
            summary: 0,
            count: 0,
            blocks: Vec::new(),
        }
    }

    /// Tell how many keys are in.
    #[inline]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Tell whether a key belongs here.
    #[inline]
    pub const fn covers(&self, key: u64) -> bool {
        (key / BLOCK_KEYS).wrapping_sub(self.first) < self.covered
    }

    /// Return for how many blocks there is memory, at least one.
    pub fn places(&self) -> u64 {
        (self.blocks.len() as u64).max(1)
    }

    /// Return the first block of the run and the first one beyond it.
    #[inline]
    pub const fn run(&self) -> (u64, u64) {
        (self.first, self.first + self.covered)
    }

    #[inline]
    fn place(&self, block: u64) -> usize {
        (block as usize) & (self.blocks.len() - 1)
    }

    /// Ask for the memory of a covered key.
    #[inline(always)]
    pub fn prefetch(&self, key: u64) {
        let block = &self.blocks[self.place(key / BLOCK_KEYS)];
        prefetch(&block.present);
        prefetch(&block.slots[(key % BLOCK_KEYS) as usize]);
    }

    /// Return the level of a covered key, or NIL.
    #[inline]
    pub fn get(&self, key: u64) -> u32 {
        self.blocks[self.place(key / BLOCK_KEYS)].slots[(key % BLOCK_KEYS) as usize]
    }

    /// Put a level in at a covered key that has none.
    #[inline]
    pub fn set(&mut self, key: u64, level: u32) {
        let number = key / BLOCK_KEYS;
        let place = self.place(number);
        let block = &mut self.blocks[place];
        block.present |= 1 << (key % BLOCK_KEYS);
        block.slots[(key % BLOCK_KEYS) as usize] = level;
        self.summary |= 1 << (number % MAX_BLOCKS);
        self.count += 1;
    }

    /// Take the level of a covered key out; there is one.
    #[inline]
    pub fn clear(&mut self, key: u64) {
        let number = key / BLOCK_KEYS;
        let place = self.place(number);
        let block = &mut self.blocks[place];
        block.present &= !(1 << (key % BLOCK_KEYS));
        block.slots[(key % BLOCK_KEYS) as usize] = NIL;
        if block.present == 0 {
            self.summary &= !(1 << (number % MAX_BLOCKS));
        }
        self.count -= 1;
    }

    /// Return the lowest key that is at least `key`, which is covered.
    #[inline]
    pub fn at_or_after(&self, key: u64) -> Option<u64> {
        let number = key / BLOCK_KEYS;
        let here = self.blocks[self.place(number)].present >> (key % BLOCK_KEYS);
        if here != 0 {
            return Some(key + u64::from(here.trailing_zeros()));
        }
        let next = number + 1;
        if next == self.first + self.covered {
            return None;
        }
        self.first_from(next)
    }

    /// Return the lowest key of all.
    #[inline]
    pub fn lowest(&self) -> Option<u64> {
        self.first_from(self.first)
    }

    /// Return the lowest key in the blocks from `block` on, which is in the run.
    #[inline]
    fn first_from(&self, block: u64) -> Option<u64> {
        // Blocks before `block` turn up behind the others once the summary is rotated.
        let ahead = self.summary.rotate_right((block % MAX_BLOCKS) as u32);
        let step = u64::from(ahead.trailing_zeros());
        let number = block + step;
        if step == MAX_BLOCKS || number >= self.first + self.covered {
            return None;
        }
        let present = self.blocks[self.place(number)].present;
        Some(number * BLOCK_KEYS + u64::from(present.trailing_zeros()))
    }

    /// Begin anew at one block; the ring is empty.
    pub fn restart(&mut self, block: u64) {
        debug_assert!(self.count == 0, "keys would be lost");
        if self.blocks.is_empty() {
            self.blocks.push(BLANK);
        }
        self.first = block;
        self.covered = 1;
    }

    /// Make the run begin at an earlier block. It must fit MAX_BLOCKS.
    pub fn extend_down(&mut self, block: u64) {
        let covered = self.first + self.covered - block;
        self.make_room(covered);
        self.first = block;
        self.covered = covered;
    }

    /// Make the run end with a later block. It must fit MAX_BLOCKS.
    pub fn extend_up(&mut self, block: u64) {
        let covered = block + 1 - self.first;
        self.make_room(covered);
        self.covered = covered;
    }

    /// Give up the blocks before the first one that has keys; the ring is not empty.
    pub fn trim_front(&mut self) {
        let shift = (self.first % MAX_BLOCKS) as u32;
        let blank = u64::from(self.summary.rotate_right(shift).trailing_zeros());
        self.first += blank;
        self.covered -= blank;
    }

    /// Give up the blocks behind the last one that has keys, and return how many keys that one has.
    pub fn trim_back(&mut self) -> u32 {
        let last = self.first + self.covered - 1;
        let blank = self.summary.rotate_left(63 - (last % MAX_BLOCKS) as u32);
        self.covered -= u64::from(blank.leading_zeros());
        let place = self.place(self.first + self.covered - 1);
        self.blocks[place].present.count_ones()
    }

    /// Give up the last block and hand its keys and levels over, lowest first.
    pub fn give_up_last(&mut self, mut take: impl FnMut(u64, u32)) {
        let last = self.first + self.covered - 1;
        let place = self.place(last);
        let block = &mut self.blocks[place];
        let mut present = block.present;
        self.count -= present.count_ones() as usize;
        while present != 0 {
            let bit = present.trailing_zeros();
            take(
                last * BLOCK_KEYS + u64::from(bit),
                block.slots[bit as usize],
            );
            block.slots[bit as usize] = NIL;
            present &= present - 1;
        }
        block.present = 0;
        self.summary &= !(1 << (last % MAX_BLOCKS));
        self.covered -= 1;
    }

    /// Have places for this many blocks: at most 17 kB are ever copied, and a ring grows six times in its life.
    fn make_room(&mut self, covered: u64) {
        debug_assert!(covered <= MAX_BLOCKS, "the summary has one bit per block");
        if covered <= self.blocks.len() as u64 {
            return;
        }
        let mut blocks = vec![BLANK; covered.next_power_of_two() as usize];
        for number in self.first..self.first + self.covered {
            let (from, to) = (self.place(number), (number as usize) & (blocks.len() - 1));
            blocks[to] = self.blocks[from].clone();
        }
        self.blocks = blocks;
    }
}
