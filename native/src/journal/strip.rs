//! Taking the frames out of whole records, many at once: the way from the journal to an engine.

use crc32c::{crc32c, crc32c_append};

use super::format::{FRAME_HEADER_SIZE, PREFIX_SIZE, SEQUENCE_AT, TIME_AT, frame_length, u64_at};

/// What was taken out of a row of records.
#[derive(Debug, PartialEq, Eq)]
pub struct Stripped {
    /// One after the other; checksums, sequences and times are right, their fields were not looked at.
    pub frames: Vec<u8>,
    /// How many they are.
    pub count: usize,
    /// Behind the last record taken.
    pub position: usize,
    /// The time of the last one (where there is none: the one that was given).
    pub time_ms: u64,
}

/// Take at most `limit` whole records from byte `at` on, the first of which must be `sequence`.
///
/// It ends before the first record that is cut off, damaged, skips a sequence or goes back in time.
#[must_use]
pub fn strip_records(
    data: &[u8],
    at: usize,
    limit: usize,
    sequence: u64,
    time_ms: u64,
) -> Stripped {
    let mut taken = Stripped {
        frames: Vec::new(),
        count: 0,
        position: at,
        time_ms,
    };
    let mut expected = sequence;
    while taken.count < limit {
        let rest = data.get(taken.position..).unwrap_or_default();
        let Some(frame) = whole_record(rest, expected, taken.time_ms) else {
            break;
        };
        taken.frames.extend_from_slice(frame);
        taken.count += 1;
        taken.position += PREFIX_SIZE + frame.len();
        taken.time_ms = u64_at(frame, TIME_AT);
        expected = expected.wrapping_add(1);
    }
    taken
}

/// The frame of the record that `rest` begins with, if it is whole and the next.
fn whole_record(rest: &[u8], sequence: u64, time_ms: u64) -> Option<&[u8]> {
    let (prefix, behind) = rest.split_at_checked(PREFIX_SIZE)?;
    let frame = &behind[..frame_length(behind)?];
    let head_crc = crc32c_append(crc32c(&prefix[4..]), &frame[..FRAME_HEADER_SIZE]);
    let whole = prefix[..4] == head_crc.to_le_bytes()
        && prefix[4..8] == crc32c(frame).to_le_bytes()
        && u64_at(frame, SEQUENCE_AT) == sequence
        && u64_at(frame, TIME_AT) >= time_ms;
    whole.then_some(frame)
}
