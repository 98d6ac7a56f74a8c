//! The journal open for appending: one write and one sync per batch, segments of bounded size.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crc32c::{crc32c, crc32c_append};

use super::disk::Disk;
use super::format::{Mark, NoBatch, lay_out, segment_header};

const MARK_NAME: &str = "synced";

/// Where a journal is and how it goes on.
#[derive(Clone, Debug)]
pub struct Place {
    /// The folder of its segments. Somebody holds its lock for as long as it is appended to.
    pub folder: PathBuf,
    /// The venue whose journal it is.
    pub venue_id: [u8; 16],
    /// The size from which on the next batch begins a segment of its own.
    pub segment_bytes: u64,
    /// Behind the last whole record.
    pub end: Mark,
}

/// Why a batch is not known to be durable.
#[derive(Debug)]
pub enum AppendError {
    /// It is no batch that follows the last one: nothing was done, and the right one is still taken.
    Refused(NoBatch),
    /// The disk failed. Whether the batch is durable is not known; no later one is taken.
    Failed {
        /// The segment that was being written.
        path: PathBuf,
        /// What the system said.
        error: Arc<io::Error>,
    },
    /// The disk had failed before; nothing was done. Holds what it had said.
    FailedEarlier(String),
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) => write!(f, "{reason}"),
            Self::Failed { path, error } => write!(f, "{}: {error}", path.display()),
            Self::FailedEarlier(what) => write!(f, "the journal failed earlier: {what}"),
        }
    }
}

impl std::error::Error for AppendError {}

/// Appends batches, one after the other; each call returns when the disk is done with it.
pub struct Appender {
    disk: Box<dyn Disk>,
    place: Place,
    segment: File,
    mark: File,
    records: Vec<u8>,
    failure: Option<String>,
}

impl Appender {
    /// Go on behind `place.end`, in files that are there and were examined and mended.
    ///
    /// # Errors
    /// A file cannot be opened, or the segment does not end where it should.
    pub fn open(place: Place, disk: Box<dyn Disk>) -> io::Result<Self> {
        let path = segment_path(&place.folder, place.end.segment);
        let segment = OpenOptions::new().append(true).open(&path)?;
        let size = segment.metadata()?.len();
        if size != place.end.end {
            let text = format!("{} has {size} bytes, not {}", path.display(), place.end.end);
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let mark = OpenOptions::new()
            .write(true)
            .open(place.folder.join(MARK_NAME))?;
        Ok(Self {
            disk,
            place,
            segment,
            mark,
            records: Vec::new(),
            failure: None,
        })
    }

    /// Begin a journal in an empty folder; `place.end` does not count.
    ///
    /// # Errors
    /// The disk refuses, or there is a journal already.
    pub fn begin(mut place: Place, mut disk: Box<dyn Disk>) -> io::Result<Self> {
        place.end = Mark::default();
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let mark = options.open(place.folder.join(MARK_NAME))?;
        let (segment, end) = begin_segment(&place, disk.as_mut())?;
        let mut appender = Self {
            disk,
            place,
            segment,
            mark,
            records: Vec::new(),
            failure: None,
        };
        appender.set_mark(end)?;
        Ok(appender)
    }

    /// How far the journal is durable.
    #[must_use]
    pub fn end(&self) -> Mark {
        self.place.end
    }

    /// Make one batch durable: a row of command frames whose sequences go on from the last one's.
    ///
    /// # Errors
    /// See `AppendError`. After `Failed` the disk is not asked again: a second sync could report
    /// success for pages that were dropped.
    pub fn append(&mut self, frames: &[u8]) -> Result<(), AppendError> {
        let mut outcomes = self.append_all(&[frames]);
        outcomes.pop().expect("one for one")
    }

    /// Make several batches durable with one write and one sync; how it went with each, in order.
    ///
    /// On disk they are one batch. One that is refused leaves the others as they are.
    pub fn append_all(&mut self, batches: &[impl AsRef<[u8]>]) -> Vec<Result<(), AppendError>> {
        if let Some(what) = &self.failure {
            let failed = || Err(AppendError::FailedEarlier(what.clone()));
            return batches.iter().map(|_| failed()).collect();
        }
        let before = self.place.end.sequence;
        let mut last = before;
        self.records.clear();
        let mut lay_out_next = |batch: &[u8]| {
            let place = u32::try_from(last - before).expect("a frame has bytes, and these are few");
            last = lay_out(batch, last, place, &mut self.records).map_err(AppendError::Refused)?;
            Ok(())
        };
        let mut outcomes: Vec<_> = batches
            .iter()
            .map(|batch| lay_out_next(batch.as_ref()))
            .collect();
        if last > before {
            if let Err(error) = self.write(last) {
                self.failure = Some(error.to_string());
                self.spoil(&mut outcomes, &Arc::new(error));
            }
        }
        outcomes
    }

    /// What would be durable is not known to be.
    fn spoil(&self, outcomes: &mut [Result<(), AppendError>], error: &Arc<io::Error>) {
        let path = segment_path(&self.place.folder, self.place.end.segment);
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_ok()) {
            let (path, error) = (path.clone(), Arc::clone(error));
            *outcome = Err(AppendError::Failed { path, error });
        }
    }

    /// Take no more, as if the disk had failed.
    pub fn fail(&mut self, what: &str) {
        self.failure = Some(what.to_owned());
    }

    fn write(&mut self, last: u64) -> io::Result<()> {
        if self.place.end.end >= self.place.segment_bytes {
            (self.segment, self.place.end) = begin_segment(&self.place, self.disk.as_mut())?;
        }
        self.disk.write(&self.segment, &self.records)?;
        self.disk.sync(&self.segment)?;
        let Mark {
            segment, end, crc, ..
        } = self.place.end;
        self.set_mark(Mark {
            sequence: last,
            segment,
            end: end + self.records.len() as u64,
            crc: crc32c_append(crc, &self.records),
        })
    }

    fn set_mark(&mut self, mark: Mark) -> io::Result<()> {
        self.disk.write_at(&self.mark, &mark.to_bytes(), 0)?;
        self.place.end = mark;
        Ok(())
    }
}

/// Start the next segment: it appears whole, header included, or not at all.
fn begin_segment(place: &Place, disk: &mut dyn Disk) -> io::Result<(File, Mark)> {
    let first = place.end.sequence + 1;
    let path = segment_path(&place.folder, first);
    let unfinished = path.with_extension("new");
    let header = segment_header(&place.venue_id, place.end);
    let file = disk.create(&unfinished)?;
    disk.write(&file, &header)?;
    disk.sync(&file)?;
    disk.rename(&unfinished, &path)?;
    disk.sync_folder(&place.folder)?;
    let end = Mark {
        sequence: place.end.sequence,
        segment: first,
        end: header.len() as u64,
        crc: crc32c(&header),
    };
    Ok((file, end))
}

fn segment_path(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:020}.seg"))
}
