//! The door to the journal: a class that appends in a thread of its own, and a function that takes
//! frames out of records.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::path::{Path, PathBuf};

use pyo3::exceptions::{PyAssertionError, PyOSError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyTuple};

use crate::journal::{
    AppendError, Appender, Disk, Done, JournalThread, Mark, Place, RealDisk, strip_records,
};

/// Add what this module offers to the Python module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<JournalAppender>()?;
    module.add_function(wrap_pyfunction!(strip, module)?)
}

/// See `cse_native.pyi`.
#[pyclass(module = "cse_native")]
struct JournalAppender {
    thread: JournalThread<PyBackedBytes>,
}

#[pymethods]
impl JournalAppender {
    #[new]
    #[pyo3(signature = (folder, venue_id, segment_bytes, end, disk=None))]
    fn new(
        folder: PathBuf,
        venue_id: [u8; 16],
        segment_bytes: u64,
        end: (u64, u64, u64, u32),
        disk: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let (sequence, segment, offset, crc) = end;
        let end = Mark {
            sequence,
            segment,
            end: offset,
            crc,
        };
        let disk: Box<dyn Disk> = match disk {
            Some(disk) => Box::new(PythonDisk(disk)),
            None => Box::new(RealDisk),
        };
        let appender = Appender::open(
            Place {
                folder,
                venue_id,
                segment_bytes,
                end,
            },
            disk,
        )?;
        Ok(Self {
            thread: JournalThread::start(appender)?,
        })
    }

    #[getter]
    fn last_sequence(&self) -> u64 {
        self.thread.last_sequence()
    }

    fn fileno(&self) -> RawFd {
        self.thread.wake().as_raw_fd()
    }

    #[pyo3(signature = (frames, /))]
    fn hand(&self, frames: &Bound<'_, PyBytes>) {
        self.thread.hand(PyBackedBytes::from(frames.clone()));
    }

    fn take<'py>(&self, py: Python<'py>) -> PyResult<Vec<Option<Bound<'py, PyAny>>>> {
        self.thread
            .take()
            .into_iter()
            .map(|done| outcome(py, done))
            .collect()
    }

    fn wait<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        outcome(py, py.detach(|| self.thread.wait()))
    }

    fn close(&mut self, py: Python<'_>) {
        py.detach(|| self.thread.close());
    }
}

#[pyfunction]
#[pyo3(name = "strip_records", signature = (data, at, limit, sequence, time_ms, /))]
fn strip<'py>(
    py: Python<'py>,
    data: &[u8],
    at: usize,
    limit: usize,
    sequence: u64,
    time_ms: u64,
) -> (Bound<'py, PyBytes>, usize, usize, u64) {
    let taken = py.detach(|| strip_records(data, at, limit, sequence, time_ms));
    (
        PyBytes::new(py, &taken.frames),
        taken.count,
        taken.position,
        taken.time_ms,
    )
}

/// None where the batch is durable, else the exception that says why it is not known to be.
fn outcome(py: Python<'_>, done: Done<PyBackedBytes>) -> PyResult<Option<Bound<'_, PyAny>>> {
    let Err(error) = done.outcome else {
        return Ok(None);
    };
    let exception = match &error {
        AppendError::Refused(reason) => PyAssertionError::new_err(reason.to_string()),
        AppendError::Failed { path, error } => disk_error(py, path, error)?,
        AppendError::FailedEarlier(_) => PyRuntimeError::new_err(error.to_string()),
    };
    Ok(Some(exception.into_value(py).into_bound(py).into_any()))
}

/// The OSError of a system's error with its number and the file; of a Python disk, what it raised.
fn disk_error(py: Python<'_>, path: &Path, error: &io::Error) -> PyResult<PyErr> {
    if let Some(raised) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<PyErr>())
    {
        return Ok(raised.clone_ref(py));
    }
    let Some(number) = error.raw_os_error() else {
        return Ok(PyOSError::new_err(format!("{}: {error}", path.display())));
    };
    let text = py.import("os")?.call_method1("strerror", (number,))?;
    Ok(PyOSError::new_err((
        number,
        text.unbind(),
        path.to_path_buf(),
    )))
}

/// A `cse.adapters.journal.disk.Disk`: tests make it fail, or end the process, at any call.
struct PythonDisk(Py<PyAny>);

impl PythonDisk {
    fn call(
        &self,
        method: &str,
        arguments: impl for<'a> FnOnce(Python<'a>) -> PyResult<Bound<'a, PyTuple>>,
    ) -> io::Result<()> {
        Python::attach(|py| self.0.call_method1(py, method, arguments(py)?).map(drop))
            .map_err(io::Error::from)
    }
}

impl Disk for PythonDisk {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        Python::attach(|py| {
            let theirs = self.0.call_method1(py, "create", (path,))?;
            let ours = OpenOptions::new().append(true).open(path);
            py.import("os")?.call_method1("close", (theirs,))?;
            Ok::<_, PyErr>(ours)
        })?
    }

    fn write(&mut self, file: &File, data: &[u8]) -> io::Result<()> {
        self.call("write", |py| {
            (file.as_raw_fd(), PyBytes::new(py, data)).into_pyobject(py)
        })
    }

    fn sync(&mut self, file: &File) -> io::Result<()> {
        self.call("sync", |py| (file.as_raw_fd(),).into_pyobject(py))
    }

    fn write_at(&mut self, file: &File, data: &[u8], offset: u64) -> io::Result<()> {
        self.call("write_at", |py| {
            (file.as_raw_fd(), PyBytes::new(py, data), offset).into_pyobject(py)
        })
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.call("rename", |py| (from, to).into_pyobject(py))
    }

    fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
        self.call("sync_folder", |py| (folder,).into_pyobject(py))
    }
}
