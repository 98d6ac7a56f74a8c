//! The engine as a whole: how a stream is cut does not matter, no bytes make it panic or change by halves, and it goes
//! on from its records as if nothing had been. That it equals the Python engine is proved from Python (tests/differential).

mod flow;

use cse_native::engine::Engine;
use flow::{Random, Stream};
use proptest::prelude::*;

/// Applies pieces one after the other; returns all events.
fn play(engine: &mut Engine, pieces: &[&[u8]]) -> Vec<u8> {
    let mut events = Vec::new();
    for piece in pieces {
        engine.apply_batch(piece).expect("a stream is in order");
        events.extend_from_slice(engine.events());
    }
    events
}

/// Changes, removes or adds some bytes.
fn spoil(data: &[u8], random: &mut Random) -> Vec<u8> {
    let mut spoilt = data.to_vec();
    for _ in 0..=random.below(2) {
        let at = random.below(spoilt.len() as u64) as usize;
        match random.below(6) {
            0 => spoilt.truncate(at.max(1)),
            1 => spoilt.insert(at, random.below(256) as u8),
            2 => drop(spoilt.remove(at)),
            3 => spoilt[at] = random.below(4) as u8,
            _ => spoilt[at] ^= 1 << random.below(8),
        }
        if spoilt.is_empty() {
            break;
        }
    }
    spoilt
}

/// A few cases; `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").is_ok();
    let usual = ProptestConfig::default();
    ProptestConfig {
        cases: if asked { usual.cases } else { 24 },
        failure_persistence: None,
        ..usual
    }
}

proptest! {
    #![proptest_config(config())]

    /// The same commands in other batches: the same events, the same records, the same hash.
    #[test]
    fn cutting_a_stream_differently_changes_nothing(seed: u64, longest in 1_u64..400) {
        let stream = Stream::new(seed, 1_500);
        let (mut whole, mut cut) = (Engine::new(), Engine::new());
        let expected = play(&mut whole, &[&stream.bytes]);
        let found = play(&mut cut, &stream.cut(&mut Random(seed), longest));
        prop_assert!(expected == found);
        prop_assert_eq!(whole.state_hash(), cut.state_hash());
        prop_assert!(whole.snapshot() == cut.snapshot());
    }

    /// Restored anywhere, an engine has the same hash and the same future.
    #[test]
    fn a_restored_engine_goes_on_the_same(seed: u64) {
        let stream = Stream::new(seed, 1_500);
        let mut whole = Engine::new();
        let mut restored = Engine::new();
        for piece in stream.cut(&mut Random(seed), 300) {
            whole.apply_batch(piece).expect("a stream is in order");
            restored.apply_batch(piece).expect("a stream is in order");
            prop_assert!(whole.events() == restored.events());
            restored = Engine::restore(&whole.snapshot()).expect("a state fits");
            prop_assert_eq!(whole.state_hash(), restored.state_hash());
            prop_assert_eq!(whole.next_tick_at(), restored.next_tick_at());
        }
    }

    /// Spoilt bytes are applied as what they have become, or refused with nothing changed; there is no panic.
    #[test]
    fn malformed_commands_change_nothing(seed: u64) {
        let stream = Stream::new(seed, 400);
        let mut random = Random(seed);
        let mut engine = Engine::new();
        let pieces = stream.cut(&mut random, 60);
        for (number, piece) in pieces.iter().enumerate() {
            let (sequence, hash) = (engine.sequence(), engine.state_hash());
            for _ in 0..20 {
                let outcome = engine.apply_batch(&spoil(piece, &mut random));
                if outcome.is_ok() {
                    engine = Engine::new();
                    play(&mut engine, &pieces[..number]);
                }
                prop_assert_eq!(engine.sequence(), sequence);
                prop_assert!(engine.state_hash() == hash);
            }
            engine.apply_batch(piece).expect("a stream is in order");
        }
    }

    /// A spoilt snapshot is refused, or it is a state that any commands can be applied to without a panic.
    #[test]
    fn malformed_records_are_refused_or_good(seed: u64) {
        let stream = Stream::new(seed, 900);
        let rest = &stream.begins[500..];
        let mut engine = Engine::new();
        engine.apply_batch(&stream.bytes[..rest[0]]).expect("a stream is in order");
        let records = engine.snapshot();
        let mut random = Random(seed);
        for _ in 0..60 {
            let spoilt = spoil(&records, &mut random);
            if let Ok(mut engine) = Engine::restore(&spoilt) {
                let again = Engine::restore(&engine.snapshot()).expect("its own records fit");
                prop_assert_eq!(engine.state_hash(), again.state_hash());
                // Where the spoilt record moved sequence or time, the rest is refused; else it is applied.
                let _ = engine.apply_batch(&stream.bytes[rest[0]..]);
            }
        }
    }
}
