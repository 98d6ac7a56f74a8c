//! What the disk takes by itself, when nothing else is going on in this process: the baseline.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use crate::histogram::Histogram;

/// About what comes in during one sync at a million commands a second.
const BYTES: usize = 32 * 1024;
const TIMES: usize = 1_000;

/// Time appends, each of which is written and synced before the next.
pub fn appends(folder: &Path) -> io::Result<Histogram> {
    let path = folder.join("floor");
    let mut file = OpenOptions::new()
        .append(true)
        .create_new(true)
        .open(path)?;
    let data = vec![0xA5; BYTES];
    let mut times = Histogram::new();
    for _ in 0..TIMES {
        let began = Instant::now();
        file.write_all(&data)?;
        file.sync_data()?;
        times.add(began.elapsed());
    }
    Ok(times)
}
