//! Appending to the journal in the native core: the same bytes, files and fault points as
//! `cse.adapters.journal.writer` (docs/reference/journal.md), without a Python thread.
//!
//! Python opens, examines, mends and locks a journal, and reads it; this takes over where the next
//! batch is to be written. One thread per journal owns the files: it lays out the records, writes
//! them, syncs, moves the mark, and says so through an eventfd that an event loop watches.

mod appender;
mod disk;
mod format;
mod strip;
mod thread;

pub use appender::{AppendError, Appender, Place};
pub use disk::{Disk, RealDisk};
pub use format::{MAX_BATCH_BYTES, Mark};
pub use strip::{Stripped, strip_records};
pub use thread::{Done, JournalThread};
