//! What goes wrong at the door, as Python exceptions.

use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::codec::BatchError;

create_exception!(
    cse_native,
    CodecError,
    PyValueError,
    "Bytes that are no frames of the kind that is asked for, or records that contradict each other."
);
create_exception!(
    cse_native,
    SequenceError,
    PyValueError,
    "Commands that do not follow the last one that was applied, one by one, or go back in time."
);

/// Add the exceptions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("CodecError", py.get_type::<CodecError>())?;
    module.add("SequenceError", py.get_type::<SequenceError>())
}

/// The exception of a refused input.
pub fn refused(error: &BatchError) -> PyErr {
    let text = error.to_string();
    match error {
        BatchError::Codec { .. } => CodecError::new_err(text),
        BatchError::Sequence { .. } | BatchError::Time { .. } | BatchError::Late { .. } => {
            SequenceError::new_err(text)
        }
    }
}

/// The exception of an engine whose state is unknown.
pub fn panicked() -> PyErr {
    PyRuntimeError::new_err("engine panicked: this is a bug, and its state is unknown; start again")
}
