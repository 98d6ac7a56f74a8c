//! Time that threads had a processor, as the kernel counts it.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

/// This thread's, since it began.
pub fn own() -> io::Result<Duration> {
    read(Path::new("/proc/thread-self/schedstat"))
}

/// That of this process's thread with this name.
pub fn of(name: &str) -> io::Result<Duration> {
    for entry in fs::read_dir("/proc/self/task")? {
        let task = entry?.path();
        if fs::read_to_string(task.join("comm"))?.trim_end() == name {
            return read(&task.join("schedstat"));
        }
    }
    Err(io::Error::new(io::ErrorKind::NotFound, name.to_owned()))
}

fn read(path: &Path) -> io::Result<Duration> {
    let text = fs::read_to_string(path)?;
    let nanos = text.split(' ').next().and_then(|first| first.parse().ok());
    nanos
        .map(Duration::from_nanos)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, text))
}
