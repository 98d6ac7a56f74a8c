//! Times, each counted in its microsecond.

use std::time::Duration;

/// Longer times are counted as this one, which then is the largest that is reported.
const LONGEST_US: usize = 5_000_000;

/// How often each time occurred.
pub struct Histogram {
    counts: Vec<u32>,
    total: u64,
    longest: usize,
}

impl Histogram {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            counts: vec![0; LONGEST_US + 1],
            total: 0,
            longest: 0,
        }
    }

    /// Count one.
    pub fn add(&mut self, time: Duration) {
        let us = usize::try_from(time.as_micros())
            .unwrap_or(LONGEST_US)
            .min(LONGEST_US);
        self.counts[us] += 1;
        self.total += 1;
        self.longest = self.longest.max(us);
    }

    /// How many were counted.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Microseconds that `share` of all did not exceed.
    pub fn quantile(&self, share: f64) -> usize {
        let wanted = (self.total as f64 * share).ceil() as u64;
        let mut seen = 0;
        let found = self.counts.iter().position(|count| {
            seen += u64::from(*count);
            seen >= wanted
        });
        found.unwrap_or(self.longest)
    }

    /// The longest, in microseconds.
    pub fn longest(&self) -> usize {
        self.longest
    }
}
