//! From the ids that messages carry to slots: small ids by position, large ones by hash.
//!
//! The ids of assets, markets and accounts are given out by the exchange itself, not by its users, so a fast hash
//! does. Tables are never walked: nothing depends on the order of their entries.

use hashbrown::HashTable;

use crate::arena::NIL;

/// Ids below this are looked up by position.
const DIRECT: u64 = 1 << 17;

/// Spreads a number's bits over 64 bits.
#[inline(always)]
pub fn spread(number: u64) -> u64 {
    let product = u128::from(number ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
    (product as u64) ^ (product >> 64) as u64
}

/// Slots by number; entries are never removed.
#[derive(Debug, Default)]
pub struct SlotTable {
    entries: HashTable<(u64, u32)>,
}

impl SlotTable {
    /// Returns the slot of a number, `NIL` when it has none.
    #[inline]
    pub fn get(&self, number: u64) -> u32 {
        self.entries
            .find(spread(number), |entry| entry.0 == number)
            .map_or(NIL, |entry| entry.1)
    }

    /// Gives a number its slot; it must have none.
    pub fn insert(&mut self, number: u64, slot: u32) {
        let rehash = |entry: &(u64, u32)| spread(entry.0);
        self.entries
            .insert_unique(spread(number), (number, slot), rehash);
    }
}

/// Slots by pairs of slots.
#[derive(Debug, Default)]
pub struct PairTable(SlotTable);

impl PairTable {
    #[inline(always)]
    fn number(first: u32, second: u32) -> u64 {
        u64::from(first) << 32 | u64::from(second)
    }

    /// Returns the slot of a pair, `NIL` when it has none.
    #[inline]
    pub fn get(&self, first: u32, second: u32) -> u32 {
        self.0.get(Self::number(first, second))
    }

    /// Gives a pair its slot; it must have none.
    pub fn insert(&mut self, first: u32, second: u32, slot: u32) {
        self.0.insert(Self::number(first, second), slot);
    }
}

/// Slots by id, small ids first; entries are never removed.
#[derive(Debug, Default)]
pub struct IdTable {
    direct: Vec<u32>,
    far: SlotTable,
}

impl IdTable {
    /// Returns the slot of an id, `NIL` when it has none.
    #[inline]
    pub fn get(&self, id: u64) -> u32 {
        if id < DIRECT {
            return self.direct.get(id as usize).copied().unwrap_or(NIL);
        }
        self.far.get(id)
    }

    /// Gives an id its slot; it must have none.
    pub fn insert(&mut self, id: u64, slot: u32) {
        if id >= DIRECT {
            self.far.insert(id, slot);
            return;
        }
        let at = id as usize;
        if at >= self.direct.len() {
            self.direct.resize((at + 1).next_power_of_two(), NIL);
        }
        self.direct[at] = slot;
    }
}
