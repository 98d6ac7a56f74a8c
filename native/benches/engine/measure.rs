//! Time: commands per second over batches, and every command's own time in a histogram.

use std::time::Instant;

use cse_native::codec::read_frame;
use cse_native::engine::Engine;

/// Where each frame begins, and the end.
pub fn offsets(frames: &[u8]) -> Vec<usize> {
    let mut all = vec![0];
    let mut at = 0;
    while at < frames.len() {
        at += read_frame(frames, at).expect("whole frames").size();
        all.push(at);
    }
    all
}

/// Apply frames in batches; returns seconds per command.
pub fn per_command(engine: &mut Engine, frames: &[u8], batch: usize) -> f64 {
    let offsets = offsets(frames);
    let started = Instant::now();
    for ends in offsets.windows(batch + 1).step_by(batch) {
        apply(engine, &frames[ends[0]..ends[batch]]);
    }
    let whole = (offsets.len() - 1) / batch * batch;
    apply(engine, &frames[offsets[whole]..]);
    started.elapsed().as_secs_f64() / (offsets.len() - 1) as f64
}

fn apply(engine: &mut Engine, frames: &[u8]) {
    engine.apply_batch(frames).expect("a stream is in order");
    std::hint::black_box(engine.events());
}

/// Times by nanosecond, with those from 1 ms on together.
pub struct Histogram {
    counts: Vec<u32>,
    total: usize,
    longest: u64,
}

impl Histogram {
    pub fn new() -> Self {
        Self {
            counts: vec![0; 1_000_000],
            total: 0,
            longest: 0,
        }
    }

    fn add(&mut self, ns: u64) {
        let last = self.counts.len() - 1;
        self.counts[last.min(ns as usize)] += 1;
        self.total += 1;
        self.longest = self.longest.max(ns);
    }

    /// Return the time that this share of all is not above, in ns.
    pub fn quantile(&self, share: f64) -> f64 {
        let wanted = (self.total as f64 * share).ceil() as usize;
        let mut seen = 0;
        for (ns, &count) in self.counts.iter().enumerate() {
            seen += count as usize;
            if seen >= wanted {
                return ns as f64;
            }
        }
        self.longest as f64
    }

    pub fn longest(&self) -> u64 {
        self.longest
    }
}

/// Apply frames one by one, each a batch of its own; the reading of the clock is in every time.
pub fn latencies(engine: &mut Engine, frames: &[u8]) -> Histogram {
    let mut histogram = Histogram::new();
    let offsets = offsets(frames);
    let mut before = Instant::now();
    for ends in offsets.windows(2) {
        apply(engine, &frames[ends[0]..ends[1]]);
        let after = Instant::now();
        histogram.add((after - before).as_nanos() as u64);
        // The histogram's own work is not the engine's.
        before = Instant::now();
    }
    histogram
}

/// Return what reading the clock costs, in ns: the median of many.
pub fn clock_ns() -> f64 {
    let mut histogram = Histogram::new();
    for _ in 0..100_000 {
        let before = Instant::now();
        histogram.add(before.elapsed().as_nanos() as u64);
    }
    histogram.quantile(0.5)
}

/// Return the middle one.
pub fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
