//! Proves that looking ahead in a batch changes nothing: a book that is large enough for it gives the same events and
//! the same state whether commands come one by one or a thousand at a time.

#[path = "../benches/engine/load.rs"]
#[allow(dead_code)] // the bench uses more of it
mod load;

use cse_native::codec::read_frame;
use cse_native::engine::Engine;

use load::{Load, Shape};

/// Applies frames in batches; returns all events and the hash of the state.
fn play(frames: &[u8], batch: usize) -> (Vec<u8>, [u8; 32]) {
    let (mut engine, mut events) = (Engine::new(), Vec::new());
    let mut from = 0;
    while from < frames.len() {
        let mut to = from;
        for _ in 0..batch {
            if to < frames.len() {
                to += read_frame(frames, to).expect("whole frames").size();
            }
        }
        engine.apply_batch(&frames[from..to]).expect("in order");
        events.extend_from_slice(engine.events());
        from = to;
    }
    (events, engine.state_hash())
}

/// Orders over several markets and many levels, crossing ones and cancels, of orders that are gone already too.
#[test]
fn batches_of_any_size_do_the_same() {
    let shape = Shape {
        markets: 5,
        mid: 1_000_000,
        levels: 3_000,
        ..Shape::default()
    };
    let mut load = Load::new(shape);
    load.fill(20_000);
    load.grow(10_000);
    load.cancel_all();
    let alone = play(&load.frames.bytes, 1);
    for batch in [3, 1_000, 1_000_000] {
        assert!(
            play(&load.frames.bytes, batch) == alone,
            "{batch} at a time"
        );
    }
}
