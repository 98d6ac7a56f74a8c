//! Whether a row of frames is what one account may submit.

use crate::codec::{check_command, read_frame};
use crate::layout::Message;
use crate::messages::commands as c;
use crate::messages::{CODEC_VERSION, HEADER_SIZE, SessionError};

/// Why a batch is refused, and which command it is about, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub code: SessionError,
    /// Place of the command in the batch.
    pub place: usize,
}

/// Checks that `frames` are exactly `count` unnumbered commands of this account that may be submitted.
///
/// For each command in turn: header whole, version, type allowed, length, numbers 0, values, account.
pub fn check_batch(frames: &[u8], account_id: u64, count: usize) -> Result<(), Refusal> {
    let (mut at, mut place) = (0, 0);
    while at < frames.len() {
        if place == count {
            return Err(Refusal {
                code: SessionError::InvalidCount,
                place,
            });
        }
        at += check_one(frames, at, account_id).map_err(|code| Refusal { code, place })?;
        place += 1;
    }
    if place == count {
        return Ok(());
    }
    Err(Refusal {
        code: SessionError::InvalidCount,
        place,
    })
}

/// Returns the bytes of a good command.
fn check_one(frames: &[u8], at: usize, account_id: u64) -> Result<usize, SessionError> {
    let invalid = |_| SessionError::InvalidCommand;
    let header = frames[at..]
        .first_chunk::<HEADER_SIZE>()
        .ok_or(SessionError::InvalidCommand)?;
    if header[4] != CODEC_VERSION {
        return Err(SessionError::InvalidCommand);
    }
    if !is_allowed(header[5]) {
        return Err(SessionError::CommandNotAllowed);
    }
    let frame = read_frame(frames, at).map_err(invalid)?;
    if frame.index != 0 || frame.sequence != 0 || frame.time_ms != 0 {
        return Err(SessionError::InvalidCommand);
    }
    check_command(frame.number, frame.body).map_err(invalid)?;
    // The account is the first field of every command that is allowed (a test holds it).
    let owner = frame
        .body
        .first_chunk()
        .ok_or(SessionError::InvalidCommand)?;
    if u64::from_le_bytes(*owner) != account_id {
        return Err(SessionError::ForeignAccount);
    }
    Ok(frame.size())
}

const fn is_allowed(number: u8) -> bool {
    matches!(
        number,
        c::PlaceOrder::NUMBER
            | c::AmendOrder::NUMBER
            | c::CancelOrder::NUMBER
            | c::CancelAll::NUMBER
            | c::SetCancelAfter::NUMBER
    )
}
