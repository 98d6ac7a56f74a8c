//! The queue of triggered orders, first in first out, linked through the orders themselves.

use crate::arena::{Arena, NIL};
use crate::model::{Order, Place};

/// Both ends of the queue.
#[derive(Debug)]
pub struct Queue {
    head: u32,
    tail: u32,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            head: NIL,
            tail: NIL,
        }
    }
}

impl Queue {
    /// Tells whether nobody is waiting.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.head == NIL
    }

    /// Returns who is first, `NIL` when nobody is.
    pub fn first(&self) -> u32 {
        self.head
    }

    /// Lets an order queue behind all others.
    pub fn push(&mut self, orders: &mut Arena<Order>, slot: u32) {
        let order = &mut orders[slot];
        order.place = Place::Queued;
        order.prev = self.tail;
        order.next = NIL;
        if self.tail == NIL {
            self.head = slot;
        } else {
            orders[self.tail].next = slot;
        }
        self.tail = slot;
    }

    /// Takes an order out, wherever it stands.
    pub fn remove(&mut self, orders: &mut Arena<Order>, slot: u32) {
        let order = &mut orders[slot];
        order.place = Place::Entering;
        let (prev, next) = (order.prev, order.next);
        if prev == NIL {
            self.head = next;
        } else {
            orders[prev].next = next;
        }
        if next == NIL {
            self.tail = prev;
        } else {
            orders[next].prev = prev;
        }
    }
}
