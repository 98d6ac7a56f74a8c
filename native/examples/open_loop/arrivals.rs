//! Commands come in when they are due, whether or not anybody is ready for them.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, eventfd};

use crate::cpu;
use crate::laps::Laps;

/// What passes between two looks at the clock; commands due meanwhile come in together, a little late, which
/// counts as their time.
const PAUSE: Duration = Duration::from_micros(20);
/// What all threads need to be there.
const SOON: Duration = Duration::from_millis(50);

/// When which command is due.
pub struct Schedule {
    start: Instant,
    rate: u64,
    /// How many there are.
    pub count: u64,
}

impl Schedule {
    /// So many per second for so many seconds, the first in a moment.
    pub fn starting_soon(rate: u64, seconds: u64) -> Self {
        Self {
            start: Instant::now() + SOON,
            rate,
            count: rate * seconds,
        }
    }

    /// How many are due now.
    fn due(&self, now: Instant) -> u64 {
        let passed = now.saturating_duration_since(self.start).as_nanos();
        let due = passed * u128::from(self.rate) / 1_000_000_000;
        u64::try_from(due).unwrap_or(u64::MAX).min(self.count)
    }

    /// When the command with this number, from 0, is due.
    pub fn time_of(&self, number: u64) -> Instant {
        // 64 bits hold eighteen thousand million commands.
        self.start + Duration::from_nanos(number * 1_000_000_000 / self.rate)
    }
}

/// Commands that have come in and were not taken yet.
pub struct Inbox {
    waiting: Mutex<Vec<u8>>,
    /// Readable while something waits.
    wake: OwnedFd,
}

impl Inbox {
    /// An empty one.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            waiting: Mutex::default(),
            wake: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        })
    }

    /// What to watch for something to be there.
    pub fn wake(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }

    /// Move what waits behind `frames`.
    pub fn take(&self, frames: &mut Vec<u8>) -> io::Result<()> {
        let mut waiting = self.waiting.lock().expect("nobody panics holding it");
        if !waiting.is_empty() {
            rustix::io::read(&self.wake, &mut [0_u8; 8])?;
            frames.append(&mut waiting);
        }
        Ok(())
    }

    fn put(&self, frames: &mut Vec<u8>) -> io::Result<()> {
        let mut waiting = self.waiting.lock().expect("nobody panics holding it");
        if waiting.is_empty() {
            rustix::io::write(&self.wake, &1_u64.to_ne_bytes())?;
        }
        waiting.append(frames);
        Ok(())
    }
}

/// Put commands into the inbox until the schedule is over; return what that took of a processor.
pub fn run(mut laps: Laps, schedule: &Schedule, inbox: &Inbox) -> io::Result<Duration> {
    let mut sent = 0;
    let mut due_now = Vec::new();
    while sent < schedule.count {
        let due = schedule.due(Instant::now());
        if due == sent {
            thread::sleep(PAUSE);
            continue;
        }
        for _ in sent..due {
            laps.push_next(&mut due_now);
        }
        sent = due;
        inbox.put(&mut due_now)?;
    }
    cpu::own()
}
