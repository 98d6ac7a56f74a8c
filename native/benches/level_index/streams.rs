//! The streams of orders that all designs play, and a book of nothing but levels that plays them.

use cse_native::arena::NIL;
use cse_native::book::LevelIndex;
use cse_native::messages::Side;

/// What happens to one side of a book.
#[derive(Clone, Copy)]
pub enum Order {
    /// Rest an order at this price of market `.1`.
    Add(u64, u32),
    /// Cancel the n-th order of the stream, unless it is gone.
    Cancel(u32),
    /// Trade with the best order of a market.
    Take(u32),
}

/// A stream of orders, after those that fill the book before.
pub struct Stream {
    pub name: &'static str,
    pub markets: u32,
    pub before: Vec<Order>,
    pub orders: Vec<Order>,
}

/// Orders of a stream.
const LENGTH: u32 = 200_000;

/// Deterministic numbers (Marsaglia's xorshift64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }

    /// Steps beyond the touch: geometric with a mean of 20, as in benches/mixed_load.py.
    fn offset(&mut self) -> u64 {
        let uniform = ((self.next() >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
        (-20.0 * uniform.ln()) as u64
    }
}

/// Return every stream.
pub fn all() -> Vec<Stream> {
    let shares = |near| (near, 30, 10);
    let mixed = |random: &mut Random, _: u32| 10_000 + random.offset();
    let deep = |random: &mut Random, _: u32| 10_000 + random.below(10_000);
    let drift = |random: &mut Random, n: u32| 1_000_000 - u64::from(n) + random.offset();
    let fall = |random: &mut Random, n: u32| 10_000 + u64::from(n) + random.offset();
    let sparse = |random: &mut Random, _: u32| 10_000 + 1_009 * random.below(1_000);
    let far = |random: &mut Random, n: u32| match n % 4 {
        0 => 10_000 + random.offset(),
        1 => 1_000_000_000 + random.offset(),
        2 => 1 + random.below(1 << 40),
        _ => (1 << 50) + random.below(64),
    };
    vec![
        stream("mixed", 1, shares(60), 2_000, mixed),
        stream("mixed, 1,000 markets", 1_000, shares(60), 20_000, mixed),
        stream("deep", 1, (50, 50, 0), 10_000, deep),
        stream("drift to better", 1, (50, 25, 25), 500, drift),
        stream("drift to worse", 1, (50, 0, 50), 500, fall),
        stream("sparse", 1, (50, 40, 10), 1_000, sparse),
        stream("near and far", 1, (50, 40, 10), 1_000, far),
        alternation(),
    ]
}

/// Draw adds, cancels and trades by their shares of 100.
fn stream(
    name: &'static str,
    markets: u32,
    (adds, cancels, _): (u64, u64, u64),
    before: u32,
    price: impl Fn(&mut Random, u32) -> u64,
) -> Stream {
    let mut random = Random(88_172_645_463_325_252);
    let mut orders = Vec::new();
    for n in 0..before + LENGTH {
        let market = random.below(u64::from(markets)) as u32;
        let dice = random.below(100);
        orders.push(if n < before || dice < adds {
            Order::Add(price(&mut random, n), market)
        } else if dice < adds + cancels {
            Order::Cancel(random.below(u64::from(n)) as u32)
        } else {
            Order::Take(market)
        });
    }
    let rest = orders.split_off(before as usize);
    Stream {
        name,
        markets,
        before: orders,
        orders: rest,
    }
}

/// A crowded book, and far better orders that come and go: what would make a window run to and fro.
fn alternation() -> Stream {
    let before: Vec<Order> = (0..2_000).map(|n| Order::Add(1_000_000 + n, 0)).collect();
    let mut orders = Vec::new();
    for n in 0..LENGTH / 4 {
        orders.push(Order::Add(1_000, 0));
        orders.push(Order::Take(0));
        orders.push(Order::Add(2_000_000 + u64::from(n % 100), 0));
        orders.push(Order::Cancel(2_000 + 4 * n + 2));
    }
    Stream {
        name: "alternation",
        markets: 1,
        before,
        orders,
    }
}

struct Level {
    price: u64,
    market: u32,
    orders: u32,
}

/// Levels with a number of orders each, and which level each order is at.
pub struct Play<I> {
    sides: Vec<I>,
    levels: Vec<Level>,
    free: Vec<u32>,
    places: Vec<u32>,
}

impl<I: LevelIndex> Play<I> {
    pub fn new(stream: &Stream) -> Self {
        Self {
            sides: (0..stream.markets).map(|_| I::new(Side::Sell)).collect(),
            levels: Vec::new(),
            free: Vec::new(),
            places: Vec::with_capacity(stream.before.len() + stream.orders.len()),
        }
    }

    pub fn warm_up(&mut self, stream: &Stream) {
        for &order in &stream.before {
            self.apply(order);
        }
    }

    /// Play the stream; returns a number that depends on every best level met. Never inlined, so that callgrind can
    /// count what happens in it (`--toggle-collect='*Play*run*'`).
    #[inline(never)]
    pub fn run(&mut self, stream: &Stream) -> u64 {
        let mut sum = 0_u64;
        for &order in &stream.orders {
            sum = sum.wrapping_mul(31).wrapping_add(self.apply(order));
        }
        sum
    }

    /// Apply one order as an engine does: look at the best level first, then change the book.
    fn apply(&mut self, order: Order) -> u64 {
        let mut placed = NIL;
        let mut seen = 0;
        match order {
            Order::Add(price, market) => {
                let side = &mut self.sides[market as usize];
                let best = side.best();
                seen = if best == NIL {
                    0
                } else {
                    self.levels[best as usize].price
                };
                placed = side.find(price);
                if placed == NIL {
                    let level = Level {
                        price,
                        market,
                        orders: 0,
                    };
                    placed = self.free.pop().unwrap_or(self.levels.len() as u32);
                    if placed as usize == self.levels.len() {
                        self.levels.push(level);
                    } else {
                        self.levels[placed as usize] = level;
                    }
                    side.insert(price, placed);
                }
                self.levels[placed as usize].orders += 1;
            }
            Order::Cancel(n) => {
                let level = std::mem::replace(&mut self.places[n as usize], NIL);
                if level != NIL {
                    self.take_from(level);
                }
            }
            Order::Take(market) => {
                let best = self.sides[market as usize].best();
                if best != NIL {
                    seen = self.levels[best as usize].price;
                    self.take_from(best);
                }
            }
        }
        self.places.push(placed);
        seen
    }

    fn take_from(&mut self, slot: u32) {
        let level = &mut self.levels[slot as usize];
        // Orders that were traded are not told apart from those that were cancelled later: a level may be gone.
        if level.orders == 0 {
            return;
        }
        level.orders -= 1;
        if level.orders == 0 {
            let (price, market) = (level.price, level.market);
            self.sides[market as usize].remove(price);
            self.free.push(slot);
        }
    }
}
