//! Storage by slot: rows of equal things in one block of memory, with the free slots chained for reuse.
//!
//! Nothing is allocated per order: a freed slot is the next one to be given out.

/// No slot: the end of a chain, or nothing there.
pub const NIL: u32 = u32::MAX;

/// Something that can lie in an arena: it gives up one of its links while its slot is free.
pub trait Slotted: Default {
    /// Returns the link that chains free slots.
    fn link(&self) -> u32;

    /// Sets the link that chains free slots.
    fn set_link(&mut self, to: u32);
}

/// Rows of `T` by slot.
#[derive(Debug)]
pub struct Arena<T> {
    rows: Vec<T>,
    free: u32,
    live: usize,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            free: NIL,
            live: 0,
        }
    }
}

impl<T: Slotted> Arena<T> {
    /// Returns an empty arena with room for so many rows. Memory that is not written to yet takes only addresses.
    pub fn with_room(rows: usize) -> Self {
        Self {
            rows: Vec::with_capacity(rows),
            ..Self::default()
        }
    }

    /// Returns a slot that now holds `row`.
    ///
    /// # Panics
    ///
    /// When 2^32-1 rows are in: memory ends long before.
    #[inline(always)]
    pub fn put(&mut self, row: T) -> u32 {
        self.live += 1;
        let slot = self.free;
        if slot == NIL {
            return self.grow(row);
        }
        let place = &mut self.rows[slot as usize];
        self.free = place.link();
        *place = row;
        slot
    }

    fn grow(&mut self, row: T) -> u32 {
        let slot = u32::try_from(self.rows.len())
            .ok()
            .filter(|&slot| slot != NIL);
        self.rows.push(row);
        slot.expect("an arena holds fewer than 2^32 rows")
    }

    /// Frees a slot that is in use.
    #[inline]
    pub fn free(&mut self, slot: u32) {
        self.live -= 1;
        self.rows[slot as usize].set_link(self.free);
        self.free = slot;
    }

    /// Returns how many slots are in use.
    pub fn live(&self) -> usize {
        self.live
    }

    /// Returns all rows, those of free slots among them.
    pub fn rows(&self) -> &[T] {
        &self.rows
    }
}

impl<T> std::ops::Index<u32> for Arena<T> {
    type Output = T;

    #[inline]
    fn index(&self, slot: u32) -> &T {
        &self.rows[slot as usize]
    }
}

impl<T> std::ops::IndexMut<u32> for Arena<T> {
    #[inline]
    fn index_mut(&mut self, slot: u32) -> &mut T {
        &mut self.rows[slot as usize]
    }
}
