//! Orders that arrive by the clock, in one process: taken, made durable, applied, acknowledged.
//!
//! `open_loop <folder> [commands per second [seconds [bytes per segment]]]` paces the mixed load by a schedule that waits
//! for nobody, and counts each command's time from when it was due (no coordinated omission) until it is durable and
//! applied. Three threads: arrivals, engine, journal. One line of JSON; the journal in `folder` is removed afterwards.

mod arrivals;
mod cpu;
mod floor;
mod histogram;
mod laps;
#[allow(dead_code)] // the engine's benchmark uses all of it
#[path = "../../benches/engine/load.rs"]
mod load;
mod venue;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::str::FromStr;
use std::thread;

use cse_native::journal::{Appender, JournalThread, Mark, Place, RealDisk};

use arrivals::{Inbox, Schedule};
use laps::Laps;
use venue::{Report, Venue};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let folder = Path::new(&folder).join(format!(".open-loop-{}", std::process::id()));
    fs::create_dir(&folder)?;
    let report = run(
        &folder,
        argument(2, 1_000_000)?,
        argument(3, 60)?,
        argument(4, 64 << 20)?,
    );
    fs::remove_dir_all(&folder)?;
    println!("{}", report?);
    Ok(())
}

fn argument<T: FromStr>(at: usize, otherwise: T) -> Result<T, T::Err> {
    std::env::args()
        .nth(at)
        .map_or(Ok(otherwise), |given| given.parse())
}

fn run(
    folder: &Path,
    rate: u64,
    seconds: u64,
    segment_bytes: u64,
) -> Result<Report, Box<dyn Error>> {
    let floor = floor::appends(folder)?;
    let laps = Laps::new();
    let place = Place {
        folder: folder.to_owned(),
        venue_id: [0; 16],
        segment_bytes,
        end: Mark::default(),
    };
    let journal = JournalThread::start(Appender::begin(place, Box::new(RealDisk))?)?;
    let mut venue = Venue::new(journal, laps.opening())?;
    let inbox = Inbox::new()?;
    let schedule = Schedule::starting_soon(rate, seconds);
    thread::scope(|scope| {
        let arriving = scope.spawn(|| arrivals::run(laps, &schedule, &inbox));
        let mut report = venue.serve(&schedule, &inbox, floor)?;
        report.arrivals_cpu = arriving.join().expect("it has no reason to panic")?;
        Ok(report)
    })
}
