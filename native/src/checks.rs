//! Checks of one order against its shape, its market's rules and the numbers that a ledger can hold.
//!
//! Each refuses with the code of the first rule that is broken; none changes anything.

use crate::arena::NIL;
use crate::book::LevelIndex;
use crate::limits::MAX_AMOUNT;
use crate::messages::commands::PlaceOrder;
use crate::messages::{AccountStatus, MarketStatus, OrderType, RejectCode, Side, TimeInForce};
use crate::model::Market;
use crate::money::{band_around, notional};
use crate::state::State;
use crate::triggers::{fires_upwards, is_waiting_type};

/// Nothing, or the code of the rule that is broken.
pub type Check = Result<(), RejectCode>;

#[inline(always)]
fn refuse_if(broken: bool, code: RejectCode) -> Check {
    if broken { Err(code) } else { Ok(()) }
}

/// Refuses frozen and closed accounts.
#[inline(always)]
pub fn account_may_act(status: AccountStatus) -> Check {
    match status {
        AccountStatus::Open => Ok(()),
        AccountStatus::Frozen => Err(RejectCode::AccountFrozen),
        AccountStatus::Closed => Err(RejectCode::AccountClosed),
    }
}

/// Refuses markets that are not open.
#[inline(always)]
pub fn market_takes_orders(status: MarketStatus) -> Check {
    match status {
        MarketStatus::Open => Ok(()),
        MarketStatus::Halted => Err(RejectCode::MarketHalted),
        MarketStatus::CancelOnly => Err(RejectCode::MarketCancelOnly),
        MarketStatus::Closed => Err(RejectCode::MarketClosed),
    }
}

/// Refuses fields that do not go together, whatever the market.
#[inline(always)]
pub fn shape(order: &PlaceOrder, now_ms: u64) -> Check {
    let rare = order.trigger_price | order.quote_quantity | order.expires_at;
    let plain = rare == 0
        && order.kind == OrderType::Limit
        && order.time_in_force != TimeInForce::Gtd
        && !order.post_only
        && order.price > 0
        && order.quantity > 0;
    if plain {
        return Ok(());
    }
    any_shape(order, now_ms)
}

fn any_shape(order: &PlaceOrder, now_ms: u64) -> Check {
    let by_quote = order.quote_quantity > 0;
    let at_once = matches!(order.time_in_force, TimeInForce::Ioc | TimeInForce::Fok);
    let mut ok = (order.quantity > 0) != by_quote
        && (order.trigger_price > 0) == is_waiting_type(order.kind)
        && (order.expires_at > 0) == (order.time_in_force == TimeInForce::Gtd);
    let market_type = matches!(
        order.kind,
        OrderType::Market | OrderType::StopLoss | OrderType::TakeProfit
    );
    if market_type {
        ok = ok && order.price == 0 && !order.post_only && at_once;
        ok = ok && !(by_quote && order.side != Side::Buy);
    } else {
        ok = ok && order.price > 0 && !by_quote && !(order.post_only && at_once);
    }
    refuse_if(!ok, RejectCode::InvalidCombination)?;
    let past = order.expires_at > 0 && order.expires_at <= now_ms;
    refuse_if(past, RejectCode::ExpiresInPast)?;
    let large = order.expires_at > MAX_AMOUNT || order.trigger_price > MAX_AMOUNT;
    refuse_if(large, RejectCode::AmountTooLarge)
}

/// Refuses quantities and values outside the market's limits, or beyond what a ledger can hold.
///
/// `price` is what the order's value is judged at: its limit, its trigger, or the reference price.
#[inline]
pub fn size(market: &Market, price: u64, quantity: u64, quote_quantity: u64) -> Check {
    let most = u128::from(MAX_AMOUNT);
    let value = if quote_quantity > 0 {
        u128::from(quote_quantity)
    } else {
        refuse_if(quantity < market.min_quantity, RejectCode::QuantityTooSmall)?;
        refuse_if(quantity > market.max_quantity, RejectCode::QuantityTooLarge)?;
        let base = u128::from(quantity) * u128::from(market.lot_size);
        refuse_if(base > most, RejectCode::AmountTooLarge)?;
        notional(price, quantity, market.unit_notional)
    };
    refuse_if(value > most, RejectCode::AmountTooLarge)?;
    let small = value < u128::from(market.min_notional);
    refuse_if(small, RejectCode::NotionalTooSmall)
}

/// Refuses a limit outside the band: around the trigger for waiting orders, else around the market's price.
#[inline]
pub fn price(market: &Market, limit: u64, trigger: u64) -> Check {
    let (low, high) = if trigger > 0 {
        band_around(trigger, market.band_ppm)
    } else {
        (market.band_low, market.band_high)
    };
    let inside = low <= limit && limit <= high;
    refuse_if(!inside, RejectCode::PriceOutOfBand)
}

/// Tells whether an order of `side` with this limit trades at `price` of the other side.
#[inline(always)]
pub fn accepts(side: Side, limit: u64, price: u64) -> bool {
    // Without a branch: which side comes next is anybody's guess.
    let flip = (side as u64 - Side::Buy as u64).wrapping_neg();
    price ^ flip <= limit ^ flip
}

/// Returns the other side.
#[inline(always)]
pub fn opposite(side: Side) -> Side {
    if side == Side::Buy {
        Side::Sell
    } else {
        Side::Buy
    }
}

/// Tells whether a limit order would trade at once.
pub fn would_take(state: &State, market: u32, side: Side, limit: u64) -> bool {
    let best = state.markets[market as usize].side(opposite(side)).best();
    best != NIL && accepts(side, limit, state.levels[best].price)
}

/// Refuses a post-only order that would trade.
pub fn post_only(state: &State, market: u32, side: Side, limit: u64) -> Check {
    let takes = would_take(state, market, side, limit);
    refuse_if(takes, RejectCode::WouldTake)
}

/// Refuses a trigger price that the last trade has already reached.
pub fn trigger(market: &Market, side: Side, kind: OrderType, trigger_price: u64) -> Check {
    let last = market.last_price;
    let reached = if fires_upwards(side, kind) {
        last >= trigger_price
    } else {
        last <= trigger_price
    };
    refuse_if(last > 0 && reached, RejectCode::WouldTrigger)
}

/// Refuses an order that breaks one of the market's rules.
#[inline]
pub fn market_rules(state: &State, market: u32, order: &PlaceOrder) -> Check {
    let listing = &state.markets[market as usize];
    let worth = [order.price, order.trigger_price, listing.last_price]
        .into_iter()
        .find(|&price| price > 0)
        .unwrap_or(listing.reference_price);
    size(listing, worth, order.quantity, order.quote_quantity)?;
    if order.price > 0 {
        price(listing, order.price, order.trigger_price)?;
    }
    if order.trigger_price > 0 {
        return trigger(listing, order.side, order.kind, order.trigger_price);
    }
    if order.post_only {
        post_only(state, market, order.side, order.price)?;
    }
    Ok(())
}
