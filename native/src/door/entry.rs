//! Binary order entry: checks on whole batches, and events as each account may see them.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::errors::CodecError;
use super::guard::caught;
use crate::entry;

/// Add the functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(check_batch, module)?)?;
    module.add_function(wrap_pyfunction!(own_events, module)?)
}

/// Return (0, 0), or the number of a SessionError and which command it is about.
#[pyfunction]
#[pyo3(signature = (frames, account_id, count, /))]
fn check_batch(
    py: Python<'_>,
    frames: &[u8],
    account_id: u64,
    count: usize,
) -> PyResult<(u16, usize)> {
    let checked = caught(py, || entry::check_batch(frames, account_id, count))?;
    Ok(checked.map_or_else(|refusal| (refusal.code as u16, refusal.place), |()| (0, 0)))
}

/// Return the event frames that each account may see, and how many they are; those with none are left out.
#[pyfunction]
#[pyo3(signature = (events, accounts, owner, /))]
fn own_events<'py>(
    py: Python<'py>,
    events: &[u8],
    accounts: Vec<u64>,
    owner: u64,
) -> PyResult<Bound<'py, PyDict>> {
    let found = caught(py, || entry::own_events(events, &accounts, owner))?
        .map_err(|(at, fault)| CodecError::new_err(format!("{fault} at offset {at}")))?;
    let result = PyDict::new(py);
    for (account, own) in accounts.iter().zip(&found) {
        if own.count > 0 {
            result.set_item(account, (PyBytes::new(py, &own.frames), own.count))?;
        }
    }
    Ok(result)
}
