//! From the ids that messages carry to slots: small ids by position, large ones by hash.
//!
//! The ids of assets, markets and accounts are given out by the exchange itself, not by its users, so a fast hash
//! does. Tables are never walked: nothing depends on the order of their entries.

use crate::arena::NIL;
use crate::prefetch::prefetch;

/// Ids below this are looked up by position.
const DIRECT: u64 = 1 << 17;

/// Places of a table at first.
const FIRST_SIZE: usize = 16;

/// Spreads a number's bits over 64 bits.
#[inline(always)]
pub fn spread(number: u64) -> u64 {
    let product = u128::from(number ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
    (product as u64) ^ (product >> 64) as u64
}

/// Slots by number, in an open-addressing table at most half full; entries are never removed.
#[derive(Debug)]
pub struct SlotTable {
    /// A place without a slot is empty.
    entries: Vec<(u64, u32)>,
    used: usize,
}

impl Default for SlotTable {
    fn default() -> Self {
        Self {
            entries: vec![(0, NIL); FIRST_SIZE],
            used: 0,
        }
    }
}

impl SlotTable {
    /// Returns where a number is, or where it would go.
    #[inline(always)]
    fn place(&self, number: u64) -> usize {
        let mask = self.entries.len() - 1;
        let mut at = spread(number) as usize & mask;
        while self.entries[at].1 != NIL && self.entries[at].0 != number {
            at = (at + 1) & mask;
        }
        at
    }

    /// Asks for the memory that `get` of this number looks at first.
    #[inline(always)]
    fn prefetch(&self, number: u64) {
        prefetch(&self.entries[spread(number) as usize & (self.entries.len() - 1)]);
    }

    /// Returns the slot of a number, `NIL` when it has none.
    #[inline]
    pub fn get(&self, number: u64) -> u32 {
        self.entries[self.place(number)].1
    }

    /// Gives a number its slot; it must have none.
    pub fn insert(&mut self, number: u64, slot: u32) {
        self.used += 1;
        if self.used * 2 > self.entries.len() {
            let larger = vec![(0, NIL); self.entries.len() * 2];
            for entry in std::mem::replace(&mut self.entries, larger) {
                if entry.1 != NIL {
                    let place = self.place(entry.0);
                    self.entries[place] = entry;
                }
            }
        }
        let place = self.place(number);
        self.entries[place] = (number, slot);
    }
}

/// Slots by pairs of slots.
#[derive(Debug, Default)]
pub struct PairTable(SlotTable);

impl PairTable {
    #[inline(always)]
    fn number(first: u32, second: u32) -> u64 {
        (u64::from(first) << 32) | u64::from(second)
    }

    /// Returns the slot of a pair, `NIL` when it has none.
    #[inline]
    pub fn get(&self, first: u32, second: u32) -> u32 {
        self.0.get(Self::number(first, second))
    }

    /// Asks for the memory that `get` of this pair looks at first.
    #[inline(always)]
    pub fn prefetch(&self, first: u32, second: u32) {
        self.0.prefetch(Self::number(first, second));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_entered_and_nothing_else() {
        let mut table = SlotTable::default();
        let numbers = |n: u64| spread(n) >> (n % 64);
        let mut known = std::collections::HashMap::new();
        for n in 0..10_000 {
            let number = numbers(n);
            let found = table.get(number);
            assert_eq!(found, known.get(&number).copied().unwrap_or(NIL));
            if found == NIL {
                table.insert(number, n as u32);
                known.insert(number, n as u32);
            }
        }
        assert!(
            known
                .iter()
                .all(|(&number, &slot)| table.get(number) == slot)
        );
        assert_eq!(table.get(u64::MAX), NIL);
    }
}
