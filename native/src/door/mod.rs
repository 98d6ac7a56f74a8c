//! The Python module `cse_native` (its face is `cse_native.pyi`): the one door from Python to this crate.
//!
//! Bytes come in and bytes go out, the GIL is released while the crate works, errors have types, and a panic
//! ends in a Python exception.

mod engine;
mod entry;
mod errors;
mod frames;
mod guard;
mod journal;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::messages::{CODEC_VERSION, LAYOUT_HASH};

#[pymodule]
fn cse_native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("VERSION", env!("CARGO_PKG_VERSION"))?;
    module.add("CODEC_VERSION", CODEC_VERSION)?;
    module.add("LAYOUT_HASH", PyBytes::new(py, &LAYOUT_HASH))?;
    errors::register(module)?;
    engine::register(module)?;
    frames::register(module)?;
    journal::register(module)?;
    entry::register(module)
}
