//! Orders that wait for a price: which of them a trade sets off, and in which order.
//!
//! Buy stop-losses and sell take-profits fire when the last trade is at or above their trigger price ("up"), sell
//! stop-losses and buy take-profits when it is at or below ("down"). A move sets them off in the order in which it
//! passes them: up by rising, down by falling trigger price, equal ones by order id.

use std::collections::BTreeMap;

use crate::messages::{OrderType, Side};

/// Tells whether such an order fires at or above its trigger price (else at or below).
pub fn fires_upwards(side: Side, kind: OrderType) -> bool {
    let stop = matches!(kind, OrderType::StopLoss | OrderType::StopLossLimit);
    (side == Side::Buy) == stop
}

/// Tells whether orders of this type wait for a trigger price first.
#[inline(always)]
pub fn is_waiting_type(kind: OrderType) -> bool {
    !matches!(kind, OrderType::Limit | OrderType::Market)
}

/// The waiting orders of one market.
#[derive(Debug)]
pub struct TriggerBook {
    /// By trigger price and order id.
    up: BTreeMap<(u64, u64), u32>,
    /// By the complement of the trigger price and order id.
    down: BTreeMap<(u64, u64), u32>,
    /// The lowest price that fires an up order.
    next_up: u64,
    /// The highest price that fires a down order.
    next_down: u64,
}

impl Default for TriggerBook {
    fn default() -> Self {
        Self {
            up: BTreeMap::new(),
            down: BTreeMap::new(),
            next_up: u64::MAX,
            next_down: 0,
        }
    }
}

impl TriggerBook {
    /// Lets an order wait.
    pub fn add(&mut self, upwards: bool, trigger_price: u64, order_id: u64, slot: u32) {
        if upwards {
            self.up.insert((trigger_price, order_id), slot);
        } else {
            self.down.insert((!trigger_price, order_id), slot);
        }
        self.refresh();
    }

    /// Takes a waiting order out.
    pub fn remove(&mut self, upwards: bool, trigger_price: u64, order_id: u64) {
        if upwards {
            self.up.remove(&(trigger_price, order_id));
        } else {
            self.down.remove(&(!trigger_price, order_id));
        }
        self.refresh();
    }

    /// Tells whether a trade at `price` may set an order off.
    #[inline(always)]
    pub fn may_fire(&self, price: u64) -> bool {
        price >= self.next_up || price <= self.next_down
    }

    /// Takes out the next order that a trade at `price` sets off, first to enter first.
    pub fn pop_fired(&mut self, price: u64) -> Option<u32> {
        let slot = if price >= self.next_up && !self.up.is_empty() {
            self.up.pop_first()?.1
        } else if price <= self.next_down {
            self.down.pop_first()?.1
        } else {
            return None;
        };
        self.refresh();
        Some(slot)
    }

    fn refresh(&mut self) {
        self.next_up = self.up.first_key_value().map_or(u64::MAX, |(key, _)| key.0);
        self.next_down = self.down.first_key_value().map_or(0, |(key, _)| !key.0);
    }
}
