//! The mixed load without end: one lap of it over and over, each with order ids of its own.
//!
//! A lap ends with cancels of all that it left open, so the next one finds the book as this one did.

use cse_native::codec::read_frame;
use cse_native::engine::Engine;
use cse_native::layout::Message;
use cse_native::messages::HEADER_SIZE;
use cse_native::messages::commands::CancelOrder;
use cse_native::messages::events::OrderAccepted;

use crate::load::{Load, Shape};

/// Commands of the mixed load in a lap, before its cancels.
const LAP: usize = 500_000;
/// Where a cancel's frame names the order.
const ORDER_ID: std::ops::Range<usize> = HEADER_SIZE + 8..HEADER_SIZE + 16;

/// Command frames that are not sealed yet, one after the other.
pub struct Laps {
    opening: Vec<u8>,
    lap: Vec<u8>,
    at: usize,
    /// What is added to the order ids of the first lap.
    shift: u64,
    ids_per_lap: u64,
}

impl Laps {
    /// Make a lap by playing it.
    pub fn new() -> Self {
        let mut load = Load::new(Shape::default());
        let begin = load.grow(LAP);
        load.cancel_all();
        let mut opening = load.frames.bytes;
        let lap = opening.split_off(begin);
        let ids_per_lap = accepted(&opening, &lap);
        Self {
            opening,
            lap,
            at: 0,
            shift: 0,
            ids_per_lap,
        }
    }

    /// The sealed commands that open the venue.
    pub fn opening(&self) -> &[u8] {
        &self.opening
    }

    /// Append the next command to `frames`.
    pub fn push_next(&mut self, frames: &mut Vec<u8>) {
        if self.at == self.lap.len() {
            self.at = 0;
            self.shift += self.ids_per_lap;
        }
        let frame = read_frame(&self.lap, self.at).expect("made whole");
        let from = frames.len();
        frames.extend_from_slice(&self.lap[self.at..self.at + frame.size()]);
        if frame.number == CancelOrder::NUMBER {
            let id = &mut frames[from..][ORDER_ID];
            let first_lap = u64::from_le_bytes((&*id).try_into().expect("eight bytes"));
            id.copy_from_slice(&(first_lap + self.shift).to_le_bytes());
        }
        self.at += frame.size();
    }
}

/// How many orders a lap places, each of which takes an id.
fn accepted(opening: &[u8], lap: &[u8]) -> u64 {
    let mut engine = Engine::new();
    engine.apply_batch(opening).expect("made whole");
    engine.apply_batch(lap).expect("made whole");
    let (mut count, mut at) = (0, 0);
    while at < engine.events().len() {
        let event = read_frame(engine.events(), at).expect("an event of the engine");
        count += u64::from(event.number == OrderAccepted::NUMBER);
        at += event.size();
    }
    count
}
