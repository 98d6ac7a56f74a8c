//! Amending an open order: all of it happens, or nothing does.

use crate::cancelling::Named;
use crate::checks::{self, Check};
use crate::levels::settle_level;
use crate::lifecycle::{unrest, unwait, wait};
use crate::limits::MAX_AMOUNT;
use crate::matching::enter;
use crate::messages::commands::AmendOrder;
use crate::messages::events::OrderAmended;
use crate::messages::{RejectCode, Side};
use crate::model::{Order, Place};
use crate::money::narrow;
use crate::placing::{Terms, hold_for};
use crate::state::{Outcome, State};

/// What an amendment makes of an order.
#[derive(Clone, Copy)]
struct Amended {
    price: u64,
    trigger_price: u64,
    quantity: u64,
}

/// Changes an order's price, trigger price or total quantity.
pub fn amend_order(state: &mut State, command: &AmendOrder) -> Outcome {
    let named = Named {
        account_id: command.account_id,
        order_id: command.order_id,
        client_order_id: &command.client_order_id,
    };
    let slot = named.find(state)?;
    let order = &state.orders[slot];
    let given = |wanted: u64, now: u64| if wanted > 0 { wanted } else { now };
    let to = Amended {
        price: given(command.price, order.price),
        trigger_price: given(command.trigger_price, state.rare(slot).trigger_price),
        quantity: given(command.quantity, order.quantity),
    };
    match first_refusal(state, slot, command, to) {
        Ok(held) => {
            amend(state, slot, to, held);
            Ok(())
        }
        Err(code) => {
            let market_id = state.markets[order.market as usize].market_id;
            Err(named.refused(code, market_id, order.order_id))
        }
    }
}

/// Checks an amendment; returns what the order has to set aside then.
fn first_refusal(
    state: &State,
    slot: u32,
    command: &AmendOrder,
    to: Amended,
) -> Result<u64, RejectCode> {
    obeys_the_rules(state, slot, command, to)?;
    let order = &state.orders[slot];
    let waits = order.place == Place::Waiting;
    let terms = Terms {
        price: to.price,
        trigger_price: if waits { to.trigger_price } else { 0 },
        quantity: to.quantity - order.filled(),
        quote_quantity: order.quote_quantity,
    };
    let market = &state.markets[order.market as usize];
    let held = hold_for(market, order.side, &terms);
    if held > u128::from(MAX_AMOUNT) || may_trade_for_too_much(state, order, to, held) {
        return Err(RejectCode::AmountTooLarge);
    }
    let available = state.balances[order.pays as usize].available;
    if held > u128::from(available) + u128::from(order.held) {
        return Err(RejectCode::InsufficientFunds);
    }
    Ok(narrow(held))
}

fn obeys_the_rules(state: &State, slot: u32, command: &AmendOrder, to: Amended) -> Check {
    let order = &state.orders[slot];
    let market = &state.markets[order.market as usize];
    let waits = order.place == Place::Waiting;
    checks::account_may_act(state.accounts[order.account as usize].status)?;
    checks::market_takes_orders(market.status)?;
    if does_not_apply(order, command) {
        return Err(RejectCode::InvalidCombination);
    }
    let trigger_price = state.rare(slot).trigger_price;
    let same_prices = (to.price, to.trigger_price) == (order.price, trigger_price);
    if same_prices && to.quantity == order.quantity {
        return Err(RejectCode::NothingToAmend);
    }
    if order.quote_quantity == 0 && to.quantity <= order.filled() {
        return Err(RejectCode::QuantityBelowFilled);
    }
    if to.trigger_price > MAX_AMOUNT {
        return Err(RejectCode::AmountTooLarge);
    }
    let worth = if to.price > 0 {
        to.price
    } else {
        to.trigger_price
    };
    checks::size(market, worth, to.quantity, order.quote_quantity)?;
    let only_less = same_prices && to.quantity < order.quantity;
    if to.price > 0 && !only_less {
        checks::price(market, to.price, if waits { to.trigger_price } else { 0 })?;
    }
    if to.trigger_price != trigger_price {
        checks::trigger(market, order.side, order.kind, to.trigger_price)?;
    }
    if order.post_only && !waits && to.price != order.price {
        checks::post_only(state, order.market, order.side, to.price)?;
    }
    Ok(())
}

/// Tells whether the amendment names something that this order does not have (any more).
fn does_not_apply(order: &Order, command: &AmendOrder) -> bool {
    let waits = order.place == Place::Waiting;
    (command.price > 0 && order.price == 0)
        || (command.trigger_price > 0 && !waits)
        || (command.quantity > 0 && order.quote_quantity > 0)
        || (order.place != Place::Resting && !waits)
}

/// Tells whether an order that has traded and enters anew could trade for more than a ledger holds in all.
///
/// A buy trades for what it holds at most, a sell that enters for all the quote money that there is.
fn may_trade_for_too_much(state: &State, order: &Order, to: Amended, held: u128) -> bool {
    let only_less = to.price == order.price && to.quantity < order.quantity;
    if order.quote_filled == 0 || only_less {
        return false;
    }
    let quote = state.markets[order.market as usize].quote;
    let still = match order.side {
        Side::Buy => held,
        Side::Sell => u128::from(state.assets[quote as usize].custody),
    };
    u128::from(order.quote_filled) + still > u128::from(MAX_AMOUNT)
}

fn amend(state: &mut State, slot: u32, to: Amended, held: u64) {
    let order = &state.orders[slot];
    let (waits, level) = (order.place == Place::Waiting, order.level);
    let less = order.quantity.checked_sub(to.quantity);
    let keeps_place = !waits && to.price == order.price && less.is_some_and(|less| less > 0);
    if waits {
        unwait(state, slot);
    } else if !keeps_place {
        unrest(state, slot);
    }
    change(state, slot, to, held, keeps_place);
    if waits {
        wait(state, slot);
    } else if keeps_place {
        let (market, side) = (state.orders[slot].market, state.orders[slot].side);
        state.levels[level].total -= less.unwrap_or(0);
        settle_level(state, market, side, level);
    } else {
        enter(state, slot);
    }
}

/// Gives an order its new terms and its new hold, and tells.
fn change(state: &mut State, slot: u32, to: Amended, held: u64, kept_priority: bool) {
    let order = &mut state.orders[slot];
    let pays = &mut state.balances[order.pays as usize];
    pays.available = pays.available + order.held - held;
    pays.held = pays.held - order.held + held;
    let held_change = held as i64 - order.held as i64;
    order.held = held;
    order.remaining = to.quantity - order.filled();
    order.price = to.price;
    order.quantity = to.quantity;
    order.updated_at = state.time_ms;
    if order.has_rare {
        state.rare[slot as usize].trigger_price = to.trigger_price;
    }
    state.events.push(&OrderAmended {
        order_id: order.order_id,
        account_id: state.accounts[order.account as usize].account_id,
        market_id: state.markets[order.market as usize].market_id,
        price: to.price,
        trigger_price: to.trigger_price,
        quantity: to.quantity,
        held_change,
        kept_priority,
    });
}
