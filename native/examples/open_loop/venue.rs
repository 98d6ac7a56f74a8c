//! The sequencer of the in-process measurement: as cse.sequencer works, in Rust.

use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cse_native::codec::read_frame;
use cse_native::engine::Engine;
use cse_native::journal::JournalThread;
use cse_native::layout::Message;
use cse_native::messages::events::Rejected;

use crate::arrivals::{Inbox, Schedule};
use rustix::event::{PollFd, PollFlags, poll};

use crate::cpu;
use crate::histogram::Histogram;

/// At most so many commands are made durable by one sync, as the sequencer's `max_batch` says.
const MAX_BATCH: usize = 4_096;
/// Where a frame's sequence and time stand.
const SEQUENCE: std::ops::Range<usize> = 8..16;
const TIME: std::ops::Range<usize> = 16..24;

/// Engine and journal.
pub struct Venue {
    engine: Engine,
    journal: JournalThread<Vec<u8>>,
    /// The last command that was sealed, and its time.
    sequence: u64,
    time_ms: u64,
    /// When each batch that is under way was handed over.
    handed: VecDeque<Instant>,
    /// Came in and not sealed yet.
    frames: Vec<u8>,
    /// Batches that came back, for the next ones.
    spare: Vec<Vec<u8>>,
}

impl Venue {
    /// Open with commands that are sealed already.
    pub fn new(journal: JournalThread<Vec<u8>>, opening: &[u8]) -> Result<Self, Box<dyn Error>> {
        let mut engine = Engine::new();
        journal.hand(opening.to_vec());
        journal.wait().outcome?;
        engine.apply_batch(opening)?;
        let sequence = engine.sequence();
        Ok(Self {
            engine,
            journal,
            sequence,
            time_ms: 0,
            handed: VecDeque::new(),
            frames: Vec::new(),
            spare: Vec::new(),
        })
    }

    /// Take commands until all that the schedule has are acknowledged.
    ///
    /// What came in goes to the journal at once: its thread makes all that waits durable together.
    pub fn serve(
        &mut self,
        schedule: &Schedule,
        inbox: &Inbox,
        floor: Histogram,
    ) -> Result<Report, Box<dyn Error>> {
        let mut report = Report::new(floor);
        let (before, began) = (self.sequence, cpu::own()?);
        let mut acknowledged = 0;
        while acknowledged < schedule.count {
            let mut wakes = [self.journal.wake(), inbox.wake()]
                .map(|wake| PollFd::from_borrowed_fd(wake, PollFlags::IN));
            poll(&mut wakes, None)?;
            self.hand_over(inbox)?;
            for batch in self.journal.take() {
                batch.outcome?;
                let handed = self.handed.pop_front().expect("one for one");
                report.durable.add(handed.elapsed());
                self.engine.apply_batch(&batch.batch)?;
                let done = Instant::now();
                for number in acknowledged..self.engine.sequence() - before {
                    report.latency.add(done - schedule.time_of(number));
                }
                acknowledged = self.engine.sequence() - before;
                report.rejected += rejections(self.engine.events());
                self.spare.push(batch.batch);
                self.hand_over(inbox)?; // the disk has something to do meanwhile
            }
        }
        report.engine_cpu = cpu::own()? - began;
        report.journal_cpu = cpu::of("journal")?;
        self.journal.close();
        Ok(report)
    }

    /// Give the journal what came in.
    fn hand_over(&mut self, inbox: &Inbox) -> Result<(), Box<dyn Error>> {
        inbox.take(&mut self.frames)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        self.time_ms = self.time_ms.max(u64::try_from(now)?);
        let mut from = 0;
        while from < self.frames.len() {
            let end = self.seal(from);
            let mut batch = self.spare.pop().unwrap_or_default();
            batch.clear();
            batch.extend_from_slice(&self.frames[from..end]);
            self.handed.push_back(Instant::now());
            self.journal.hand(batch);
            from = end;
        }
        self.frames.clear();
        Ok(())
    }

    /// Number the commands of the next batch, which begins at byte `from`; return where it ends.
    fn seal(&mut self, from: usize) -> usize {
        let mut end = from;
        for _ in 0..MAX_BATCH {
            if end == self.frames.len() {
                break;
            }
            let frame = read_frame(&self.frames, end).expect("made whole");
            let size = frame.size();
            self.sequence += 1;
            let frame = &mut self.frames[end..];
            frame[SEQUENCE].copy_from_slice(&self.sequence.to_le_bytes());
            frame[TIME].copy_from_slice(&self.time_ms.to_le_bytes());
            end += size;
        }
        end
    }
}

fn rejections(events: &[u8]) -> u64 {
    let (mut count, mut at) = (0, 0);
    while at < events.len() {
        let event = read_frame(events, at).expect("an event of the engine");
        count += u64::from(event.number == Rejected::NUMBER);
        at += event.size();
    }
    count
}

/// What was measured.
pub struct Report {
    /// From when a command was due until it was acknowledged.
    latency: Histogram,
    /// From when a batch was handed over until it was durable, and noticed.
    durable: Histogram,
    rejected: u64,
    engine_cpu: Duration,
    journal_cpu: Duration,
    /// Of the thread that makes commands arrive.
    pub arrivals_cpu: Duration,
    /// What appends took before, with nothing else going on.
    floor: Histogram,
}

impl Report {
    fn new(floor: Histogram) -> Self {
        Self {
            latency: Histogram::new(),
            durable: Histogram::new(),
            rejected: 0,
            engine_cpu: Duration::ZERO,
            journal_cpu: Duration::ZERO,
            arrivals_cpu: Duration::ZERO,
            floor,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (latency, durable) = (&self.latency, &self.durable);
        let each = |cpu: Duration| cpu.as_nanos() / u128::from(latency.total().max(1));
        write!(
            f,
            concat!(
                r#"{{"commands": {}, "rejected": {}, "p50_us": {}, "p99_us": {}, "p999_us": {}, "max_us": {}, "#,
                r#""batches": {}, "durable_p50_us": {}, "durable_p99_us": {}, "#,
                r#""floor_p50_us": {}, "floor_p99_us": {}, "#,
                r#""engine_cpu_ns": {}, "journal_cpu_ns": {}, "arrivals_cpu_ns": {}}}"#
            ),
            latency.total(),
            self.rejected,
            latency.quantile(0.5),
            latency.quantile(0.99),
            latency.quantile(0.999),
            latency.longest(),
            durable.total(),
            durable.quantile(0.5),
            durable.quantile(0.99),
            self.floor.quantile(0.5),
            self.floor.quantile(0.99),
            each(self.engine_cpu),
            each(self.journal_cpu),
            each(self.arrivals_cpu),
        )
    }
}
