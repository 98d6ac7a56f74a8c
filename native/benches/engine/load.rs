//! The streams of commands, as frames: the mixed load of benches/mixed_load.py and what bends it in one direction.
//!
//! A stream is made by playing it into an engine of its own, so that cancels name orders that were accepted.

use cse_native::codec::{read_frame, write_header};
use cse_native::engine::Engine;
use cse_native::layout::{Message, Text};
use cse_native::messages::commands as c;
use cse_native::messages::events::OrderAccepted;
use cse_native::messages::{
    HEADER_SIZE, MarketStatus, OrderType, SelfTradePrevention, Side, TimeInForce,
};

const USDC: u32 = 1;
const NOVA: u32 = 2;
const FIRST_ACCOUNT: u64 = 1_000;
const PLENTY: u64 = 1_000_000_000_000_000;

/// Deterministic numbers (Marsaglia's xorshift64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn exponential(&mut self, mean: f64) -> u64 {
        let uniform = (self.next() as f64 + 1.0) / (1_u64 << 53) as f64;
        (-mean * uniform.ln()) as u64
    }
}

/// Command frames that follow one another.
#[derive(Default)]
pub struct Frames {
    pub bytes: Vec<u8>,
    pub sequence: u64,
}

impl Frames {
    /// Append a command; returns where its frame begins.
    pub fn push<M: Message>(&mut self, command: &M) -> usize {
        let from = self.bytes.len();
        self.sequence += 1;
        self.bytes.resize(from + HEADER_SIZE + M::BODY, 0);
        let frame = &mut self.bytes[from..];
        write_header::<M>(frame, 0, self.sequence, 1);
        command.write(&mut frame[HEADER_SIZE..]);
        from
    }
}

/// What a stream is like. `Shape::default()` is the mixed load.
#[derive(Clone, Copy)]
pub struct Shape {
    pub markets: u32,
    pub accounts: u64,
    /// Where the market stands, in ticks.
    pub mid: u64,
    /// Prices of resting orders: up to so many ticks off with equal chances, 0: most of them near the touch.
    pub levels: u64,
    /// Orders that rest, once they do: then orders are added only while there are fewer; 0: more and more.
    pub resting: usize,
    /// Of 100 commands, those that cross.
    pub crossing: u64,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            markets: 1,
            accounts: 100,
            mid: 10_000,
            levels: 0,
            resting: 0,
            crossing: 10,
        }
    }
}

/// A stream that grows.
pub struct Load {
    shape: Shape,
    random: Random,
    engine: Engine,
    pub frames: Frames,
    /// Accounts and ids of orders that came to rest and may be open yet.
    pub open: Vec<(u64, u64)>,
}

impl Load {
    /// Begin with markets listed and every account given plenty.
    pub fn new(shape: Shape) -> Self {
        let mut load = Self {
            shape,
            random: Random(88_172_645_463_325_252),
            engine: Engine::new(),
            frames: Frames::default(),
            open: Vec::new(),
        };
        load.open_venue();
        let opening = &load.frames.bytes;
        load.engine.apply_batch(opening).expect("whole frames");
        load
    }

    fn open_venue(&mut self) {
        let frames = &mut self.frames;
        for (asset_id, symbol) in [(USDC, "USDC"), (NOVA, "NOVA")] {
            let symbol = text(symbol);
            let scale = 6;
            frames.push(&c::CreateAsset {
                asset_id,
                symbol,
                scale,
            });
        }
        frames.push(&c::SetFeeTier {
            tier: 0,
            maker_ppm: 1_000,
            taker_ppm: 2_000,
        });
        for market_id in 1..=self.shape.markets {
            frames.push(&market(market_id, self.shape.mid));
        }
        for account_id in (0..self.shape.accounts).map(|n| FIRST_ACCOUNT + n) {
            frames.push(&c::OpenAccount {
                account_id,
                fee_tier: 0,
            });
            for asset_id in [USDC, NOVA] {
                let key = u128::from(account_id * 10 + u64::from(asset_id)).to_be_bytes();
                let amount = PLENTY;
                frames.push(&c::CreditDeposit {
                    account_id,
                    asset_id,
                    amount,
                    key,
                });
            }
        }
    }

    /// Append `count` commands of the load; returns where they begin.
    pub fn grow(&mut self, count: usize) -> usize {
        let from = self.frames.bytes.len();
        for _ in 0..count {
            self.step();
        }
        from
    }

    /// Append `count` orders that rest, and nothing else; returns where they begin.
    pub fn fill(&mut self, count: usize) -> usize {
        let from = self.frames.bytes.len();
        for _ in 0..count {
            let order = self.order(false);
            self.play(&order);
        }
        from
    }

    /// Append cancels of all orders that may be open, in random order; returns where they begin.
    pub fn cancel_all(&mut self) -> usize {
        let from = self.frames.bytes.len();
        while !self.open.is_empty() {
            let cancel = self.cancel();
            self.play(&cancel);
        }
        from
    }

    /// Append one given order.
    pub fn place(&mut self, account: u64, side: Side, price: u64, quantity: u64) -> usize {
        let mut order = limit_order(FIRST_ACCOUNT + account, 1, side, price, quantity);
        order.stp = SelfTradePrevention::None;
        self.play(&order)
    }

    fn step(&mut self) {
        let dice = self.random.below(100);
        let cancels = match self.shape.resting {
            0 => dice >= 60 && !self.open.is_empty(),
            wanted => self.open.len() >= wanted,
        };
        if dice >= 100 - self.shape.crossing {
            let order = self.order(true);
            self.play(&order);
        } else if cancels {
            let cancel = self.cancel();
            self.play(&cancel);
        } else {
            let order = self.order(false);
            self.play(&order);
        }
    }

    fn cancel(&mut self) -> c::CancelOrder {
        let at = self.random.below(self.open.len() as u64) as usize;
        let (account_id, order_id) = self.open.swap_remove(at);
        c::CancelOrder {
            account_id,
            order_id,
            client_order_id: Text::EMPTY,
        }
    }

    fn order(&mut self, crossing: bool) -> c::PlaceOrder {
        let (shape, random) = (self.shape, &mut self.random);
        let side = if random.below(2) == 0 {
            Side::Buy
        } else {
            Side::Sell
        };
        let off = match (crossing, shape.levels) {
            (true, _) => 30,
            (false, 0) => 1 + random.exponential(20.0).min(shape.mid / 2 - 2),
            (false, levels) => 1 + random.below(levels),
        };
        let price = if (side == Side::Buy) == crossing {
            shape.mid + off
        } else {
            shape.mid - off
        };
        let account_id = FIRST_ACCOUNT + random.below(shape.accounts);
        let market_id = 1 + random.below(u64::from(shape.markets)) as u32;
        let quantity = 1 + random.below(if crossing { 1_499 } else { 999 });
        let mut order = limit_order(account_id, market_id, side, price, quantity);
        if crossing {
            order.time_in_force = TimeInForce::Ioc;
        }
        order
    }

    fn play<M: Message>(&mut self, command: &M) -> usize {
        let from = self.frames.push(command);
        let frame = &self.frames.bytes[from..];
        self.engine.apply_batch(frame).expect("a whole frame");
        let first = read_frame(self.engine.events(), 0).expect("at least one event");
        if first.number == OrderAccepted::NUMBER {
            let accepted = OrderAccepted::read(first.body).expect("an event of the engine");
            if accepted.time_in_force == TimeInForce::Gtc {
                self.open.push((accepted.account_id, accepted.order_id));
            }
        }
        from
    }
}

fn text<const N: usize>(from: &str) -> Text<N> {
    let mut raw = [0; N];
    raw[..from.len()].copy_from_slice(from.as_bytes());
    Text(raw)
}

fn market(market_id: u32, mid: u64) -> c::CreateMarket {
    c::CreateMarket {
        market_id,
        symbol: text(&format!("M{market_id}-USDC")),
        base_asset_id: NOVA,
        quote_asset_id: USDC,
        price_scale: 4,
        tick_size: 1,
        lot_size: 10_000,
        min_quantity: 1,
        max_quantity: 1_000_000_000,
        min_notional: 0,
        band_ppm: 500_000,
        reference_price: mid,
        max_open_orders: 65_000,
        status: MarketStatus::Open,
    }
}

fn limit_order(
    account_id: u64,
    market_id: u32,
    side: Side,
    price: u64,
    quantity: u64,
) -> c::PlaceOrder {
    c::PlaceOrder {
        account_id,
        market_id,
        side,
        kind: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        stp: SelfTradePrevention::ExpireMaker,
        post_only: false,
        price,
        trigger_price: 0,
        quantity,
        quote_quantity: 0,
        expires_at: 0,
        client_order_id: Text::EMPTY,
    }
}
