//! Memory: what a process with a full venue has resident. It is a process of its own, without a generator's remains.

use std::process::Command;

use cse_native::engine::Engine;

use crate::Sizes;
use crate::figures::Figure;
use crate::load::{Load, Shape};

/// The word that makes this program hold a venue and tell its memory.
pub const HOLD: &str = "--hold";

/// 1,000 markets with 100,000 orders.
pub fn figures(sizes: Sizes) -> Vec<Figure> {
    let orders = 100_000.min(sizes.resting);
    let path = std::env::temp_dir().join(format!("cse-bench-{}.frames", std::process::id()));
    let mut load = Load::new(Shape {
        markets: 1_000,
        ..Shape::default()
    });
    load.fill(orders);
    std::fs::write(&path, &load.frames.bytes).expect("room in the temporary directory");
    let program = std::env::current_exe().expect("a path of this program");
    let done = Command::new(program).arg(HOLD).arg(&path).output();
    std::fs::remove_file(&path).expect("the file is ours");
    let told = String::from_utf8(done.expect("this program runs").stdout).expect("numbers");
    let numbers: Vec<f64> = told
        .split_whitespace()
        .map(|word| word.parse().expect("a number"))
        .collect();
    vec![Figure {
        name: format!("memory of 1000 markets with {orders} orders"),
        value: numbers[1],
        unit: "MB",
        baseline: "the process before it".into(),
        baseline_value: numbers[0],
        note: "resident in a process of its own".into(),
    }]
}

/// Apply the frames of a file, batch by batch; print the resident memory before and after.
pub fn hold() {
    let before = resident_mb();
    let path = std::env::args().next_back().expect("a path");
    let engine = {
        let frames = std::fs::read(path).expect("the file that was written");
        let mut engine = Engine::new();
        let offsets = crate::measure::offsets(&frames);
        for ends in offsets.windows(2) {
            engine
                .apply_batch(&frames[ends[0]..ends[1]])
                .expect("a stream is in order");
        }
        engine
    };
    println!("{before} {}", resident_mb());
    drop(engine);
}

fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux system");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kb = line
        .and_then(|line| line.split_whitespace().nth(1))
        .expect("VmRSS in kB");
    kb.parse::<f64>().expect("a number") / 1024.0
}
