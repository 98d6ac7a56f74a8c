//! The engine as a Python class: frames in, frames out.

use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::errors::{CodecError, refused};
use super::guard::{Guarded, caught};
use crate::depth::Level;
use crate::engine::Engine;

/// Add the class to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Door>()
}

/// One venue behind the door; see `cse_native.pyi`.
#[pyclass(frozen, module = "cse_native", name = "Engine")]
struct Door {
    engine: Guarded<Engine>,
    /// Copies that are read without waiting for a call under way.
    sequence: AtomicU64,
    time_ms: AtomicU64,
}

impl Door {
    fn of(engine: Engine) -> Self {
        Self {
            sequence: AtomicU64::new(engine.sequence()),
            time_ms: AtomicU64::new(engine.time_ms()),
            engine: Guarded::new(engine),
        }
    }

    fn read<R: Send>(&self, py: Python<'_>, what: impl FnOnce(&Engine) -> R + Send) -> PyResult<R> {
        self.engine.with(py, |engine| what(engine))
    }

    /// Apply a batch; `take` gets its event frames, which stay where they are until the next batch.
    fn apply<R: Send>(
        &self,
        py: Python<'_>,
        frames: &[u8],
        take: impl FnOnce(&[u8]) -> R + Send,
    ) -> PyResult<R> {
        let done = self.engine.with(py, |engine| {
            engine.apply_batch(frames)?;
            self.sequence.store(engine.sequence(), Ordering::Release);
            self.time_ms.store(engine.time_ms(), Ordering::Release);
            Ok(take(engine.events()))
        })?;
        done.map_err(|error| refused(&error))
    }
}

#[pymethods]
impl Door {
    #[new]
    fn new(py: Python<'_>) -> PyResult<Self> {
        Ok(Self::of(caught(py, Engine::new)?))
    }

    #[staticmethod]
    #[pyo3(signature = (records, /))]
    fn restore(py: Python<'_>, records: &[u8]) -> PyResult<Self> {
        let restored = caught(py, || Engine::restore(records))?;
        let engine = restored.map_err(|error| CodecError::new_err(error.to_string()))?;
        Ok(Self::of(engine))
    }

    #[getter]
    fn sequence(&self) -> u64 {
        self.sequence.load(Ordering::Acquire)
    }

    #[getter]
    fn time_ms(&self) -> u64 {
        self.time_ms.load(Ordering::Acquire)
    }

    #[pyo3(signature = (frames, /))]
    fn apply_batch<'py>(&self, py: Python<'py>, frames: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        // One copy: the GIL is taken while the engine is still ours. Nobody waits for an engine with the GIL in hand.
        let copy = |events: &[u8]| Python::attach(|py| PyBytes::new(py, events).unbind());
        Ok(self.apply(py, frames, copy)?.into_bound(py))
    }

    #[pyo3(signature = (frames, /))]
    fn replay(&self, py: Python<'_>, frames: &[u8]) -> PyResult<()> {
        self.apply(py, frames, |_| ())
    }

    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let frames = self.read(py, Engine::snapshot)?;
        Ok(PyBytes::new(py, &frames))
    }

    fn state_hash<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let hash = self.read(py, Engine::state_hash)?;
        Ok(PyBytes::new(py, &hash))
    }

    fn next_tick_at(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        self.read(py, Engine::next_tick_at)
    }

    #[pyo3(signature = (market_id, limit, /))]
    fn depth(
        &self,
        py: Python<'_>,
        market_id: u32,
        limit: usize,
    ) -> PyResult<Option<(Vec<Level>, Vec<Level>)>> {
        self.read(py, |engine| engine.depth(market_id, limit))
    }

    #[pyo3(signature = (account_id, /))]
    fn balances<'py>(&self, py: Python<'py>, account_id: u64) -> PyResult<Bound<'py, PyBytes>> {
        let frames = self.read(py, |engine| engine.balances(account_id))?;
        Ok(PyBytes::new(py, &frames))
    }

    #[pyo3(signature = (account_id, /))]
    fn orders<'py>(&self, py: Python<'py>, account_id: u64) -> PyResult<Bound<'py, PyBytes>> {
        let frames = self.read(py, |engine| engine.orders(account_id))?;
        Ok(PyBytes::new(py, &frames))
    }

    /// Panic in the middle of a call: for the test of what a bug leaves behind.
    fn _panic(&self, py: Python<'_>) -> PyResult<()> {
        self.read(py, |engine| {
            panic!("asked for, after command {}", engine.sequence())
        })
    }
}
