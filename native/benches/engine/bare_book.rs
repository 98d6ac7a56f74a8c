//! The baseline: what a plain order book costs on the same stream. Price levels in a BTreeMap, orders by id in a fast
//! hash table; no money, no checks, no events, no accounts.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use rustc_hash::FxHashMap;

use cse_native::codec::read_frame;
use cse_native::layout::Message;
use cse_native::messages::commands::{CancelOrder, PlaceOrder};
use cse_native::messages::{Side, TimeInForce};

use crate::measure::offsets;

#[derive(Default)]
struct Book {
    bids: BTreeMap<u64, VecDeque<(u64, u64)>>,
    asks: BTreeMap<u64, VecDeque<(u64, u64)>>,
    places: FxHashMap<u64, (Side, u64)>,
    next_order_id: u64,
    traded: u64,
}

impl Book {
    fn place(&mut self, order: &PlaceOrder) {
        self.next_order_id += 1;
        let mut left = order.quantity;
        let buys = order.side == Side::Buy;
        while left > 0 {
            let other = if buys { &mut self.asks } else { &mut self.bids };
            let best = if buys {
                other.first_entry()
            } else {
                other.last_entry()
            };
            let Some(mut best) = best else { break };
            let price = *best.key();
            if if buys {
                price > order.price
            } else {
                price < order.price
            } {
                break;
            }
            let level = best.get_mut();
            let (maker, open) = &mut level[0];
            let traded = left.min(*open);
            left -= traded;
            *open -= traded;
            self.traded += traded;
            if *open == 0 {
                self.places.remove(maker);
                level.pop_front();
                if level.is_empty() {
                    best.remove();
                }
            }
        }
        if left > 0 && order.time_in_force == TimeInForce::Gtc {
            let own = if buys { &mut self.bids } else { &mut self.asks };
            own.entry(order.price)
                .or_default()
                .push_back((self.next_order_id, left));
            self.places
                .insert(self.next_order_id, (order.side, order.price));
        }
    }

    fn cancel(&mut self, order_id: u64) {
        let Some((side, price)) = self.places.remove(&order_id) else {
            return;
        };
        let own = if side == Side::Buy {
            &mut self.bids
        } else {
            &mut self.asks
        };
        let Some(level) = own.get_mut(&price) else {
            return;
        };
        // Ids in a level only grow.
        if let Ok(at) = level.binary_search_by_key(&order_id, |&(id, _)| id) {
            level.remove(at);
        }
        if level.is_empty() {
            own.remove(&price);
        }
    }
}

/// Play the orders and cancels of a stream; returns seconds per command.
pub fn per_command(frames: &[u8], from: usize) -> f64 {
    let mut book = Book::default();
    let count = offsets(&frames[from..]).len() - 1;
    let started = Instant::now();
    let mut at = from;
    while at < frames.len() {
        let frame = read_frame(frames, at).expect("whole frames");
        at += frame.size();
        match frame.number {
            PlaceOrder::NUMBER => book.place(&PlaceOrder::read(frame.body).expect("an order")),
            CancelOrder::NUMBER => {
                book.cancel(CancelOrder::read(frame.body).expect("a cancel").order_id)
            }
            _ => {}
        }
    }
    std::hint::black_box(book.traded);
    started.elapsed().as_secs_f64() / count as f64
}
