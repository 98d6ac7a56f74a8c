//! One engine behind a lock: callers take turns without holding the GIL, and a panic closes it for good.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;

use super::errors::panicked;

/// Something that a panic may leave half changed.
pub struct Guarded<T>(Mutex<Option<T>>);

impl<T: Send> Guarded<T> {
    /// Take something whole.
    pub fn new(whole: T) -> Self {
        Self(Mutex::new(Some(whole)))
    }

    /// Work with it, in turn and without the GIL. After a panic this call and every later one fails.
    ///
    /// # Errors
    /// RuntimeError: a panic, now or earlier.
    pub fn with<R: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut T) -> R + Send,
    ) -> PyResult<R> {
        py.detach(|| {
            // A panic that was not caught below cannot be; were it, what it left would be judged by the next call.
            let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let whole = held.as_mut()?;
            let result = catch_unwind(AssertUnwindSafe(|| work(whole)));
            if result.is_err() {
                *held = None; // half changed: nobody may see it again
            }
            result.ok()
        })
        .ok_or_else(panicked)
    }
}

/// Call something that keeps no state, and turn a panic into an exception.
///
/// # Errors
/// RuntimeError: a panic.
pub fn caught<R: Send>(py: Python<'_>, work: impl FnOnce() -> R + Send) -> PyResult<R> {
    py.detach(|| catch_unwind(AssertUnwindSafe(work)))
        .map_err(|_| panicked())
}
