//! The client order ids of one account: the newest 10,000, oldest forgotten first.
//!
//! Users choose these ids, so the table is keyed: nobody can make ids that fall into one bucket.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::layout::Text;
use crate::limits::MAX_CLIENT_IDS_PER_ACCOUNT;

/// What a client order id stood for.
#[derive(Clone, Copy, Debug)]
pub struct Remembered {
    pub client_order_id: Text<36>,
    pub order_id: u64,
    /// CRC-32 of the placing command's body.
    pub fingerprint: u32,
}

/// A ring of ids, oldest first from `oldest` on, and a table into it.
#[derive(Debug)]
pub struct ClientIds {
    ring: Vec<Remembered>,
    oldest: usize,
    table: HashTable<u32>,
    key: RandomState,
}

impl ClientIds {
    /// Begins empty, under a hash key.
    pub fn new(key: RandomState) -> Self {
        Self {
            ring: Vec::new(),
            oldest: 0,
            table: HashTable::new(),
            key,
        }
    }

    fn hash(&self, id: &Text<36>) -> u64 {
        self.key.hash_one(id.as_bytes())
    }

    /// Returns what an id stands for.
    pub fn get(&self, id: &Text<36>) -> Option<&Remembered> {
        let is_it = |&at: &u32| self.ring[at as usize].client_order_id == *id;
        let at = *self.table.find(self.hash(id), is_it)?;
        Some(&self.ring[at as usize])
    }

    /// Remembers an id that is not known; the oldest is forgotten when there are too many.
    pub fn remember(&mut self, new: Remembered) {
        let at = if self.ring.len() < MAX_CLIENT_IDS_PER_ACCOUNT {
            self.ring.push(new);
            self.ring.len() - 1
        } else {
            let at = self.oldest;
            self.forget(at);
            self.ring[at] = new;
            self.oldest = (at + 1) % MAX_CLIENT_IDS_PER_ACCOUNT;
            at
        };
        let hash = self.hash(&new.client_order_id);
        let (ring, key) = (&self.ring, &self.key);
        let rehash = |&at: &u32| key.hash_one(ring[at as usize].client_order_id.as_bytes());
        self.table.insert_unique(hash, at as u32, rehash);
    }

    fn forget(&mut self, at: usize) {
        let hash = self.hash(&self.ring[at].client_order_id);
        if let Ok(entry) = self.table.find_entry(hash, |&found| found as usize == at) {
            entry.remove();
        }
    }

    /// Yields what is remembered, oldest first.
    pub fn oldest_first(&self) -> impl Iterator<Item = &Remembered> {
        let (newer, older) = self.ring.split_at(self.oldest);
        older.iter().chain(newer)
    }

    /// Returns how many ids are remembered.
    pub fn len(&self) -> usize {
        self.ring.len()
    }

    /// Tells whether none is remembered.
    pub fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }
}
