//! The whole state of a venue in one place, with the few moves that several handlers share.

use std::collections::{BTreeSet, HashMap};
use std::hash::RandomState;

use crate::arena::{Arena, NIL};
use crate::events::Events;
use crate::ids::{IdTable, PairTable};
use crate::layout::Text;
use crate::limits::FEE_ACCOUNT;
use crate::messages::RejectCode;
use crate::messages::events::Rejected;
use crate::model::{
    Account, Asset, Balance, FeeTier, Level, Market, MoneyKey, Order, Position, Rare,
};
use crate::order_table::OrderTable;
use crate::queue::Queue;

/// Rows that there is room for from the start, 8 MB of addresses: growing later copies nothing that is smaller.
const FIRST_ORDERS: usize = 1 << 16;
const FIRST_LEVELS: usize = 1 << 12;

/// What a handler returns: it told events, or it changed nothing and refuses.
pub type Outcome = Result<(), Rejected>;

/// Everything that a replay must reproduce. A new venue has the fee account and the fee tier 0, free.
#[derive(Debug)]
pub struct State {
    pub sequence: u64,
    pub time_ms: u64,
    pub next_order_id: u64,
    pub next_priority: u64,
    /// What the commands under way have done so far.
    pub events: Events,
    pub assets: Vec<Asset>,
    pub asset_ids: IdTable,
    /// By their number.
    pub fee_tiers: [FeeTier; 256],
    pub markets: Vec<Market>,
    pub market_ids: IdTable,
    pub accounts: Vec<Account>,
    pub account_ids: IdTable,
    pub balances: Vec<Balance>,
    pub positions: Vec<Position>,
    position_slots: PairTable,
    balance_slots: PairTable,
    pub orders: Arena<Order>,
    /// Beside the orders, by the same slots.
    pub rare: Vec<Rare>,
    pub order_ids: OrderTable,
    pub levels: Arena<Level>,
    pub money_keys: HashMap<[u8; 16], MoneyKey>,
    pub trigger_queue: Queue,
    /// (expires at, order id) of every open good-till-date order.
    pub expiries: BTreeSet<(u64, u64)>,
    /// (deadline, account id) of every armed dead-man switch.
    pub cancel_afters: BTreeSet<(u64, u64)>,
    /// The key of tables whose entries users choose.
    pub hash_key: RandomState,
}

impl Default for State {
    fn default() -> Self {
        let mut state = Self {
            sequence: 0,
            time_ms: 0,
            next_order_id: 1,
            next_priority: 1,
            events: Events::default(),
            assets: Vec::new(),
            asset_ids: IdTable::default(),
            fee_tiers: [FeeTier::default(); 256],
            markets: Vec::new(),
            market_ids: IdTable::default(),
            accounts: Vec::new(),
            account_ids: IdTable::default(),
            balances: Vec::new(),
            positions: Vec::new(),
            position_slots: PairTable::default(),
            balance_slots: PairTable::default(),
            orders: Arena::with_room(FIRST_ORDERS),
            rare: Vec::new(),
            order_ids: OrderTable::default(),
            levels: Arena::with_room(FIRST_LEVELS),
            money_keys: HashMap::new(),
            trigger_queue: Queue::default(),
            expiries: BTreeSet::new(),
            cancel_afters: BTreeSet::new(),
            hash_key: RandomState::new(),
        };
        state.fee_tiers[0].exists = true;
        state.add_account(Account::new(FEE_ACCOUNT, 0));
        state
    }
}

impl State {
    /// Enters an account; its id is new.
    pub fn add_account(&mut self, account: Account) {
        let slot = self.accounts.len() as u32;
        self.account_ids.insert(account.account_id, slot);
        self.accounts.push(account);
    }

    /// Enters an asset; its id is new.
    pub fn add_asset(&mut self, asset: Asset) {
        let slot = self.assets.len() as u32;
        self.asset_ids.insert(u64::from(asset.asset_id), slot);
        self.assets.push(asset);
    }

    /// Enters a market; its id is new.
    pub fn add_market(&mut self, market: Market) {
        let slot = self.markets.len() as u32;
        self.market_ids.insert(u64::from(market.market_id), slot);
        self.markets.push(market);
    }

    /// Returns the slot of an account.
    #[inline]
    pub fn account(&self, account_id: u64) -> Option<u32> {
        some(self.account_ids.get(account_id))
    }

    /// Returns the slot of a market.
    #[inline]
    pub fn market(&self, market_id: u32) -> Option<u32> {
        some(self.market_ids.get(u64::from(market_id)))
    }

    /// Returns the slot of an asset.
    #[inline]
    pub fn asset(&self, asset_id: u32) -> Option<u32> {
        some(self.asset_ids.get(u64::from(asset_id)))
    }

    /// Returns the slot of an open order.
    #[inline]
    pub fn order(&self, order_id: u64) -> Option<u32> {
        some(self.order_ids.find(order_id))
    }

    /// Returns the slot of what an account has of an asset, if it ever had any.
    pub fn find_balance(&self, account: u32, asset: u32) -> Option<u32> {
        some(self.balance_slots.get(account, asset))
    }

    /// Returns the slot of what an account has of an asset, an empty one if there was none.
    pub fn balance(&mut self, account: u32, asset: u32) -> u32 {
        if let Some(found) = self.find_balance(account, asset) {
            return found;
        }
        let slot = self.balances.len() as u32;
        let holder = &mut self.accounts[account as usize];
        let next = std::mem::replace(&mut holder.first_balance, slot);
        self.balances.push(Balance {
            available: 0,
            held: 0,
            asset,
            next,
        });
        self.balance_slots.insert(account, asset, slot);
        slot
    }

    /// Yields the balances of an account, in no order that matters.
    pub fn balances_of(&self, account: u32) -> impl Iterator<Item = &Balance> {
        let first = some(self.accounts[account as usize].first_balance);
        let balance = |slot: u32| &self.balances[slot as usize];
        std::iter::successors(first.map(balance), move |b| some(b.next).map(balance))
    }

    /// Returns where an account stands in a market, if it ever had an order there.
    #[inline]
    pub fn find_position(&self, account: u32, market: u32) -> Option<u32> {
        some(self.position_slots.get(account, market))
    }

    /// Asks for the memory that `find_position` looks at first.
    #[inline(always)]
    pub fn prefetch_position(&self, account: u32, market: u32) {
        self.position_slots.prefetch(account, market);
    }

    /// Returns where an account stands in a market; makes both its balances if there were none.
    pub fn position(&mut self, account: u32, market: u32) -> u32 {
        if let Some(found) = self.find_position(account, market) {
            return found;
        }
        let listing = &self.markets[market as usize];
        let (base, quote) = (listing.base, listing.quote);
        let (base, quote) = (self.balance(account, base), self.balance(account, quote));
        let slot = self.positions.len() as u32;
        self.positions.push(Position {
            base,
            quote,
            open_orders: 0,
        });
        self.position_slots.insert(account, market, slot);
        slot
    }

    /// Yields the open orders of an account, by id.
    pub fn orders_of(&self, account: u32) -> impl Iterator<Item = u32> {
        let first = some(self.accounts[account as usize].first_order);
        std::iter::successors(first, |&slot| some(self.orders[slot].account_next))
    }

    /// Returns what few orders have, if this one has any of it.
    pub fn rare(&self, order: u32) -> Rare {
        if self.orders[order].has_rare {
            self.rare[order as usize]
        } else {
            Rare::default()
        }
    }

    /// Arms an account's dead-man switch for a time, or disarms it (0).
    pub fn set_cancel_after(&mut self, account: u32, deadline: u64) {
        let account = &mut self.accounts[account as usize];
        let before = std::mem::replace(&mut account.cancel_after, deadline);
        let account_id = account.account_id;
        if before != 0 {
            self.cancel_afters.remove(&(before, account_id));
        }
        if deadline != 0 {
            self.cancel_afters.insert((deadline, account_id));
        }
    }
}

/// Returns a slot unless it is `NIL`.
#[inline(always)]
pub fn some(slot: u32) -> Option<u32> {
    (slot != NIL).then_some(slot)
}

/// Returns a refusal that names nothing; fill in what the command named.
pub fn refuse(code: RejectCode) -> Rejected {
    Rejected {
        code,
        account_id: 0,
        market_id: 0,
        order_id: 0,
        client_order_id: Text::EMPTY,
    }
}
