//! The few things a journal does to a disk, in one place, so that tests can make any of them fail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// What the journal asks of a disk; `cse.adapters.journal.disk.Disk` has the same methods.
pub trait Disk: Send {
    /// Create a file that must not exist, readable by its owner alone, open for appending.
    ///
    /// # Errors
    /// What the system says, here and below.
    fn create(&mut self, path: &Path) -> io::Result<File>;
    /// Append all of the data.
    ///
    /// # Errors
    /// A part of it may have been written.
    fn write(&mut self, file: &File, data: &[u8]) -> io::Result<()>;
    /// Return once what was written to the file has reached the device.
    ///
    /// # Errors
    /// What was written since the last sync may be lost, whatever a later sync says.
    fn sync(&mut self, file: &File) -> io::Result<()>;
    /// Overwrite a few bytes at a fixed place.
    ///
    /// # Errors
    /// A part of them may have been written.
    fn write_at(&mut self, file: &File, data: &[u8], offset: u64) -> io::Result<()>;
    /// Give a file its final name, at once or not at all.
    ///
    /// # Errors
    /// It keeps its name.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// Return once the names in a folder have reached the device.
    ///
    /// # Errors
    /// They may not have.
    fn sync_folder(&mut self, folder: &Path) -> io::Result<()>;
}

/// The disk itself.
#[derive(Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.append(true).create_new(true).mode(0o600).open(path)
    }

    fn write(&mut self, mut file: &File, data: &[u8]) -> io::Result<()> {
        file.write_all(data) // a full disk takes a part first and says so on the next call
    }

    fn sync(&mut self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn write_at(&mut self, file: &File, data: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(data, offset)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}
