//! A folder for a journal, and a disk that does as a test says.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cse_native::journal::{Appender, Disk, Mark, Place, RealDisk};

pub const ENOSPC: i32 = 28;

/// A folder of its own, gone at the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cse-journal-{}-{name}", std::process::id()));
        fs::create_dir(&path).expect("a new folder");
        Self(path)
    }

    pub fn place(&self, segment_bytes: u64) -> Place {
        Place {
            folder: self.0.clone(),
            venue_id: [7; 16],
            segment_bytes,
            end: Mark::default(),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a scripted disk does when its call comes.
#[derive(Clone, Copy)]
pub enum Fault {
    Refuse,
    /// Writes half of it first.
    Half,
    Panic,
}

/// The real disk, noting what is asked of it; one call, counted from 1, goes wrong.
struct Scripted {
    asked: Arc<Mutex<Vec<&'static str>>>,
    at: usize,
    fault: Fault,
}

impl Scripted {
    fn call(&mut self, name: &'static str) -> io::Result<()> {
        let mut asked = self.asked.lock().expect("nobody panics holding it");
        asked.push(name);
        let now = asked.len() == self.at;
        drop(asked);
        match self.fault {
            Fault::Panic if now => panic!("as the test wants it"),
            Fault::Refuse if now => Err(io::Error::from_raw_os_error(ENOSPC)),
            _ => Ok(()),
        }
    }

    fn half(&self) -> bool {
        matches!(self.fault, Fault::Half) && self.asked.lock().expect("whole").len() == self.at
    }
}

impl Disk for Scripted {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        self.call("create")?;
        RealDisk.create(path)
    }

    fn write(&mut self, file: &File, data: &[u8]) -> io::Result<()> {
        self.call("write")?;
        if self.half() {
            RealDisk.write(file, &data[..data.len() / 2])?;
            return Err(io::Error::from_raw_os_error(ENOSPC));
        }
        RealDisk.write(file, data)
    }

    fn sync(&mut self, file: &File) -> io::Result<()> {
        self.call("sync")?;
        RealDisk.sync(file)
    }

    fn write_at(&mut self, file: &File, data: &[u8], offset: u64) -> io::Result<()> {
        self.call("write_at")?;
        RealDisk.write_at(file, data, offset)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.call("rename")?;
        RealDisk.rename(from, to)
    }

    fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
        self.call("sync_folder")?;
        RealDisk.sync_folder(folder)
    }
}

pub type Asked = Arc<Mutex<Vec<&'static str>>>;

pub fn scripted(place: Place, at: usize, fault: Fault) -> (Appender, Asked) {
    let asked = Asked::default();
    let disk = Scripted {
        asked: Arc::clone(&asked),
        at,
        fault,
    };
    (
        Appender::begin(place, Box::new(disk)).expect("a new journal"),
        asked,
    )
}

pub fn calls(asked: &Asked) -> Vec<&'static str> {
    asked.lock().expect("whole").clone()
}
