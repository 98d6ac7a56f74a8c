//! What must be true of any state that commands can lead to; records that say otherwise are refused as a whole.
//!
//! An engine that went on from anything else could run out of money or numbers in the middle of a command.

use std::collections::HashMap;

use crate::layout::Message;
use crate::limits::{MAX_AMOUNT, MAX_CLIENT_IDS_PER_ACCOUNT, MAX_FEE_PPM, MAX_ID, MAX_SCALE};
use crate::messages::commands::HoldWithdrawal;
use crate::messages::{OrderType, Side, TimeInForce, WithdrawalStatus};
use crate::model::{Market, Order, Place};
use crate::money::notional;
use crate::state::State;

type Check = Result<(), &'static str>;

fn must(holds: bool, what: &'static str) -> Check {
    if holds { Ok(()) } else { Err(what) }
}

/// Refuses a state whose money does not add up, or whose numbers no commands lead to.
///
/// Orders that rest are not in the book yet: only what passes here fits into it.
pub fn check_state(state: &State) -> Check {
    check_counters(state)?;
    check_listings(state)?;
    for (order, slot) in state.orders.rows().iter().zip(0..) {
        if order.place != Place::Free {
            check_order(state, slot)?;
        }
    }
    for account in &state.accounts {
        let known = account.client_ids.as_ref().map_or(0, |ids| ids.len());
        must(
            known <= MAX_CLIENT_IDS_PER_ACCOUNT,
            "too many client order ids",
        )?;
    }
    check_holds(state)?;
    check_sums(state)
}

fn check_counters(state: &State) -> Check {
    let trades = state.markets.iter().map(|market| market.last_trade_id);
    let counters = [state.sequence, state.next_order_id, state.next_priority];
    let highest = trades.chain(counters).max();
    must(highest <= Some(MAX_ID), "a counter stands too high")
}

fn check_listings(state: &State) -> Check {
    let scales = state.assets.iter().all(|asset| asset.scale <= MAX_SCALE);
    must(scales, "an asset has too many decimals")?;
    let low = |ppm| ppm <= MAX_FEE_PPM;
    let fees = state
        .fee_tiers
        .iter()
        .all(|tier| low(tier.maker_ppm) && low(tier.taker_ppm));
    must(fees, "a fee tier takes too much")?;
    let amount = |value: u64| (1..=MAX_AMOUNT).contains(&value);
    let sizes = |market: &Market| amount(market.lot_size) && amount(market.unit_notional);
    must(state.markets.iter().all(sizes), "a market's sizes are none")
}

fn check_order(state: &State, slot: u32) -> Check {
    let order = &state.orders[slot];
    let market = &state.markets[order.market as usize];
    must(
        order.order_id < state.next_order_id,
        "an order is yet to come",
    )?;
    let rests = order.place == Place::Entering;
    must(
        !rests || (order.price > 0 && order.remaining > 0),
        "an order cannot rest",
    )?;
    check_shape(state, slot)?;
    let worth = notional(order.price, order.remaining, market.unit_notional);
    let cost = match order.side {
        Side::Sell => u128::from(order.remaining) * u128::from(market.lot_size),
        Side::Buy if order.price > 0 => worth,
        // Waits for its trigger; what it will cost without a budget is seen then.
        Side::Buy if order.quote_quantity > 0 => u128::from(order.quote_quantity),
        Side::Buy => u128::from(order.held),
    };
    must(
        u128::from(order.held) == cost,
        "an order does not hold its cost",
    )?;
    let in_all = worth.saturating_add(u128::from(order.quote_filled));
    must(
        in_all <= u128::from(MAX_AMOUNT),
        "an order could trade for too much",
    )
}

/// Refuses an order with an expiry that is none, or a budget that is none.
fn check_shape(state: &State, slot: u32) -> Check {
    let order: &Order = &state.orders[slot];
    let expires = state.rare(slot).expires_at > 0;
    let dated = order.time_in_force == TimeInForce::Gtd;
    must(expires == dated, "an expiry does not go with its order")?;
    let market_type = matches!(
        order.kind,
        OrderType::Market | OrderType::StopLoss | OrderType::TakeProfit
    );
    let may_budget =
        order.side == Side::Buy && market_type && order.quantity == 0 && order.price == 0;
    must(
        order.quote_quantity == 0 || may_budget,
        "a budget does not go with its order",
    )
}

/// Checks that what balances hold is what orders and withdrawals hold, no more and no less.
fn check_holds(state: &State) -> Check {
    let mut held: HashMap<u32, u128> = HashMap::new();
    for order in state.orders.rows() {
        if order.place != Place::Free {
            *held.entry(order.pays).or_default() += u128::from(order.held);
        }
    }
    for known in state.money_keys.values() {
        let holds = known.command_type == HoldWithdrawal::NUMBER;
        if holds && known.status == WithdrawalStatus::Held {
            must(known.amount > 0, "a withdrawal holds nothing")?;
            let account = state.account(known.account_id);
            let asset = state.asset(known.asset_id);
            let balance = account.zip(asset);
            let slot = balance.and_then(|(account, asset)| state.find_balance(account, asset));
            let slot = slot.ok_or("a withdrawal holds what is not there")?;
            *held.entry(slot).or_default() += u128::from(known.amount);
        }
    }
    for (balance, slot) in state.balances.iter().zip(0..) {
        let wanted = held.get(&slot).copied().unwrap_or(0);
        must(
            u128::from(balance.held) == wanted,
            "a balance holds what nobody does",
        )?;
    }
    Ok(())
}

/// Refuses money that does not add up.
fn check_sums(state: &State) -> Check {
    let mut totals = vec![0_u128; state.assets.len()];
    for balance in &state.balances {
        totals[balance.asset as usize] += u128::from(balance.available) + u128::from(balance.held);
    }
    let mut each = state.assets.iter().zip(&totals);
    let fits = each
        .all(|(asset, &total)| u128::from(asset.custody) == total && asset.custody <= MAX_AMOUNT);
    must(fits, "balances do not add up to the custody")
}
