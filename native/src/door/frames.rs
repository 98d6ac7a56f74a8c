//! Rows of command frames on their way to the journal: counted and checked, then numbered.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::errors::CodecError;
use super::guard::caught;
use crate::codec::{CodecFault, check_command, read_frame};

const SEQUENCE_AT: usize = 8;
const TIME_AT: usize = 16;
const HEADER_SIZE: usize = crate::messages::HEADER_SIZE;

/// Add the functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(count_commands, module)?)?;
    module.add_function(wrap_pyfunction!(seal, module)?)
}

/// Return how many commands lie in frames, which are checked one by one.
#[pyfunction]
#[pyo3(signature = (frames, /))]
fn count_commands(py: Python<'_>, frames: &[u8]) -> PyResult<usize> {
    caught(py, || count(frames))?.map_err(CodecError::new_err)
}

/// Return frames that were checked with consecutive sequences and one time in their headers.
#[pyfunction]
#[pyo3(signature = (frames, first_sequence, time_ms, /))]
fn seal<'py>(
    py: Python<'py>,
    frames: &[u8],
    first_sequence: u64,
    time_ms: u64,
) -> PyResult<Bound<'py, PyBytes>> {
    let sealed = caught(py, || sealed(frames, first_sequence, time_ms))?;
    let sealed =
        sealed.map_err(|(at, fault)| CodecError::new_err(format!("{fault} at offset {at}")))?;
    Ok(PyBytes::new(py, &sealed))
}

fn count(frames: &[u8]) -> Result<usize, String> {
    let (mut at, mut count) = (0, 0);
    while at < frames.len() {
        let says = |fault: CodecFault| format!("{fault} at offset {at}");
        let frame = read_frame(frames, at).map_err(says)?;
        check_command(frame.number, frame.body).map_err(says)?;
        if frame.index != 0 || frame.sequence != 0 || frame.time_ms != 0 {
            return Err(format!("the command at offset {at} is numbered already"));
        }
        at += frame.size();
        count += 1;
    }
    match count {
        0 => Err("no command was handed in".into()),
        count => Ok(count),
    }
}

fn sealed(frames: &[u8], first: u64, time_ms: u64) -> Result<Vec<u8>, (usize, CodecFault)> {
    let mut sealed = frames.to_vec();
    let (mut at, mut sequence) = (0, first);
    while at < sealed.len() {
        let size = read_frame(&sealed, at).map_err(|fault| (at, fault))?.size();
        sealed[at + SEQUENCE_AT..at + TIME_AT].copy_from_slice(&sequence.to_le_bytes());
        sealed[at + TIME_AT..at + HEADER_SIZE].copy_from_slice(&time_ms.to_le_bytes());
        at += size;
        sequence = sequence.wrapping_add(1);
    }
    Ok(sealed)
}
