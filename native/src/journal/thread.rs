//! The thread that owns a journal's files, so that nobody else ever waits for a disk.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use rustix::event::{EventfdFlags, eventfd};

use super::appender::{AppendError, Appender};

/// Batches are put together up to so many bytes of frames. Their records are far below what a batch on
/// disk may have, and a sync of them takes not much longer than one of a few.
const TOGETHER_BYTES: usize = 1024 * 1024;

/// A batch that the journal is done with, handed back to whoever gave it.
#[derive(Debug)]
pub struct Done<B> {
    /// What was handed over.
    pub batch: B,
    /// Whether it is durable.
    pub outcome: Result<(), AppendError>,
}

struct Shared<B> {
    done: Mutex<VecDeque<Done<B>>>,
    arrived: Condvar,
    /// Readable while something lies in `done`.
    wake: OwnedFd,
    last_sequence: AtomicU64,
}

impl<B> Shared<B> {
    fn done(&self) -> MutexGuard<'_, VecDeque<Done<B>>> {
        // A queue is whole whatever its holder was doing when it panicked.
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hand batches back. It rings when nobody was told of others before, and when the queue is free
    /// again: somebody who was quicker may find nothing then.
    fn report(&self, done: impl Iterator<Item = Done<B>>) {
        let rings = {
            let mut queue = self.done();
            let rings = queue.is_empty();
            queue.extend(done);
            rings
        };
        if rings {
            // Cannot fail: the counter is below its maximum and the descriptor is ours.
            let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
        }
        self.arrived.notify_all();
    }

    fn silence(&self) {
        // EAGAIN where nothing had rung: that is as well.
        let _ = rustix::io::read(&self.wake, &mut [0_u8; 8]);
    }
}

/// Appends batches in the order in which they are handed over; any number may be under way, and those
/// that wait for the disk are made durable together.
///
/// `B` owns the frames; it comes back with the outcome, so that it is let go where it came from.
/// Who wants to wait for the end calls `close`; dropped without it, the thread ends by itself.
pub struct JournalThread<B> {
    batches: Option<Sender<B>>,
    shared: Arc<Shared<B>>,
    thread: Option<JoinHandle<()>>,
}

impl<B: AsRef<[u8]> + Send + 'static> JournalThread<B> {
    /// Start the thread.
    ///
    /// # Errors
    /// The system has no thread or no descriptor to give.
    pub fn start(appender: Appender) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            done: Mutex::new(VecDeque::new()),
            arrived: Condvar::new(),
            wake: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
            last_sequence: AtomicU64::new(appender.end().sequence),
        });
        let (batches, handed) = channel();
        let theirs = Arc::clone(&shared);
        let thread = Builder::new()
            .name("journal".to_owned())
            .spawn(move || run(appender, &handed, &theirs))?;
        Ok(Self {
            batches: Some(batches),
            shared,
            thread: Some(thread),
        })
    }

    /// Give it the next batch; it comes back from `take` or `wait`, in order, whatever happens.
    pub fn hand(&self, batch: B) {
        let refused = match &self.batches {
            Some(batches) => batches.send(batch).err().map(|unsent| unsent.0),
            None => Some(batch),
        };
        if let Some(batch) = refused {
            let outcome = Err(AppendError::FailedEarlier("it is closed".to_owned()));
            self.shared.report([Done { batch, outcome }].into_iter());
        }
    }

    /// Return what came back since the last call, in order, without waiting.
    #[must_use]
    pub fn take(&self) -> VecDeque<Done<B>> {
        let mut queue = self.shared.done();
        self.shared.silence();
        std::mem::take(&mut *queue)
    }

    /// Wait for the next batch to come back. One must be under way.
    #[must_use]
    pub fn wait(&self) -> Done<B> {
        let mut queue = self.shared.done();
        loop {
            if let Some(done) = queue.pop_front() {
                if queue.is_empty() {
                    self.shared.silence();
                }
                return done;
            }
            queue = self
                .shared
                .arrived
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The last durable command.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.shared.last_sequence.load(Ordering::Acquire)
    }

    /// Readable while batches have come back that nobody took (and rarely when none have); for an
    /// event loop to watch.
    #[must_use]
    pub fn wake(&self) -> BorrowedFd<'_> {
        self.shared.wake.as_fd()
    }

    /// End the thread after what it was given, and close the files. Harmless twice.
    pub fn close(&mut self) {
        self.batches = None;
        if let Some(thread) = self.thread.take() {
            // It catches what panics in it, so there is nothing to pass on.
            let _ = thread.join();
        }
    }
}

fn run<B: AsRef<[u8]>>(mut appender: Appender, handed: &Receiver<B>, shared: &Shared<B>) {
    let mut carried = None;
    while let Some(first) = carried.take().or_else(|| handed.recv().ok()) {
        let batches = with_those_behind(first, handed, &mut carried);
        let appended = catch_unwind(AssertUnwindSafe(|| appender.append_all(&batches)));
        let outcomes = appended.unwrap_or_else(|_| {
            // A bug. What it left behind is unknown, so this is a failed disk to all the others.
            let text = "the journal thread panicked";
            appender.fail(text);
            let failed = || Err(AppendError::FailedEarlier(text.to_owned()));
            batches.iter().map(|_| failed()).collect()
        });
        shared
            .last_sequence
            .store(appender.end().sequence, Ordering::Release);
        let done = batches.into_iter().zip(outcomes);
        shared.report(done.map(|(batch, outcome)| Done { batch, outcome }));
    }
}

/// A batch, and what was handed over meanwhile: one sync will do for all, if they are not too much. The
/// first that is too much is `carried` to the next.
fn with_those_behind<B: AsRef<[u8]>>(
    first: B,
    handed: &Receiver<B>,
    carried: &mut Option<B>,
) -> Vec<B> {
    let mut bytes = first.as_ref().len();
    let mut batches = vec![first];
    while let Ok(batch) = handed.try_recv() {
        bytes += batch.as_ref().len();
        if bytes > TOGETHER_BYTES {
            *carried = Some(batch);
            break;
        }
        batches.push(batch);
    }
    batches
}
