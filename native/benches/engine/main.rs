//! The engine alone, without Python: throughput, times per command, and what could make it slow.
//!
//! `cargo bench --bench engine [-- [--quick] [name ...]]` prints a figure per line, fields by tabs: name, value, unit,
//! baseline, its value, note. benches/native_engine.py runs it, adds the figures from Python's side, keeps them.

mod bare_book;
mod figures;
mod load;
mod measure;
mod memory;
mod shapes;

use figures::Figure;

/// How much to do.
#[derive(Clone, Copy)]
pub struct Sizes {
    /// Commands of a stream.
    pub commands: usize,
    /// How often a stream is played for a median.
    pub rounds: usize,
    /// Commands of the long replay.
    pub replayed: usize,
    /// The most resting orders.
    pub resting: usize,
}

const FULL: Sizes = Sizes {
    commands: 200_000,
    rounds: 9,
    replayed: 10_000_000,
    resting: 1_000_000,
};

const QUICK: Sizes = Sizes {
    commands: 50_000,
    rounds: 1,
    replayed: 300_000,
    resting: 30_000,
};

/// A group of figures.
type Group = fn(Sizes) -> Vec<Figure>;

const GROUPS: [(&str, Group); 8] = [
    ("mixed", figures::mixed),
    ("sweeps", shapes::sweeps),
    ("deep", shapes::deep),
    ("markets", shapes::markets),
    ("storm", shapes::storm),
    ("curve", shapes::curve),
    ("replay", figures::replay),
    ("memory", memory::figures),
];

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    if words.first().is_some_and(|word| word == memory::HOLD) {
        memory::hold();
        return;
    }
    let (flags, names): (Vec<_>, Vec<_>) = words.into_iter().partition(|word| word == "--quick");
    let sizes = if flags.is_empty() { FULL } else { QUICK };
    for (name, group) in GROUPS {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            for figure in group(sizes) {
                println!("{figure}");
            }
        }
    }
}
