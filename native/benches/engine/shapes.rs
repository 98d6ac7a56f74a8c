//! What could make an engine slow: deep sweeps, many levels, many markets, cancel storms, many orders.

use std::time::Instant;

use cse_native::messages::Side;

use crate::Sizes;
use crate::figures::{BATCH, Figure, median_per_command, warm};
use crate::load::{Load, Shape};
use crate::measure::median;

/// Return a figure of the time per command over a stream, beside the mixed load's.
fn beside_mixed(name: String, load: &Load, from: usize, sizes: Sizes, note: &str) -> Figure {
    let mut mixed = Load::new(Shape::default());
    let start = mixed.grow(sizes.commands);
    Figure {
        name,
        value: median_per_command(load, from, BATCH, sizes.rounds) * 1e9,
        unit: "ns per command",
        baseline: "the mixed load".into(),
        baseline_value: median_per_command(&mixed, start, BATCH, sizes.rounds) * 1e9,
        note: note.into(),
    }
}

/// One order through many resting ones, all of different accounts, at one price and over as many levels.
pub fn sweeps(sizes: Sizes) -> Vec<Figure> {
    let mut all = Vec::new();
    for (orders, levels) in [(1_000, 1), (1_000, 1_000), (5_000, 1), (5_000, 5_000)] {
        let shape = Shape {
            accounts: 200,
            mid: 1_000_000,
            ..Shape::default()
        };
        let mut load = Load::new(shape);
        for n in 0..orders {
            load.place(n % 199, Side::Sell, shape.mid + n % levels, 1);
        }
        let sweep = load.place(199, Side::Buy, shape.mid + levels, orders);
        let one = |_| {
            let mut engine = warm(&load, sweep);
            let started = Instant::now();
            engine
                .apply_batch(&load.frames.bytes[sweep..])
                .expect("an order");
            let seconds = started.elapsed().as_secs_f64();
            assert!(
                engine.events().len() > orders as usize * 150,
                "it went through all"
            );
            seconds
        };
        all.push(Figure {
            name: format!("one order through {orders} at {levels} levels, settled"),
            value: median((0..sizes.rounds * 20).map(one).collect()) * 1e6,
            unit: "us",
            ..Figure::default()
        });
    }
    all
}

/// Adds, cancels and crossing orders in a book of 10,000 levels a side.
pub fn deep(sizes: Sizes) -> Vec<Figure> {
    let mut load = Load::new(Shape {
        mid: 1_000_000,
        levels: 10_000,
        ..Shape::default()
    });
    load.fill(100_000.min(sizes.resting));
    let from = load.grow(sizes.commands);
    let note = "prices evenly over 10,000 levels a side, 100,000 orders from the start";
    vec![beside_mixed(
        "book of 10,000 levels a side".into(),
        &load,
        from,
        sizes,
        note,
    )]
}

/// The mixed load over 1,000 markets.
pub fn markets(sizes: Sizes) -> Vec<Figure> {
    let mut load = Load::new(Shape {
        markets: 1_000,
        ..Shape::default()
    });
    load.fill(100_000.min(sizes.resting));
    let from = load.grow(sizes.commands);
    let note = "100,000 orders from the start";
    vec![beside_mixed(
        "mixed load over 1,000 markets".into(),
        &load,
        from,
        sizes,
        note,
    )]
}

/// Nothing but cancels, in random order.
pub fn storm(sizes: Sizes) -> Vec<Figure> {
    let mut load = Load::new(Shape::default());
    load.fill(100_000.min(sizes.resting));
    let from = load.cancel_all();
    vec![beside_mixed(
        "cancel storm".into(),
        &load,
        from,
        sizes,
        "100,000 orders, cancelled in random order",
    )]
}

/// The same traffic at more and more resting orders.
pub fn curve(sizes: Sizes) -> Vec<Figure> {
    let counts = [1_000, 10_000, 100_000, 1_000_000];
    let figure = |resting: usize| {
        let mut load = Load::new(Shape {
            resting,
            ..Shape::default()
        });
        load.fill(resting);
        let from = load.grow(sizes.commands);
        let note = "as many adds as cancels of random orders, and 10 % that cross";
        beside_mixed(
            format!("{resting} resting orders"),
            &load,
            from,
            sizes,
            note,
        )
    };
    let wanted = counts.into_iter().filter(|&count| count <= sizes.resting);
    wanted.map(figure).collect()
}
