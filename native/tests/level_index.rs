//! Proves that the level index answers as an ordered map does, whatever prices come in whatever order.

use std::collections::BTreeMap;

use cse_native::arena::NIL;
use cse_native::book::index::LevelIndex;
use cse_native::book::window::WindowIndex;
use cse_native::messages::Side;
use proptest::prelude::*;

/// The plainest index there is: what the others are compared with.
struct Reference {
    side: Side,
    levels: BTreeMap<u64, u32>,
}

impl Reference {
    fn best(&self) -> Option<(u64, u32)> {
        let mut prices = self.levels.iter().map(|(&price, &level)| (price, level));
        match self.side {
            Side::Buy => prices.next_back(),
            Side::Sell => prices.next(),
        }
    }

    fn next_worse(&self, price: u64) -> u32 {
        let found = match self.side {
            Side::Buy => self.levels.range(..price).next_back(),
            Side::Sell => price
                .checked_add(1)
                .and_then(|after| self.levels.range(after..).next()),
        };
        found.map_or(NIL, |(_, &level)| level)
    }
}

/// What to do next; prices are drawn by the test.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Put a level in at the price, or take it out if it is there.
    Toggle(u64),
    /// Take the best level out.
    TakeBest,
    /// Only ask.
    Ask(u64),
}

/// An index and its reference, kept in step.
struct Pair {
    index: WindowIndex,
    reference: Reference,
    /// Prices by level.
    prices: Vec<u64>,
}

impl Pair {
    fn new(side: Side) -> Self {
        Self {
            index: WindowIndex::new(side),
            reference: Reference {
                side,
                levels: BTreeMap::new(),
            },
            prices: Vec::new(),
        }
    }

    fn toggle(&mut self, price: u64) {
        if self.reference.levels.remove(&price).is_some() {
            self.index.remove(price);
        } else {
            let level = u32::try_from(self.prices.len()).expect("few levels");
            self.prices.push(price);
            self.index.insert(price, level);
            self.reference.levels.insert(price, level);
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Toggle(price) => {
                self.toggle(price);
                self.ask(price);
            }
            Step::TakeBest => {
                if let Some((price, _)) = self.reference.best() {
                    self.toggle(price);
                    self.ask(price);
                }
            }
            Step::Ask(price) => self.ask(price),
        }
        let best = self.reference.best().map_or(NIL, |(_, level)| level);
        assert_eq!(self.index.best(), best, "best after {step:?}");
    }

    fn ask(&self, price: u64) {
        let expected = self.reference.levels.get(&price).copied().unwrap_or(NIL);
        assert_eq!(self.index.find(price), expected, "find {price}");
        assert_eq!(
            self.index.next_worse(price),
            self.reference.next_worse(price),
            "next worse than {price}"
        );
    }

    /// Compare everything: each level by price, and the walk from the best on.
    fn compare_all(&self) {
        for (&price, &level) in &self.reference.levels {
            assert_eq!(self.index.find(price), level, "find {price}");
        }
        let mut walked = 0;
        let mut level = self.index.best();
        while level != NIL {
            walked += 1;
            let price = self.prices[level as usize];
            level = self.index.next_worse(price);
            assert_eq!(level, self.reference.next_worse(price), "walk from {price}");
        }
        assert_eq!(walked, self.reference.levels.len());
    }
}

fn run(side: Side, steps: impl IntoIterator<Item = Step>) {
    let mut pair = Pair::new(side);
    for step in steps {
        pair.step(step);
    }
    pair.compare_all();
}

fn sides() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Buy), Just(Side::Sell)]
}

/// Prices as they come: around a touch, farther out, at both ends of the range, anywhere.
fn prices() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => 9_900..10_100_u64,
        3 => 6_000..14_000_u64,
        1 => 1..200_u64,
        1 => u64::MAX - 200..=u64::MAX,
        1 => 1..=u64::MAX,
    ]
}

fn steps(prices: impl Strategy<Value = u64>) -> impl Strategy<Value = Step> {
    prices.prop_flat_map(|price| {
        prop_oneof![
            6 => Just(Step::Toggle(price)),
            1 => Just(Step::TakeBest),
            1 => Just(Step::Ask(price)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Near, far and extreme prices mixed, on either side.
    #[test]
    fn any_prices(side in sides(), all in prop::collection::vec(steps(prices()), 1..400)) {
        run(side, all);
    }

    /// Few prices, so that blocks fill up and run empty.
    #[test]
    fn crowded_prices(side in sides(), all in prop::collection::vec(steps(9_990..10_200_u64), 1..800)) {
        run(side, all);
    }

    /// A market that drifts up or down, fast or slowly, leaving levels behind or not.
    #[test]
    fn drifts(
        side in sides(),
        start in prop_oneof![Just(1_000_000_u64), Just(u64::MAX / 2)],
        pace in -700..700_i64,
        offsets in prop::collection::vec((0..400_u64, 0..4_u8), 1..600),
    ) {
        let mut touch = start;
        let steps = offsets.into_iter().map(|(offset, kind)| {
            touch = touch.saturating_add_signed(pace / 10).max(1);
            if kind == 0 { Step::TakeBest } else { Step::Toggle(touch + offset) }
        });
        run(side, steps);
    }

    /// Jumps between two places, each with levels of its own: the window must not lose what it leaves.
    #[test]
    fn alternation(
        side in sides(),
        places in prop::array::uniform2(1..u64::MAX - 5_000),
        hops in prop::collection::vec((0..2_usize, 0..5_000_u64, 0..5_u8), 1..600),
    ) {
        let steps = hops.into_iter().map(|(place, offset, kind)| {
            let price = places[place] + offset % [1, 64, 100, 1_000, 5_000][kind as usize];
            if kind == 4 { Step::TakeBest } else { Step::Toggle(price) }
        });
        run(side, steps);
    }
}

/// A book of 10,000 levels, built from far to near, then from near to far, and swept from the best on.
#[test]
fn deep_books() {
    for side in [Side::Buy, Side::Sell] {
        for rising in [true, false] {
            let price = |n: u64| if rising { 50_000 + n } else { 60_000 - n };
            let mut pair = Pair::new(side);
            for n in 0..10_000 {
                pair.step(Step::Toggle(price(n)));
            }
            for n in 0..10_000 {
                pair.step(Step::TakeBest);
                pair.step(Step::Ask(price(n)));
            }
            assert_eq!(pair.index.best(), NIL);
        }
    }
}

/// The two ends of the price range can stand in one book, and the last of them leaves it empty.
#[test]
fn both_ends() {
    for side in [Side::Buy, Side::Sell] {
        let ends = [1, u64::MAX, 2, u64::MAX - 1, 1 << 63];
        let there = ends.iter().map(|&price| Step::Toggle(price));
        let back = ends.iter().rev().map(|&price| Step::Toggle(price));
        run(side, there.chain(back));
    }
}
