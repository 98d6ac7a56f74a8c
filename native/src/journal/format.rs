//! The bytes of a journal: record, segment header, mark. All numbers are little-endian.

use std::fmt;

use crc32c::{crc32c, crc32c_append};

/// No batch of records is larger, so that no torn write is longer.
pub const MAX_BATCH_BYTES: usize = 16 * 1024 * 1024;

const MAGIC: &[u8; 8] = b"CSEJRNL\n";
const FORMAT_VERSION: u16 = 1;
pub(super) const SEGMENT_HEADER_SIZE: usize = 52;
pub(super) const MARK_SIZE: usize = 32;

/// Head CRC, frame CRC, place in the batch.
pub(super) const PREFIX_SIZE: usize = 12;
pub(super) const FRAME_HEADER_SIZE: usize = 24;
const MAX_FRAME_SIZE: usize = 1024;
/// Where the sequence stands in a frame, and the time.
pub(super) const SEQUENCE_AT: usize = 8;
pub(super) const TIME_AT: usize = 16;

/// How far a journal is durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The last durable command.
    pub sequence: u64,
    /// First sequence of the segment it is in.
    pub segment: u64,
    /// Byte offset in that segment right behind the last durable record.
    pub end: u64,
    /// CRC32C of the segment up to there.
    pub crc: u32,
}

impl Mark {
    /// The bytes of the file `synced`.
    #[must_use]
    pub fn to_bytes(self) -> [u8; MARK_SIZE] {
        let mut raw = [0; MARK_SIZE];
        raw[..8].copy_from_slice(&self.sequence.to_le_bytes());
        raw[8..16].copy_from_slice(&self.segment.to_le_bytes());
        raw[16..24].copy_from_slice(&self.end.to_le_bytes());
        raw[24..28].copy_from_slice(&self.crc.to_le_bytes());
        let crc = crc32c(&raw[..28]);
        raw[28..].copy_from_slice(&crc.to_le_bytes());
        raw
    }
}

/// The first bytes of the segment that begins behind `before`, which is 0 throughout for the very
/// first segment.
pub(super) fn segment_header(venue_id: &[u8; 16], before: Mark) -> [u8; SEGMENT_HEADER_SIZE] {
    let mut raw = [0; SEGMENT_HEADER_SIZE];
    raw[..8].copy_from_slice(MAGIC);
    raw[8..10].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
    raw[10..12].copy_from_slice(&52_u16.to_le_bytes());
    raw[12..28].copy_from_slice(venue_id);
    raw[28..36].copy_from_slice(&(before.sequence + 1).to_le_bytes());
    raw[36..44].copy_from_slice(&before.end.to_le_bytes());
    raw[44..48].copy_from_slice(&before.crc.to_le_bytes());
    let crc = crc32c(&raw[..48]);
    raw[48..].copy_from_slice(&crc.to_le_bytes());
    raw
}

/// Why a row of frames is no batch that could be appended: a bug of the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoBatch {
    /// There is no frame in it.
    Empty,
    /// The frame at this offset is cut off or has a length that no frame has.
    Frame { offset: usize },
    /// A frame's sequence is not the next.
    Sequence { found: u64, after: u64 },
    /// Its records would have so many bytes.
    TooLarge(usize),
}

impl fmt::Display for NoBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "a batch of nothing"),
            Self::Frame { offset } => write!(f, "no whole frame at offset {offset} of the batch"),
            Self::Sequence { found, after } => write!(f, "{found} does not follow {after}"),
            Self::TooLarge(bytes) => write!(f, "a batch of {bytes} bytes"),
        }
    }
}

/// Add the records of a row of frames whose sequences go on from `after`, the first of them in this
/// `place` of what one write takes; return the last sequence. On an error nothing was added.
pub(super) fn lay_out(
    frames: &[u8],
    after: u64,
    place: u32,
    records: &mut Vec<u8>,
) -> Result<u64, NoBatch> {
    let before = records.len();
    let laid_out = lay_out_each(frames, after, place, records).and_then(|last| {
        let fits = records.len() <= MAX_BATCH_BYTES;
        fits.then_some(last)
            .ok_or(NoBatch::TooLarge(records.len() - before))
    });
    if laid_out.is_err() {
        records.truncate(before);
    }
    laid_out
}

fn lay_out_each(
    frames: &[u8],
    after: u64,
    mut place: u32,
    records: &mut Vec<u8>,
) -> Result<u64, NoBatch> {
    if frames.is_empty() {
        return Err(NoBatch::Empty);
    }
    let (mut rest, mut sequence) = (frames, after);
    while !rest.is_empty() {
        let offset = frames.len() - rest.len();
        let length = frame_length(rest).ok_or(NoBatch::Frame { offset })?;
        let (frame, behind) = rest.split_at(length);
        let found = u64_at(frame, SEQUENCE_AT);
        if Some(found) != sequence.checked_add(1) {
            return Err(NoBatch::Sequence {
                found,
                after: sequence,
            });
        }
        push_record(frame, place, records);
        (rest, sequence, place) = (behind, found, place + 1);
    }
    Ok(sequence)
}

fn push_record(frame: &[u8], place: u32, records: &mut Vec<u8>) {
    let mut head = [0; PREFIX_SIZE];
    head[4..8].copy_from_slice(&crc32c(frame).to_le_bytes());
    head[8..].copy_from_slice(&place.to_le_bytes());
    let crc = crc32c_append(crc32c(&head[4..]), &frame[..FRAME_HEADER_SIZE]);
    head[..4].copy_from_slice(&crc.to_le_bytes());
    records.extend_from_slice(&head);
    records.extend_from_slice(frame);
}

/// The length of the frame that `rest` begins with, if all of it is there; its header is, then.
pub(super) fn frame_length(rest: &[u8]) -> Option<usize> {
    let announced = u32::from_le_bytes(rest.get(..4)?.try_into().ok()?);
    let length = usize::try_from(announced).ok()?;
    let whole = (FRAME_HEADER_SIZE..=MAX_FRAME_SIZE.min(rest.len())).contains(&length);
    whole.then_some(length)
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut raw = [0; 8];
    raw.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(raw)
}
