//! Open orders by id: an open-addressing table of 8-byte entries.
//!
//! Ids count up, so eight neighbouring ids share one cache line; lines are spread by hash, so that no pattern of open
//! orders makes long runs. Removing moves followers back: there are no tombstones, and no pauses to clear them.

use crate::arena::NIL;
use crate::ids::spread;

const EMPTY: u64 = u64::MAX;
const FIRST_SIZE: usize = 1 << 10;
const LINE: u64 = 8;

/// Slots of orders by id. Entries hold the low half of an id: the caller's `is_it` has the last word.
#[derive(Debug)]
pub struct OrderTable {
    /// Low half of the id above, slot below.
    entries: Vec<u64>,
    used: usize,
}

impl Default for OrderTable {
    fn default() -> Self {
        Self {
            entries: vec![EMPTY; FIRST_SIZE],
            used: 0,
        }
    }
}

impl OrderTable {
    fn home(&self, low: u64) -> usize {
        let line = spread(low / LINE) & !(LINE - 1);
        ((line | (low % LINE)) as usize) & (self.entries.len() - 1)
    }

    fn next(&self, at: usize) -> usize {
        (at + 1) & (self.entries.len() - 1)
    }

    /// Returns the slot of an order, `NIL` when there is none; `is_it` tells whether a slot holds that very id.
    #[inline]
    pub fn find(&self, order_id: u64, is_it: impl Fn(u32) -> bool) -> u32 {
        let low = order_id & 0xffff_ffff;
        let mut at = self.home(low);
        loop {
            let entry = self.entries[at];
            if entry == EMPTY {
                return NIL;
            }
            if entry >> 32 == low && is_it(entry as u32) {
                return entry as u32;
            }
            at = self.next(at);
        }
    }

    /// Enters an order that is not in.
    #[inline]
    pub fn insert(&mut self, order_id: u64, slot: u32) {
        if self.used * 2 >= self.entries.len() {
            self.grow();
        }
        self.used += 1;
        self.place((order_id & 0xffff_ffff) << 32 | u64::from(slot));
    }

    fn place(&mut self, entry: u64) {
        let mut at = self.home(entry >> 32);
        while self.entries[at] != EMPTY {
            at = self.next(at);
        }
        self.entries[at] = entry;
    }

    #[cold]
    fn grow(&mut self) {
        let larger = vec![EMPTY; self.entries.len() * 2];
        for entry in std::mem::replace(&mut self.entries, larger) {
            if entry != EMPTY {
                self.place(entry);
            }
        }
    }

    /// Forgets an order that is in.
    #[inline]
    pub fn remove(&mut self, order_id: u64, slot: u32) {
        let wanted = (order_id & 0xffff_ffff) << 32 | u64::from(slot);
        let mut hole = self.home(wanted >> 32);
        while self.entries[hole] != wanted {
            assert_ne!(self.entries[hole], EMPTY, "order {order_id} is in");
            hole = self.next(hole);
        }
        self.used -= 1;
        self.close(hole);
    }

    /// Moves followers back so that none lies behind a gap in front of its home.
    fn close(&mut self, mut hole: usize) {
        let mask = self.entries.len() - 1;
        let mut at = self.next(hole);
        while self.entries[at] != EMPTY {
            let home = self.home(self.entries[at] >> 32);
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(hole) & mask {
                self.entries[hole] = self.entries[at];
                hole = at;
            }
            at = self.next(at);
        }
        self.entries[hole] = EMPTY;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use std::collections::hash_map::Entry;

    #[test]
    fn equals_a_map_of_the_standard_library() {
        let (mut table, mut model) = (OrderTable::default(), HashMap::new());
        let mut seed = 1_u64;
        for step in 1..50_000_u64 {
            seed = spread(seed);
            let id = step << (seed % 2 * 16);
            if let Entry::Vacant(entry) = model.entry(id) {
                table.insert(id, *entry.insert(step as u32));
            }
            let gone = seed % step;
            if let Some(slot) = model.remove(&gone) {
                table.remove(gone, slot);
            }
            let is_it = |slot| model.get(&gone) == Some(&slot);
            assert_eq!(table.find(gone, is_it), NIL);
        }
        for (&id, &slot) in &model {
            assert_eq!(table.find(id, |found| found == slot), slot);
        }
        assert_eq!(table.used, model.len());
    }
}
