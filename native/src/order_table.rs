//! Open orders by id: a hash table of lines of eight neighbouring ids each.
//!
//! Ids count up, so orders that come together share a line; a line is looked for once per eight ids and is entered and
//! removed once. Removing moves followers back: there are no tombstones, and no pauses to clear them.

use crate::arena::NIL;
use crate::ids::spread;
use crate::prefetch::prefetch;

/// Ids of one line.
const LINE: u64 = 8;
/// Lines at first.
const FIRST_SIZE: usize = 1 << 7;
const EMPTY: u64 = u64::MAX;
const BLANK: [u32; LINE as usize] = [NIL; LINE as usize];

/// Slots of orders by id.
#[derive(Debug)]
pub struct OrderTable {
    /// Which line lies where: the number of its first id by eight, or EMPTY.
    lines: Vec<u64>,
    /// Slots of the ids of each line.
    slots: Vec<[u32; LINE as usize]>,
    /// Lines in use: at most half.
    used: usize,
}

impl Default for OrderTable {
    fn default() -> Self {
        Self {
            lines: vec![EMPTY; FIRST_SIZE],
            slots: vec![BLANK; FIRST_SIZE],
            used: 0,
        }
    }
}

impl OrderTable {
    /// Returns the place where a line is, or where it would go.
    #[inline(always)]
    fn place(&self, line: u64) -> usize {
        let mask = self.lines.len() - 1;
        let mut at = spread(line) as usize & mask;
        while self.lines[at] != line && self.lines[at] != EMPTY {
            at = (at + 1) & mask;
        }
        at
    }

    /// Asks for the memory that `find` of this order looks at first.
    #[inline(always)]
    pub fn prefetch(&self, order_id: u64) {
        let at = spread(order_id / LINE) as usize & (self.lines.len() - 1);
        prefetch(&self.lines[at]);
        prefetch(&self.slots[at]);
    }

    /// Returns the slot of an order, `NIL` when there is none.
    #[inline]
    pub fn find(&self, order_id: u64) -> u32 {
        self.slots[self.place(order_id / LINE)][(order_id % LINE) as usize]
    }

    /// Enters an order that is not in.
    #[inline]
    pub fn insert(&mut self, order_id: u64, slot: u32) {
        let line = order_id / LINE;
        let mut place = self.place(line);
        if self.lines[place] == EMPTY {
            if (self.used + 1) * 2 > self.lines.len() {
                self.grow();
                place = self.place(line);
            }
            self.used += 1;
            self.lines[place] = line;
        }
        self.slots[place][(order_id % LINE) as usize] = slot;
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let size = self.lines.len() * 2;
        let lines = std::mem::replace(&mut self.lines, vec![EMPTY; size]);
        let slots = std::mem::replace(&mut self.slots, vec![BLANK; size]);
        for (line, slots) in lines.into_iter().zip(slots) {
            if line != EMPTY {
                let place = self.place(line);
                self.lines[place] = line;
                self.slots[place] = slots;
            }
        }
    }

    /// Forgets an order that is in.
    #[inline]
    pub fn remove(&mut self, order_id: u64) {
        let place = self.place(order_id / LINE);
        let slots = &mut self.slots[place];
        slots[(order_id % LINE) as usize] = NIL;
        if *slots == BLANK {
            self.remove_line(place);
        }
    }

    /// Removes a line without orders, and moves followers back so that none lies behind a gap in front of its home.
    #[inline(never)]
    fn remove_line(&mut self, mut hole: usize) {
        self.used -= 1;
        let mask = self.lines.len() - 1;
        let mut at = (hole + 1) & mask;
        while self.lines[at] != EMPTY {
            let home = spread(self.lines[at]) as usize & mask;
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(hole) & mask {
                self.lines[hole] = self.lines[at];
                self.slots[hole] = std::mem::replace(&mut self.slots[at], BLANK);
                hole = at;
            }
            at = (at + 1) & mask;
        }
        self.lines[hole] = EMPTY;
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
            if model.remove(&gone).is_some() {
                table.remove(gone);
            }
            assert_eq!(table.find(gone), NIL);
        }
        for (&id, &slot) in &model {
            assert_eq!(table.find(id), slot);
        }
        for id in model.into_keys() {
            table.remove(id);
        }
        assert_eq!(table.used, 0);
        assert!(table.lines.iter().all(|&line| line == EMPTY));
    }
}
