//! Which structure finds price levels fastest: three designs on the same streams of orders.
//!
//! `cargo bench --bench level_index` measures time. `-- --once <design> <stream>` runs one stream once, to count its
//! instructions under callgrind; with the design `none` it only makes the stream. Figures: docs/decisions/0030.

mod sorted;
mod streams;
mod tree;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput};

use cse_native::book::index::LevelIndex;
use cse_native::book::window::WindowIndex;
use streams::{Play, Stream};

/// Plays a stream with one design; returns a checksum.
type Once = fn(&Stream) -> u64;

const DESIGNS: [(&str, Once); 3] = [
    ("tree", play::<tree::TreeIndex>),
    ("sorted", play::<sorted::SortedIndex>),
    ("window", play::<WindowIndex>),
];

fn play<I: LevelIndex>(stream: &Stream) -> u64 {
    let mut play = Play::<I>::new(stream);
    play.warm_up(stream);
    play.run(stream)
}

fn measure<I: LevelIndex>(criterion: &mut Criterion, design: &str) {
    for stream in streams::all() {
        let mut group = criterion.benchmark_group(stream.name);
        group.throughput(Throughput::Elements(stream.orders.len() as u64));
        group.sample_size(10);
        let ready = || {
            let mut play = Play::<I>::new(&stream);
            play.warm_up(&stream);
            play
        };
        group.bench_function(design, |bencher| {
            bencher.iter_batched_ref(
                ready,
                |play| black_box(play.run(&stream)),
                BatchSize::PerIteration,
            );
        });
        group.finish();
    }
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let Some(at) = words.iter().position(|word| word == "--once") {
        once(&words[at + 1], &words[at + 2]);
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    measure::<tree::TreeIndex>(&mut criterion, "tree");
    measure::<sorted::SortedIndex>(&mut criterion, "sorted");
    measure::<WindowIndex>(&mut criterion, "window");
    criterion.final_summary();
}

fn once(design: &str, name: &str) {
    let stream = streams::all()
        .into_iter()
        .find(|stream| stream.name == name);
    let stream = stream.expect("a stream of streams::all");
    if let Some((_, play)) = DESIGNS.iter().find(|(name, _)| *name == design) {
        println!("{design} on {name}: checksum {}", play(&stream));
    }
}
