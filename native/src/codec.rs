//! Frames: the header that every message has, and the check of a whole input before anything of it is applied.

use std::fmt;

use crate::layout::Message;
use crate::limits::MAX_TIME_MS;
use crate::messages::commands as c;
use crate::messages::{CODEC_VERSION, HEADER_SIZE, body_size};

/// Commands are the types up to this one.
const LAST_COMMAND: u8 = 63;

/// The first 8 bytes of a frame by its type, without the index; 0 for numbers that are no type.
static FIRST_WORDS: [u64; 256] = {
    let mut words = [0; 256];
    let mut number = 0;
    while number < 256 {
        if let Some(size) = body_size(number as u8) {
            words[number] = first_word(number as u8, size);
        }
        number += 1;
    }
    words
};

/// Returns the first 8 bytes of a frame with index 0: length, codec version and message type.
const fn first_word(number: u8, body: usize) -> u64 {
    (HEADER_SIZE + body) as u64 | ((CODEC_VERSION as u64) << 32) | ((number as u64) << 40)
}

/// Why an input was refused as a whole; nothing of it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchError {
    /// The bytes at this offset are no whole frame of a command, or one of its values is foreign.
    Codec { offset: usize, what: CodecFault },
    /// The command at this offset does not follow the one before it.
    Sequence {
        offset: usize,
        wanted: u64,
        found: u64,
    },
    /// The command at this offset goes back in time.
    Time {
        offset: usize,
        last: u64,
        found: u64,
    },
    /// The command at this offset is later than any can be.
    Late { offset: usize, found: u64 },
}

/// What is wrong with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodecFault {
    /// The input ends inside the header.
    CutOff,
    /// Another codec version.
    Version(u8),
    /// No such message type, or none that belongs here.
    Type(u8),
    /// The length is not that of the type, or the input ends inside the frame.
    Length(u32),
    /// An enum number, flag or text that cannot stand in its field.
    Foreign(u8),
}

impl fmt::Display for CodecFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutOff => write!(f, "frame header cut off"),
            Self::Version(version) => write!(
                f,
                "codec version {version}; this software speaks {CODEC_VERSION}"
            ),
            Self::Type(number) => write!(
                f,
                "message type {number} is unknown or does not belong here"
            ),
            Self::Length(length) => write!(f, "wrong length {length}"),
            Self::Foreign(number) => write!(f, "foreign value in message type {number}"),
        }
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Codec { offset, what } => write!(f, "{what} at offset {offset}"),
            Self::Sequence {
                offset,
                wanted,
                found,
            } => write!(f, "sequence {found} at offset {offset}; {wanted} is next"),
            Self::Time {
                offset,
                last,
                found,
            } => write!(
                f,
                "time went back from {last} to {found} at offset {offset}"
            ),
            Self::Late { offset, found } => {
                write!(f, "time {found} at offset {offset} is beyond all times")
            }
        }
    }
}

impl std::error::Error for BatchError {}

/// One frame: its header's fields and its body.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The message's type.
    pub number: u8,
    /// Place among the events of a command.
    pub index: u16,
    /// Sequence of the command.
    pub sequence: u64,
    /// Time of the command, Unix ms.
    pub time_ms: u64,
    /// The message's fields; exactly as long as its type says.
    pub body: &'a [u8],
}

impl Frame<'_> {
    /// Bytes of the whole frame.
    pub fn size(&self) -> usize {
        HEADER_SIZE + self.body.len()
    }
}

/// Reads the frame that begins at `offset`: whole, of this version, of a known type; its values are not looked at.
#[inline(always)]
pub fn read_frame(data: &[u8], offset: usize) -> Result<Frame<'_>, CodecFault> {
    let data = &data[offset..];
    let Some((header, rest)) = data.split_first_chunk::<HEADER_SIZE>() else {
        return Err(CodecFault::CutOff);
    };
    let word = |at: usize| u64::from_le_bytes(header[at..at + 8].try_into().expect("8 bytes"));
    let first = word(0);
    let number = (first >> 40) as u8;
    let size = (first as u32 as usize).wrapping_sub(HEADER_SIZE);
    if first & (u64::MAX >> 16) != FIRST_WORDS[usize::from(number)] || size > rest.len() {
        return Err(fault(header));
    }
    Ok(Frame {
        number,
        index: (first >> 48) as u16,
        sequence: word(8),
        time_ms: word(16),
        body: &rest[..size],
    })
}

/// Says what is wrong with a header, or with what follows it.
#[cold]
#[inline(never)]
fn fault(header: &[u8; HEADER_SIZE]) -> CodecFault {
    let (version, number) = (header[4], header[5]);
    if version != CODEC_VERSION {
        return CodecFault::Version(version);
    }
    if body_size(number).is_none() {
        return CodecFault::Type(number);
    }
    CodecFault::Length(u32::from_le_bytes([
        header[0], header[1], header[2], header[3],
    ]))
}

/// Writes the header of a frame to its first bytes.
#[inline(always)]
pub fn write_header<M: Message>(frame: &mut [u8], index: u16, sequence: u64, time_ms: u64) {
    let first = first_word(M::NUMBER, M::BODY) | (u64::from(index) << 48);
    frame[..8].copy_from_slice(&first.to_le_bytes());
    frame[8..16].copy_from_slice(&sequence.to_le_bytes());
    frame[16..24].copy_from_slice(&time_ms.to_le_bytes());
}

/// Checks that `frames` are whole commands, and that they follow command `sequence` of time `time_ms`.
pub fn check_commands(
    frames: &[u8],
    mut sequence: u64,
    mut time_ms: u64,
) -> Result<(), BatchError> {
    let mut offset = 0;
    while offset < frames.len() {
        let codec = |what| BatchError::Codec { offset, what };
        let frame = read_frame(frames, offset).map_err(codec)?;
        check_command(frame.number, frame.body).map_err(codec)?;
        if sequence.checked_add(1) != Some(frame.sequence) {
            return Err(BatchError::Sequence {
                offset,
                wanted: sequence.saturating_add(1),
                found: frame.sequence,
            });
        }
        if frame.time_ms < time_ms {
            return Err(BatchError::Time {
                offset,
                last: time_ms,
                found: frame.time_ms,
            });
        }
        if frame.time_ms > MAX_TIME_MS {
            let found = frame.time_ms;
            return Err(BatchError::Late { offset, found });
        }
        (sequence, time_ms) = (frame.sequence, frame.time_ms);
        offset += frame.size();
    }
    Ok(())
}

/// Checks that a body of the right length is a command whose values fit their fields.
#[inline]
pub fn check_command(number: u8, body: &[u8]) -> Result<(), CodecFault> {
    fn fits<M: Message>(body: &[u8]) -> bool {
        M::read(body).is_ok()
    }
    let ok = match number {
        c::PlaceOrder::NUMBER => fits::<c::PlaceOrder>(body),
        c::CancelOrder::NUMBER => fits::<c::CancelOrder>(body),
        c::AmendOrder::NUMBER => fits::<c::AmendOrder>(body),
        c::CreateAsset::NUMBER => fits::<c::CreateAsset>(body),
        c::CreateMarket::NUMBER => fits::<c::CreateMarket>(body),
        c::SetMarketStatus::NUMBER => fits::<c::SetMarketStatus>(body),
        c::SetAccountStatus::NUMBER => fits::<c::SetAccountStatus>(body),
        1..=LAST_COMMAND if body_size(number).is_some() => true,
        _ => return Err(CodecFault::Type(number)),
    };
    if ok {
        Ok(())
    } else {
        Err(CodecFault::Foreign(number))
    }
}
