//! Seeded streams of commands of every kind, sensible enough that most are accepted (as tests/unit/engine/flow.py).

use cse_native::codec::write_header;
use cse_native::layout::{Message, Text};
use cse_native::messages::commands as c;
use cse_native::messages::{
    AccountStatus, HEADER_SIZE, MarketStatus, OrderType, SelfTradePrevention, Side, TimeInForce,
};

const ACCOUNTS: u64 = 6;
const FIRST_ACCOUNT: u64 = 1_001;
const MID: u64 = 1_000;

/// Deterministic numbers (SplitMix64).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    fn price(&mut self) -> u64 {
        MID - 30 + self.below(61)
    }
}

/// Command frames that follow one another, and where each begins.
#[derive(Default)]
pub struct Stream {
    pub bytes: Vec<u8>,
    pub begins: Vec<usize>,
    now: u64,
}

impl Stream {
    fn push<M: Message>(&mut self, command: &M) {
        let from = self.bytes.len();
        self.begins.push(from);
        self.bytes.resize(from + HEADER_SIZE + M::BODY, 0);
        let frame = &mut self.bytes[from..];
        write_header::<M>(frame, 0, self.begins.len() as u64, self.now);
        command.write(&mut frame[HEADER_SIZE..]);
    }

    /// A venue with two markets and rich accounts, then `count` commands.
    pub fn new(seed: u64, count: usize) -> Self {
        let mut stream = Self::default();
        stream.open();
        let mut random = Random(seed);
        for _ in 0..count {
            stream.now += random.below(3);
            stream.any(&mut random);
        }
        stream
    }

    /// The same bytes in pieces of whole frames.
    pub fn cut(&self, random: &mut Random, longest: u64) -> Vec<&[u8]> {
        let (mut pieces, mut at) = (Vec::new(), 0);
        while at < self.begins.len() {
            let end = (at + 1 + random.below(longest) as usize).min(self.begins.len());
            let until = self.begins.get(end).copied().unwrap_or(self.bytes.len());
            pieces.push(&self.bytes[self.begins[at]..until]);
            at = end;
        }
        pieces
    }

    fn open(&mut self) {
        for (asset_id, symbol) in [(1, "USDC"), (2, "NOVA"), (3, "ECHO")] {
            let symbol = text(symbol);
            let scale = 2;
            self.push(&c::CreateAsset {
                asset_id,
                symbol,
                scale,
            });
        }
        self.push(&c::SetFeeTier {
            tier: 0,
            maker_ppm: 1_000,
            taker_ppm: 2_000,
        });
        for (market_id, symbol) in [(1, "NOVA-USDC"), (2, "ECHO-USDC")] {
            self.push(&market(market_id, symbol));
        }
        for account_id in FIRST_ACCOUNT..FIRST_ACCOUNT + ACCOUNTS {
            let fee_tier = 0;
            self.push(&c::OpenAccount {
                account_id,
                fee_tier,
            });
            for asset_id in 1..=3 {
                let mut key = [asset_id as u8; 16];
                key[..8].copy_from_slice(&account_id.to_le_bytes());
                self.push(&c::CreditDeposit {
                    account_id,
                    asset_id,
                    amount: 10_000_000,
                    key,
                });
            }
        }
    }

    fn any(&mut self, random: &mut Random) {
        let account_id = FIRST_ACCOUNT + random.below(ACCOUNTS);
        let order_id = 1 + random.below(self.begins.len() as u64);
        let name = if random.one_in(4) {
            order_name(random)
        } else {
            Text::EMPTY
        };
        match random.below(20) {
            0..12 => self.push(&order(random, account_id, self.now)),
            12..15 => self.push(&c::CancelOrder {
                account_id,
                order_id: if name.is_empty() { order_id } else { 0 },
                client_order_id: name,
            }),
            15..18 => {
                let price = random.price() * random.below(2);
                let trigger_price = if random.one_in(3) { random.price() } else { 0 };
                self.push(&c::AmendOrder {
                    account_id,
                    order_id,
                    client_order_id: name,
                    price,
                    trigger_price,
                    quantity: random.below(2) * random.below(30),
                });
            }
            _ => self.rare(random, account_id),
        }
    }

    fn rare(&mut self, random: &mut Random, account_id: u64) {
        let (amount, key) = (random.below(100_000), [random.below(200) as u8; 16]);
        let asset_id = 1 + random.below(3) as u32;
        let market_id = random.below(3) as u32;
        match random.below(12) {
            0 => self.push(&c::CreditDeposit {
                account_id,
                asset_id,
                amount,
                key,
            }),
            1 | 2 => self.push(&c::HoldWithdrawal {
                account_id,
                asset_id,
                amount,
                key,
            }),
            3 => self.push(&c::SettleWithdrawal { key }),
            4 => self.push(&c::ReleaseWithdrawal { key }),
            5 => self.push(&c::Transfer {
                from_account_id: account_id,
                to_account_id: FIRST_ACCOUNT,
                asset_id,
                amount,
                key,
            }),
            6 => self.push(&c::SetCancelAfter {
                account_id,
                timeout_ms: random.pick(&[0, 50, 500]),
            }),
            7 => self.push(&c::SetAccountStatus {
                account_id,
                status: random.pick(&[AccountStatus::Open, AccountStatus::Frozen]),
            }),
            8 => self.push(&c::SetMarketStatus {
                market_id,
                status: random.pick(&[
                    MarketStatus::Open,
                    MarketStatus::Open,
                    MarketStatus::Halted,
                ]),
            }),
            9 if random.one_in(4) => self.push(&c::CancelAll {
                account_id,
                market_id,
            }),
            10 => {
                self.push(&c::SetAccountStatus {
                    account_id,
                    status: AccountStatus::Open,
                });
                self.push(&c::SetMarketStatus {
                    market_id: 1,
                    status: MarketStatus::Open,
                });
                self.push(&c::SetMarketStatus {
                    market_id: 2,
                    status: MarketStatus::Open,
                });
            }
            _ => self.push(&c::Tick {}),
        }
    }
}

fn text<const N: usize>(from: &str) -> Text<N> {
    let mut raw = [0; N];
    raw[..from.len()].copy_from_slice(from.as_bytes());
    Text(raw)
}

fn order_name(random: &mut Random) -> Text<36> {
    text(&format!("order-{}", random.below(500)))
}

fn market(market_id: u32, symbol: &str) -> c::CreateMarket {
    c::CreateMarket {
        market_id,
        symbol: text(symbol),
        base_asset_id: 1 + market_id,
        quote_asset_id: 1,
        price_scale: 2,
        tick_size: 1,
        lot_size: 100,
        min_quantity: 1,
        max_quantity: 1_000_000,
        min_notional: 0,
        band_ppm: 300_000,
        reference_price: MID,
        max_open_orders: 200,
        status: MarketStatus::Open,
    }
}

fn order(random: &mut Random, account_id: u64, now: u64) -> c::PlaceOrder {
    use OrderType::{Limit, Market, StopLoss, StopLossLimit, TakeProfit, TakeProfitLimit};
    let kind = random.pick(&[
        Limit,
        Limit,
        Limit,
        Limit,
        Limit,
        Market,
        StopLoss,
        StopLossLimit,
        TakeProfit,
        TakeProfitLimit,
    ]);
    let priced = matches!(kind, Limit | StopLossLimit | TakeProfitLimit);
    let side = random.pick(Side::ALL);
    let lasting = [TimeInForce::Gtc, TimeInForce::Gtc, TimeInForce::Gtd];
    let at_once = [TimeInForce::Ioc, TimeInForce::Fok];
    let lasts = priced && !random.one_in(5);
    let time_in_force = random.pick(if lasts { &lasting } else { &at_once[..] });
    let by_quote = !priced && side == Side::Buy && random.one_in(2);
    let waits = !matches!(kind, Limit | Market);
    let dated = time_in_force == TimeInForce::Gtd;
    c::PlaceOrder {
        account_id,
        market_id: 1 + random.below(2) as u32,
        side,
        kind,
        time_in_force,
        stp: random.pick(SelfTradePrevention::ALL),
        post_only: lasts && random.one_in(10),
        price: if priced { random.price() } else { 0 },
        trigger_price: if waits { random.price() } else { 0 },
        quantity: if by_quote { 0 } else { 1 + random.below(30) },
        quote_quantity: if by_quote {
            1 + random.below(30_000)
        } else {
            0
        },
        expires_at: if dated {
            now + 1 + random.below(300)
        } else {
            0
        },
        client_order_id: if random.one_in(3) {
            order_name(random)
        } else {
            Text::EMPTY
        },
    }
}
