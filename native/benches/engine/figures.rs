//! The figures of the mixed load itself, and of the way back from bytes to state.

use std::fmt;
use std::time::Instant;

use cse_native::engine::Engine;

use crate::Sizes;
use crate::bare_book;
use crate::load::{Load, Shape};
use crate::measure::{clock_ns, latencies, median, offsets, per_command};

/// Commands in a batch where nothing else is said.
pub const BATCH: usize = 1_000;

/// One measured number, as benches/report.py has it.
#[derive(Default)]
pub struct Figure {
    pub name: String,
    pub value: f64,
    pub unit: &'static str,
    pub baseline: String,
    pub baseline_value: f64,
    pub note: String,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            value,
            unit,
            baseline,
            baseline_value,
            note,
        } = self;
        write!(
            f,
            "{name}\t{value}\t{unit}\t{baseline}\t{baseline_value}\t{note}"
        )
    }
}

/// Return an engine that has applied the first bytes of a stream.
pub fn warm(load: &Load, to: usize) -> Engine {
    let mut engine = Engine::new();
    engine
        .apply_batch(&load.frames.bytes[..to])
        .expect("a stream is in order");
    engine
}

/// Return the seconds per command over a stream from here on: the median of some rounds.
pub fn median_per_command(load: &Load, from: usize, batch: usize, rounds: usize) -> f64 {
    let one = |_| per_command(&mut warm(load, from), &load.frames.bytes[from..], batch);
    median((0..rounds).map(one).collect())
}

/// The mixed load: throughput by batch size, beside a bare book; times per command; and a longer run of it, in which
/// the book grows and grows.
pub fn mixed(sizes: Sizes) -> Vec<Figure> {
    let mut load = Load::new(Shape::default());
    let from = load.grow(sizes.commands);
    let mut all = throughput(&load, from, &[1, 64, BATCH], sizes.rounds);
    all.extend(times(&load, from));
    load.grow(sizes.commands * 4);
    let longer = throughput(&load, from, &[BATCH], sizes.rounds.div_ceil(3));
    all.extend(longer.into_iter().map(|figure| Figure {
        name: format!("{} in a longer run", figure.name),
        ..figure
    }));
    all
}

fn throughput(load: &Load, from: usize, batches: &[usize], rounds: usize) -> Vec<Figure> {
    let bare = |_| bare_book::per_command(&load.frames.bytes, from);
    let bare = median((0..rounds).map(bare).collect());
    let commands = offsets(&load.frames.bytes[from..]).len() - 1;
    let figure = |&batch: &usize| Figure {
        name: format!("mixed load, batches of {batch}"),
        value: 1.0 / median_per_command(load, from, batch, rounds),
        unit: "commands/s",
        baseline:
            "a BTreeMap of levels and a fast hash of orders in Rust: no money, checks or events"
                .into(),
        baseline_value: 1.0 / bare,
        note: format!("{commands} commands, {rounds} rounds"),
    };
    batches.iter().map(figure).collect()
}

fn times(load: &Load, from: usize) -> Vec<Figure> {
    let times = latencies(&mut warm(load, from), &load.frames.bytes[from..]);
    let clock = clock_ns();
    let mut all = Vec::new();
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
        all.push(Figure {
            name: format!("mixed load, {name} of single commands"),
            value: times.quantile(share),
            unit: "ns",
            baseline: "reading the clock, which is in it".into(),
            baseline_value: clock,
            note: format!(
                "each command a batch of its own; longest {} us",
                times.longest() / 1_000
            ),
        });
    }
    all
}

/// Replay of a long history in bytes; then a snapshot of a large state, and the way back.
pub fn replay(sizes: Sizes) -> Vec<Figure> {
    let mut load = Load::new(Shape::default());
    let mut engine = warm(&load, load.frames.bytes.len());
    let (mut seconds, chunk) = (0.0, sizes.commands.min(sizes.replayed));
    for _ in 0..sizes.replayed / chunk {
        load.frames.bytes.clear();
        load.grow(chunk);
        let started = Instant::now();
        for ends in offsets(&load.frames.bytes)
            .windows(BATCH + 1)
            .step_by(BATCH)
        {
            engine
                .apply_batch(&load.frames.bytes[ends[0]..ends[BATCH]])
                .expect("a stream is in order");
        }
        seconds += started.elapsed().as_secs_f64();
    }
    let mut all = vec![Figure {
        name: format!("replay of {} commands", sizes.replayed),
        value: seconds,
        unit: "s",
        note: "frames in memory to state, events written and dropped".into(),
        ..Figure::default()
    }];
    all.extend(snapshot(sizes.resting));
    all
}

fn snapshot(orders: usize) -> Vec<Figure> {
    let mut load = Load::new(Shape::default());
    load.fill(orders);
    let engine = warm(&load, load.frames.bytes.len());
    let started = Instant::now();
    let records = engine.snapshot();
    let dumped = started.elapsed().as_secs_f64();
    let restored = Engine::restore(&records).expect("records of an engine");
    let back = started.elapsed().as_secs_f64() - dumped;
    assert_eq!(
        restored.state_hash(),
        engine.state_hash(),
        "nothing was lost"
    );
    let note = format!("{} MB of records", records.len() >> 20);
    let figure = |what: &str, seconds: f64| Figure {
        name: format!("{what} of {orders} orders"),
        value: seconds * 1e3,
        unit: "ms",
        note: note.clone(),
        ..Figure::default()
    };
    vec![figure("snapshot", dumped), figure("restore", back)]
}
