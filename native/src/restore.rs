//! From records back to a state. Contradictions are refused: a snapshot is believed only when it fits.

use std::fmt;

use crate::arena::NIL;
use crate::client_ids::{ClientIds, Remembered};
use crate::codec::{CodecFault, read_frame};
use crate::credible::check_state;
use crate::layout::{Foreign, Message};
use crate::levels;
use crate::lifecycle::{admit, list, unwait, wait};
use crate::limits::FEE_ACCOUNT;
use crate::messages::Side;
use crate::messages::records as r;
use crate::model::{Account, Asset, FeeTier, Market, MoneyKey, Order, Place, Rare};
use crate::state::State;
use crate::triggers::TriggerBook;

/// Why records are no state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// The bytes at this offset are no whole record.
    Codec { offset: usize, what: CodecFault },
    /// The record at this offset contradicts those before it.
    Contradiction { offset: usize, what: &'static str },
    /// The records are each fine, but no commands lead to them.
    Incredible(&'static str),
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Codec { offset, what } => write!(f, "{what} at offset {offset}"),
            Self::Contradiction { offset, what } => write!(f, "{what} at offset {offset}"),
            Self::Incredible(what) => write!(f, "{what}"),
        }
    }
}

impl std::error::Error for RestoreError {}

/// Why one record cannot be taken.
pub(crate) enum Fault {
    Foreign,
    Contradiction(&'static str),
}

impl From<Foreign> for Fault {
    fn from(_: Foreign) -> Self {
        Self::Foreign
    }
}

pub(crate) type Taken = Result<(), Fault>;

const UNKNOWN: Fault = Fault::Contradiction("a record names something that does not exist");

/// Returns the state of these records, given in canonical order.
pub fn restore(records: &[u8]) -> Result<State, RestoreError> {
    let mut state = State::default();
    let mut resting = Vec::new();
    let (mut offset, mut last) = (0, 0);
    while offset < records.len() {
        let codec = |what| RestoreError::Codec { offset, what };
        let frame = read_frame(records, offset).map_err(codec)?;
        if frame.number < last {
            let what = "a record out of order";
            return Err(RestoreError::Contradiction { offset, what });
        }
        last = frame.number;
        take(&mut state, frame.number, frame.body, &mut resting).map_err(|fault| match fault {
            Fault::Foreign => codec(CodecFault::Foreign(frame.number)),
            Fault::Contradiction(what) => RestoreError::Contradiction { offset, what },
        })?;
        offset += frame.size();
    }
    check_state(&state).map_err(RestoreError::Incredible)?;
    resting.sort_by_key(|&(priority, _)| priority);
    for (priority, slot) in resting {
        state.orders[slot].priority = priority;
        levels::add(&mut state, slot);
    }
    Ok(state)
}

fn take(state: &mut State, number: u8, body: &[u8], resting: &mut Vec<(u64, u32)>) -> Taken {
    match number {
        r::StateRecord::NUMBER => take_state(state, &r::StateRecord::read(body)?),
        r::AssetRecord::NUMBER => take_asset(state, &r::AssetRecord::read(body)?),
        r::FeeTierRecord::NUMBER => take_fee_tier(state, &r::FeeTierRecord::read(body)?),
        r::MarketRecord::NUMBER => take_market(state, &r::MarketRecord::read(body)?),
        r::AccountRecord::NUMBER => take_account(state, &r::AccountRecord::read(body)?),
        r::BalanceRecord::NUMBER => take_balance(state, &r::BalanceRecord::read(body)?),
        r::OrderRecord::NUMBER => take_order(state, &r::OrderRecord::read(body)?, resting),
        r::TriggerQueueRecord::NUMBER => take_queued(state, &r::TriggerQueueRecord::read(body)?),
        r::ClientIdRecord::NUMBER => take_client_id(state, &r::ClientIdRecord::read(body)?),
        r::MoneyKeyRecord::NUMBER => take_money_key(state, &r::MoneyKeyRecord::read(body)?),
        _ => Err(Fault::Contradiction("a message that is no record")),
    }
}

fn take_state(state: &mut State, record: &r::StateRecord) -> Taken {
    state.sequence = record.sequence;
    state.time_ms = record.time_ms;
    state.next_order_id = record.next_order_id;
    state.next_priority = record.next_priority;
    Ok(())
}

fn take_asset(state: &mut State, record: &r::AssetRecord) -> Taken {
    if state.asset(record.asset_id).is_some() {
        return Err(Fault::Contradiction("an asset that is there already"));
    }
    state.add_asset(Asset {
        asset_id: record.asset_id,
        symbol: record.symbol,
        scale: record.scale,
        custody: record.custody,
    });
    Ok(())
}

fn take_fee_tier(state: &mut State, record: &r::FeeTierRecord) -> Taken {
    state.fee_tiers[record.tier as usize] = FeeTier {
        exists: true,
        maker_ppm: record.maker_ppm,
        taker_ppm: record.taker_ppm,
    };
    Ok(())
}

fn take_market(state: &mut State, record: &r::MarketRecord) -> Taken {
    if state.market(record.market_id).is_some() {
        return Err(Fault::Contradiction("a market that is there already"));
    }
    let base = state.asset(record.base_asset_id).ok_or(UNKNOWN)?;
    let quote = state.asset(record.quote_asset_id).ok_or(UNKNOWN)?;
    let fees = state.account(FEE_ACCOUNT).ok_or(UNKNOWN)?;
    let mut market = Market {
        market_id: record.market_id,
        status: record.status,
        price_scale: record.price_scale,
        max_open_orders: record.max_open_orders,
        band_ppm: record.band_ppm,
        base,
        quote,
        fee_base: state.balance(fees, base),
        fee_quote: state.balance(fees, quote),
        lot_size: record.lot_size,
        unit_notional: record.unit_notional,
        min_quantity: record.min_quantity,
        max_quantity: record.max_quantity,
        min_notional: record.min_notional,
        band_low: 0,
        band_high: 0,
        last_price: record.last_price,
        last_trade_id: record.last_trade_id,
        book: Market::empty_book(),
        triggers: TriggerBook::default(),
        tick_size: record.tick_size,
        reference_price: record.reference_price,
        symbol: record.symbol,
    };
    market.set_band();
    state.add_market(market);
    Ok(())
}

fn take_account(state: &mut State, record: &r::AccountRecord) -> Taken {
    if !state.fee_tiers[record.fee_tier as usize].exists {
        return Err(UNKNOWN);
    }
    let slot = match state.account(record.account_id) {
        Some(slot) => slot,
        None => {
            state.add_account(Account::new(record.account_id, record.fee_tier));
            state.account(record.account_id).ok_or(UNKNOWN)?
        }
    };
    let account = &mut state.accounts[slot as usize];
    account.fee_tier = record.fee_tier;
    account.status = record.status;
    if record.cancel_after > 0 {
        state.set_cancel_after(slot, record.cancel_after);
    }
    Ok(())
}

fn take_balance(state: &mut State, record: &r::BalanceRecord) -> Taken {
    let asset = state.asset(record.asset_id).ok_or(UNKNOWN)?;
    let account = state.account(record.account_id).ok_or(UNKNOWN)?;
    let slot = state.balance(account, asset);
    let balance = &mut state.balances[slot as usize];
    balance.available = record.available;
    balance.held = record.held;
    Ok(())
}

fn take_order(state: &mut State, record: &r::OrderRecord, resting: &mut Vec<(u64, u32)>) -> Taken {
    let account = state.account(record.account_id).ok_or(UNKNOWN)?;
    let market = state.market(record.market_id).ok_or(UNKNOWN)?;
    let remaining = record
        .quantity
        .checked_sub(record.filled_quantity)
        .ok_or(Fault::Contradiction("an order filled beyond its quantity"))?;
    if state.order(record.order_id).is_some() {
        return Err(Fault::Contradiction("an order that is there already"));
    }
    let position = state.position(account, market);
    let at = &state.positions[position as usize];
    let (pays, receives) = match record.side {
        Side::Buy => (at.quote, at.base),
        Side::Sell => (at.base, at.quote),
    };
    let rare = Rare {
        trigger_price: record.trigger_price,
        expires_at: record.expires_at,
        client_order_id: record.client_order_id,
    };
    let order = Order {
        order_id: record.order_id,
        remaining,
        held: record.held,
        quote_filled: record.quote_filled,
        updated_at: record.updated_at,
        account,
        market,
        pays,
        receives,
        price: record.price,
        quantity: record.quantity,
        quote_quantity: record.quote_quantity,
        priority: 0,
        created_at: record.created_at,
        position,
        side: record.side,
        kind: record.kind,
        time_in_force: record.time_in_force,
        stp: record.stp,
        place: Place::Entering,
        post_only: record.post_only,
        has_rare: rare.trigger_price > 0 || rare.expires_at > 0 || !rare.client_order_id.is_empty(),
        level: NIL,
        ..Order::default()
    };
    let slot = admit(state, order, &rare);
    list(state, slot);
    if record.resting {
        resting.push((record.priority, slot));
    } else {
        wait(state, slot);
    }
    Ok(())
}

fn take_queued(state: &mut State, record: &r::TriggerQueueRecord) -> Taken {
    let slot = state.order(record.order_id).ok_or(UNKNOWN)?;
    if state.orders[slot].place != Place::Waiting {
        return Err(UNKNOWN);
    }
    unwait(state, slot);
    state.trigger_queue.push(&mut state.orders, slot);
    Ok(())
}

fn take_client_id(state: &mut State, record: &r::ClientIdRecord) -> Taken {
    let account = state.account(record.account_id).ok_or(UNKNOWN)?;
    let key = &state.hash_key;
    let ids = &mut state.accounts[account as usize].client_ids;
    let ids = ids.get_or_insert_with(|| Box::new(ClientIds::new(key.clone())));
    if ids.get(&record.client_order_id).is_some() {
        return Err(Fault::Contradiction(
            "a client order id that is there already",
        ));
    }
    ids.remember(Remembered {
        client_order_id: record.client_order_id,
        order_id: record.order_id,
        fingerprint: record.fingerprint,
    });
    Ok(())
}

fn take_money_key(state: &mut State, record: &r::MoneyKeyRecord) -> Taken {
    let key = MoneyKey {
        command_type: record.command_type,
        account_id: record.account_id,
        to_account_id: record.to_account_id,
        asset_id: record.asset_id,
        amount: record.amount,
        status: record.status,
    };
    if state.money_keys.insert(record.key, key).is_some() {
        return Err(Fault::Contradiction("a money key that is there already"));
    }
    Ok(())
}
