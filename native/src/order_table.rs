//! Open orders by id: a hash table of lines of eight neighbouring ids each.
//!
//! Ids count up, so orders that come together share a line; a line is looked for once per eight ids and is entered and
//! removed once. Removing moves followers back: there are no tombstones, and no pauses to clear them.

use crate::arena::NIL;
use crate::ids::spread;
use crate::prefetch::prefetch;

/// Ids of one line.
const LINE: u64 = 8;
/// Lines at first: 5 MB of addresses, of which the system gives as many pages as are touched. Until 65,536 lines are in
/// use no order waits for the table to grow.
const FIRST_SIZE: usize = 1 << 17;
/// Nothing is in a place of all zero bits: memory as the system gives it is an empty table.
const EMPTY: u64 = 0;
const BLANK: [u32; LINE as usize] = [0; LINE as usize];

/// Slots of orders by id.
#[derive(Debug)]
pub struct OrderTable {
    /// Which line lies where: an eighth of its first id, plus one, or EMPTY.
    lines: Vec<u64>,
    /// Complements of the slots of each line's ids, that of `NIL` being 0.
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

/// Returns the line of an order, and its place there.
#[inline(always)]
fn line_of(order_id: u64) -> (u64, usize) {
    (order_id / LINE + 1, (order_id % LINE) as usize)
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
        let at = spread(line_of(order_id).0) as usize & (self.lines.len() - 1);
        prefetch(&self.lines[at]);
        prefetch(&self.slots[at]);
    }

    /// Returns the slot of an order, `NIL` when there is none.
    #[inline]
    pub fn find(&self, order_id: u64) -> u32 {
        let (line, at) = line_of(order_id);
        !self.slots[self.place(line)][at]
    }

    /// Enters an order that is not in.
    #[inline]
    pub fn insert(&mut self, order_id: u64, slot: u32) {
        let (line, at) = line_of(order_id);
        let mut place = self.place(line);
        if self.lines[place] == EMPTY {
            if (self.used + 1) * 2 > self.lines.len() {
                self.grow();
                place = self.place(line);
            }
            self.used += 1;
            self.lines[place] = line;
        }
        self.slots[place][at] = !slot;
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
        let (line, at) = line_of(order_id);
        let place = self.place(line);
        let slots = &mut self.slots[place];
        slots[at] = !NIL;
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
