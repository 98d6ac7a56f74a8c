//! Placing orders, and the entry of those whose trigger price was reached.

use crate::arena::NIL;
use crate::checks::{self, Check};
use crate::client_ids::{ClientIds, Remembered};
use crate::lifecycle::{admit, finish, list, wait};
use crate::limits::MAX_AMOUNT;
use crate::matching::{enter, limit_price};
use crate::messages::commands::PlaceOrder;
use crate::messages::events::{OrderAccepted, OrderTriggered, Rejected};
use crate::messages::{CloseReason, RejectCode, Side};
use crate::model::{Market, Order, Place, Rare};
use crate::money::{band_around, narrow, notional};
use crate::state::{Outcome, State, refuse};

/// Checks, holds, accepts and matches one order; `body` is the command in bytes.
pub fn place_order(state: &mut State, command: &PlaceOrder, body: &[u8]) -> Outcome {
    let Some(account) = state.account(command.account_id) else {
        return Err(refused(RejectCode::AccountNotFound, command, 0));
    };
    let mut fingerprint = 0;
    if !command.client_order_id.is_empty() {
        fingerprint = crc32fast::hash(body);
        refuse_known(state, account, command, fingerprint)?;
    }
    let Some(market) = state.market(command.market_id) else {
        return Err(refused(RejectCode::MarketNotFound, command, 0));
    };
    let (hold, position) = match first_refusal(state, account, market, command) {
        Ok(funded) => funded,
        Err(code) => return Err(refused(code, command, 0)),
    };
    let from = Origin {
        account,
        market,
        position: position.unwrap_or_else(|| state.position(account, market)),
    };
    accept(state, &from, command, hold, fingerprint);
    Ok(())
}

#[cold]
fn refused(code: RejectCode, command: &PlaceOrder, order_id: u64) -> Rejected {
    Rejected {
        account_id: command.account_id,
        market_id: command.market_id,
        order_id,
        client_order_id: command.client_order_id,
        ..refuse(code)
    }
}

fn refuse_known(state: &State, account: u32, command: &PlaceOrder, fingerprint: u32) -> Outcome {
    let ids = &state.accounts[account as usize].client_ids;
    let Some(known) = ids
        .as_ref()
        .and_then(|ids| ids.get(&command.client_order_id))
    else {
        return Ok(());
    };
    let code = if known.fingerprint == fingerprint {
        RejectCode::AlreadyApplied
    } else {
        RejectCode::DuplicateClientOrderId
    };
    Err(refused(code, command, known.order_id))
}

/// Where an order comes from and goes to, by slots.
struct Origin {
    account: u32,
    market: u32,
    position: u32,
}

/// Checks an order against everything but its client order id; returns what it has to set aside, and the account's
/// position in the market if there is one yet.
#[inline(always)]
fn first_refusal(
    state: &State,
    account: u32,
    market: u32,
    command: &PlaceOrder,
) -> Result<(u64, Option<u32>), RejectCode> {
    let listing = &state.markets[market as usize];
    checks::shape(command, state.time_ms)?;
    checks::account_may_act(state.accounts[account as usize].status)?;
    checks::market_takes_orders(listing.status)?;
    checks::market_rules(state, market, command)?;
    let known = state.find_position(account, market);
    let position = known.map(|slot| &state.positions[slot as usize]);
    let open_orders = position.map_or(0, |position| position.open_orders);
    if open_orders >= u32::from(listing.max_open_orders) {
        return Err(RejectCode::TooManyOrders);
    }
    let hold = hold_for(listing, command.side, &Terms::of(command));
    if hold > u128::from(MAX_AMOUNT) {
        return Err(RejectCode::AmountTooLarge);
    }
    let pays = match (position, command.side) {
        (Some(position), Side::Buy) => Some(position.quote),
        (Some(position), Side::Sell) => Some(position.base),
        (None, Side::Buy) => state.find_balance(account, listing.quote),
        (None, Side::Sell) => state.find_balance(account, listing.base),
    };
    let available = pays.map_or(0, |slot| state.balances[slot as usize].available);
    if hold > u128::from(available) {
        return Err(RejectCode::InsufficientFunds);
    }
    Ok((narrow(hold), known))
}

/// What a hold depends on.
pub struct Terms {
    pub price: u64,
    /// 0 unless the order waits.
    pub trigger_price: u64,
    pub quantity: u64,
    pub quote_quantity: u64,
}

impl Terms {
    fn of(command: &PlaceOrder) -> Self {
        Self {
            price: command.price,
            trigger_price: command.trigger_price,
            quantity: command.quantity,
            quote_quantity: command.quote_quantity,
        }
    }
}

/// Returns what an order has to set aside, in units of the asset it pays with.
///
/// A market buy by quantity holds its cost at the upper edge of the band: around the trigger price while it waits,
/// around the market's price when it enters.
#[inline(always)]
pub fn hold_for(market: &Market, side: Side, terms: &Terms) -> u128 {
    if side != Side::Buy {
        return u128::from(terms.quantity) * u128::from(market.lot_size);
    }
    if terms.quote_quantity > 0 {
        return u128::from(terms.quote_quantity);
    }
    let price = if terms.price > 0 {
        terms.price
    } else if terms.trigger_price > 0 {
        band_around(terms.trigger_price, market.band_ppm).1
    } else {
        market.band_high
    };
    notional(price, terms.quantity, market.unit_notional)
}

#[inline(always)]
fn accept(state: &mut State, from: &Origin, command: &PlaceOrder, hold: u64, fingerprint: u32) {
    let order_id = state.next_order_id;
    state.next_order_id += 1;
    let order = new_order(state, from, command, hold, order_id);
    let pays = &mut state.balances[order.pays as usize];
    pays.available -= hold;
    pays.held += hold;
    let rare = Rare {
        trigger_price: command.trigger_price,
        expires_at: command.expires_at,
        client_order_id: command.client_order_id,
    };
    let slot = admit(state, order, &rare);
    if !command.client_order_id.is_empty() {
        remember(state, from.account, command, order_id, fingerprint);
    }
    tell_accepted(state, command, order_id, hold);
    if command.trigger_price > 0 {
        list(state, slot);
        wait(state, slot);
    } else {
        enter(state, slot);
    }
}

#[inline(always)]
fn new_order(
    state: &State,
    from: &Origin,
    command: &PlaceOrder,
    hold: u64,
    order_id: u64,
) -> Order {
    let at = &state.positions[from.position as usize];
    let (pays, receives) = match command.side {
        Side::Buy => (at.quote, at.base),
        Side::Sell => (at.base, at.quote),
    };
    Order {
        order_id,
        remaining: command.quantity,
        held: hold,
        quote_filled: 0,
        updated_at: state.time_ms,
        account: from.account,
        market: from.market,
        pays,
        receives,
        prev: NIL,
        next: NIL,
        price: command.price,
        quantity: command.quantity,
        quote_quantity: command.quote_quantity,
        priority: 0,
        created_at: state.time_ms,
        account_prev: NIL,
        account_next: NIL,
        position: from.position,
        level: NIL,
        side: command.side,
        kind: command.kind,
        time_in_force: command.time_in_force,
        stp: command.stp,
        place: Place::Entering,
        post_only: command.post_only,
        has_rare: command.trigger_price > 0
            || command.expires_at > 0
            || !command.client_order_id.is_empty(),
        listed: false,
    }
}

#[inline(always)]
fn tell_accepted(state: &mut State, command: &PlaceOrder, order_id: u64, held: u64) {
    state.events.push(&OrderAccepted {
        order_id,
        account_id: command.account_id,
        market_id: command.market_id,
        side: command.side,
        kind: command.kind,
        time_in_force: command.time_in_force,
        stp: command.stp,
        post_only: command.post_only,
        price: command.price,
        trigger_price: command.trigger_price,
        quantity: command.quantity,
        quote_quantity: command.quote_quantity,
        expires_at: command.expires_at,
        held,
        client_order_id: command.client_order_id,
    });
}

fn remember(
    state: &mut State,
    account: u32,
    command: &PlaceOrder,
    order_id: u64,
    fingerprint: u32,
) {
    let key = &state.hash_key;
    let ids = &mut state.accounts[account as usize].client_ids;
    ids.get_or_insert_with(|| Box::new(ClientIds::new(key.clone())))
        .remember(Remembered {
            client_order_id: command.client_order_id,
            order_id,
            fingerprint,
        });
}

/// Lets an order into its market whose trigger price was reached, if it still may and can.
pub fn enter_triggered(state: &mut State, slot: u32) {
    if may_enter(state, slot).is_err() {
        tell_triggered(state, slot, 0);
        finish(state, slot, CloseReason::TriggerRefused);
        return;
    }
    let order = &state.orders[slot];
    let mut needed = u128::from(order.held);
    if order.side == Side::Buy && order.price == 0 && order.quote_quantity == 0 {
        let unit = state.markets[order.market as usize].unit_notional;
        needed = notional(limit_price(state, slot), order.remaining, unit);
    }
    let pays = &mut state.balances[order.pays as usize];
    let payable = u128::from(pays.available) + u128::from(order.held);
    if needed > payable || needed > u128::from(MAX_AMOUNT) {
        tell_triggered(state, slot, 0);
        finish(state, slot, CloseReason::TriggerUnfunded);
        return;
    }
    let (needed, held) = (narrow(needed), order.held);
    pays.available = pays.available + held - needed;
    pays.held = pays.held - held + needed;
    state.orders[slot].held = needed;
    tell_triggered(state, slot, needed as i64 - held as i64);
    enter(state, slot);
}

fn may_enter(state: &State, slot: u32) -> Check {
    let order = &state.orders[slot];
    let market = &state.markets[order.market as usize];
    checks::account_may_act(state.accounts[order.account as usize].status)?;
    checks::market_takes_orders(market.status)?;
    if order.price > 0 {
        checks::price(market, order.price, 0)?;
        if order.post_only {
            checks::post_only(state, order.market, order.side, order.price)?;
        }
    }
    Ok(())
}

fn tell_triggered(state: &mut State, slot: u32, held_change: i64) {
    let order = &mut state.orders[slot];
    order.updated_at = state.time_ms;
    state.events.push(&OrderTriggered {
        order_id: order.order_id,
        account_id: state.accounts[order.account as usize].account_id,
        market_id: state.markets[order.market as usize].market_id,
        held_change,
    });
}
