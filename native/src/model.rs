//! The mutable pieces of state, by slot in their arenas. Units as in the messages.

use crate::arena::{NIL, Slotted};
use crate::book::{LevelIndex, SideIndex};
use crate::checks::opposite;
use crate::client_ids::ClientIds;
use crate::layout::Text;
use crate::messages::{
    AccountStatus, MarketStatus, OrderType, SelfTradePrevention, Side, TimeInForce,
    WithdrawalStatus,
};
use crate::money::band_around;
use crate::prefetch::prefetch;
use crate::triggers::TriggerBook;

/// What an account has of one asset, in asset units.
#[derive(Debug)]
pub struct Balance {
    pub available: u64,
    pub held: u64,
    pub asset: u32,
    /// The account's next balance.
    pub next: u32,
}

/// What accounts of a tier pay, in parts per million of what they receive.
#[derive(Clone, Copy, Debug, Default)]
pub struct FeeTier {
    pub exists: bool,
    pub maker_ppm: u32,
    pub taker_ppm: u32,
}

/// An asset and the sum of all its balances (`custody`).
#[derive(Debug)]
pub struct Asset {
    pub asset_id: u32,
    pub symbol: Text<16>,
    pub scale: u8,
    pub custody: u64,
}

/// An account; its open orders are chained in id order.
#[derive(Debug)]
pub struct Account {
    pub account_id: u64,
    pub cancel_after: u64,
    pub status: AccountStatus,
    pub fee_tier: u8,
    pub first_order: u32,
    pub last_order: u32,
    pub first_balance: u32,
    /// Made with the first client order id.
    pub client_ids: Option<Box<ClientIds>>,
}

impl Account {
    /// Returns an open account without money.
    pub fn new(account_id: u64, fee_tier: u8) -> Self {
        Self {
            account_id,
            cancel_after: 0,
            status: AccountStatus::Open,
            fee_tier,
            first_order: NIL,
            last_order: NIL,
            first_balance: NIL,
            client_ids: None,
        }
    }
}

/// Where an account stands in a market: the two balances that its orders move, and how many of them are open.
#[derive(Debug)]
pub struct Position {
    pub base: u32,
    pub quote: u32,
    pub open_orders: u32,
}

/// A market: its listing, its limits, its book and its waiting orders.
#[derive(Debug)]
pub struct Market {
    pub market_id: u32,
    pub status: MarketStatus,
    pub price_scale: u8,
    pub max_open_orders: u16,
    pub band_ppm: u32,
    pub base: u32,
    pub quote: u32,
    /// The venue's balances, where fees go.
    pub fee_base: u32,
    pub fee_quote: u32,
    pub lot_size: u64,
    pub unit_notional: u64,
    pub min_quantity: u64,
    pub max_quantity: u64,
    pub min_notional: u64,
    pub band_low: u64,
    pub band_high: u64,
    pub last_price: u64,
    pub last_trade_id: u64,
    /// Bids and asks.
    pub book: [SideIndex; 2],
    pub triggers: TriggerBook,
    pub tick_size: u64,
    pub reference_price: u64,
    pub symbol: Text<32>,
}

impl Market {
    /// Works out the price band around the last trade, else around the listing's reference price.
    pub fn set_band(&mut self) {
        let around = if self.last_price == 0 {
            self.reference_price
        } else {
            self.last_price
        };
        (self.band_low, self.band_high) = band_around(around, self.band_ppm);
    }

    /// Returns the index of one side's levels.
    #[inline(always)]
    pub fn side(&self, side: Side) -> &SideIndex {
        &self.book[side as usize - Side::Buy as usize]
    }

    /// As `side`, to change it.
    #[inline(always)]
    pub fn side_mut(&mut self, side: Side) -> &mut SideIndex {
        &mut self.book[side as usize - Side::Buy as usize]
    }

    /// Asks for the memory of what every order of the market looks at.
    #[inline(always)]
    pub fn prefetch(&self, side: Side) {
        prefetch(&self.market_id);
        prefetch(&self.unit_notional);
        prefetch(&self.band_high);
        self.side(side).prefetch_ends();
        prefetch(self.side(opposite(side)));
    }

    /// Returns empty indexes of both sides.
    pub fn empty_book() -> [SideIndex; 2] {
        [Side::Buy, Side::Sell].map(SideIndex::new)
    }
}

/// All orders resting at one price, oldest first.
#[derive(Debug)]
pub struct Level {
    pub price: u64,
    /// Lots.
    pub total: u64,
    pub count: u32,
    pub head: u32,
    pub tail: u32,
}

impl Default for Level {
    fn default() -> Self {
        Self {
            price: 0,
            total: 0,
            count: 0,
            head: NIL,
            tail: NIL,
        }
    }
}

impl Slotted for Level {
    fn link(&self) -> u32 {
        self.head
    }

    fn set_link(&mut self, to: u32) {
        self.head = to;
    }
}

/// Where an open order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Place {
    /// Nowhere: this slot of the arena is free.
    Free,
    /// Entering its market just now.
    Entering,
    /// In the book, linked into its level.
    Resting,
    /// Waiting for its trigger price.
    Waiting,
    /// Triggered, linked into the queue of those that enter next.
    Queued,
}

/// An open order, in two cache lines: the first is all that a trade touches of a resting order that goes on.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Order {
    pub order_id: u64,
    /// Lots still to trade (0 for a market buy by quote quantity, which is bounded by `held`).
    pub remaining: u64,
    pub held: u64,
    pub quote_filled: u64,
    pub updated_at: u64,
    pub account: u32,
    pub market: u32,
    /// The two balances that it moves.
    pub pays: u32,
    pub receives: u32,
    /// Neighbours in its level, or in the queue of triggered orders; the link of free slots.
    pub prev: u32,
    pub next: u32,

    /// Limit in ticks; 0 for market orders, whose limit is the band when they enter.
    pub price: u64,
    pub quantity: u64,
    pub quote_quantity: u64,
    /// Place in the queue of its level: lower first; 0 while waiting.
    pub priority: u64,
    pub created_at: u64,
    pub account_prev: u32,
    pub account_next: u32,
    pub position: u32,
    pub level: u32,
    pub side: Side,
    pub kind: OrderType,
    pub time_in_force: TimeInForce,
    pub stp: SelfTradePrevention,
    pub place: Place,
    pub post_only: bool,
    /// Has a client order id, an expiry or a trigger price: see `Rare`.
    pub has_rare: bool,
    /// Is in the indexes of open orders; one that enters is not until it rests.
    pub listed: bool,
}

const _: () = assert!(size_of::<Order>() == 128);

impl Default for Order {
    fn default() -> Self {
        Self {
            order_id: 0,
            remaining: 0,
            held: 0,
            quote_filled: 0,
            updated_at: 0,
            account: NIL,
            market: NIL,
            pays: NIL,
            receives: NIL,
            prev: NIL,
            next: NIL,
            price: 0,
            quantity: 0,
            quote_quantity: 0,
            priority: 0,
            created_at: 0,
            account_prev: NIL,
            account_next: NIL,
            position: NIL,
            level: NIL,
            side: Side::Buy,
            kind: OrderType::Limit,
            time_in_force: TimeInForce::Gtc,
            stp: SelfTradePrevention::None,
            place: Place::Free,
            post_only: false,
            has_rare: false,
            listed: false,
        }
    }
}

impl Order {
    /// Lots traded so far.
    #[inline]
    pub fn filled(&self) -> u64 {
        self.quantity - self.remaining
    }
}

impl Slotted for Order {
    fn link(&self) -> u32 {
        self.next
    }

    fn set_link(&mut self, to: u32) {
        self.place = Place::Free;
        self.next = to;
    }
}

/// What few orders have; beside the orders, by the same slot.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rare {
    pub trigger_price: u64,
    pub expires_at: u64,
    pub client_order_id: Text<36>,
}

/// What an idempotency key did; for withdrawals also where they stand.
#[derive(Clone, Copy, Debug)]
pub struct MoneyKey {
    pub command_type: u8,
    pub account_id: u64,
    pub to_account_id: u64,
    pub asset_id: u32,
    pub amount: u64,
    pub status: WithdrawalStatus,
}
