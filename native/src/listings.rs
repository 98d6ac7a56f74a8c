//! Assets, fee tiers and markets: listed, changed, halted, closed.

use crate::lifecycle::close;
use crate::limits::{
    FEE_ACCOUNT, MAX_AMOUNT, MAX_BAND_PPM, MAX_FEE_PPM, MAX_PRICE_SCALE, MAX_SCALE,
};
use crate::messages::commands as c;
use crate::messages::events as e;
use crate::messages::{CloseReason, MarketStatus, RejectCode};
use crate::model::{Asset, FeeTier, Market, Place};
use crate::state::{Outcome, State, refuse};
use crate::triggers::TriggerBook;

/// Lists an asset.
pub fn create_asset(state: &mut State, command: &c::CreateAsset) -> Outcome {
    let taken = |asset: &Asset| asset.symbol == command.symbol;
    if state.asset(command.asset_id).is_some() || state.assets.iter().any(taken) {
        return Err(refuse(RejectCode::AssetExists));
    }
    if command.asset_id == 0 || command.symbol.is_empty() || command.scale > MAX_SCALE {
        return Err(refuse(RejectCode::InvalidListing));
    }
    state.add_asset(Asset {
        asset_id: command.asset_id,
        symbol: command.symbol,
        scale: command.scale,
        custody: 0,
    });
    state.events.push(&e::AssetCreated {
        asset_id: command.asset_id,
        symbol: command.symbol,
        scale: command.scale,
    });
    Ok(())
}

/// Makes or changes a fee tier.
pub fn set_fee_tier(state: &mut State, command: &c::SetFeeTier) -> Outcome {
    if command.maker_ppm.max(command.taker_ppm) > MAX_FEE_PPM {
        return Err(refuse(RejectCode::FeeTooHigh));
    }
    state.fee_tiers[command.tier as usize] = FeeTier {
        exists: true,
        maker_ppm: command.maker_ppm,
        taker_ppm: command.taker_ppm,
    };
    state.events.push(&e::FeeTierSet {
        tier: command.tier,
        maker_ppm: command.maker_ppm,
        taker_ppm: command.taker_ppm,
    });
    Ok(())
}

/// Returns what one lot costs at one tick in quote units; `None` if that is no whole, positive amount.
fn unit_notional(command: &c::CreateMarket, base: &Asset, quote: &Asset) -> Option<u64> {
    let step = u128::from(command.tick_size) * u128::from(command.lot_size);
    let down = u32::from(command.price_scale) + u32::from(base.scale);
    let up = u32::from(quote.scale);
    let whole = if up >= down {
        step.checked_mul(10_u128.pow(up - down))?
    } else {
        let parts = 10_u128.pow(down - up);
        if step % parts != 0 {
            return None;
        }
        step / parts
    };
    u64::try_from(whole)
        .ok()
        .filter(|whole| (1..=MAX_AMOUNT).contains(whole))
}

fn limits_fit(min: u64, max: u64, min_notional: u64, band_ppm: u32, max_open_orders: u16) -> bool {
    (1..=max).contains(&min)
        && max <= MAX_AMOUNT
        && min_notional <= MAX_AMOUNT
        && (1..=MAX_BAND_PPM).contains(&band_ppm)
        && max_open_orders > 0
}

/// Lists a market, if its sizes keep every notional a whole number of quote units.
pub fn create_market(state: &mut State, command: &c::CreateMarket) -> Outcome {
    let refused = |code| e::Rejected {
        market_id: command.market_id,
        ..refuse(code)
    };
    let taken = |market: &Market| market.symbol == command.symbol;
    if state.market(command.market_id).is_some() || state.markets.iter().any(taken) {
        return Err(refused(RejectCode::MarketExists));
    }
    let (base, quote) = (
        state.asset(command.base_asset_id),
        state.asset(command.quote_asset_id),
    );
    let (Some(base), Some(quote)) = (base, quote) else {
        return Err(refused(RejectCode::AssetNotFound));
    };
    let unit = valid_unit(state, command, base, quote)
        .ok_or_else(|| refused(RejectCode::InvalidListing))?;
    let market = new_market(state, command, base, quote, unit);
    state.add_market(market);
    state.events.push(&e::MarketCreated {
        market_id: command.market_id,
        symbol: command.symbol,
        base_asset_id: command.base_asset_id,
        quote_asset_id: command.quote_asset_id,
        price_scale: command.price_scale,
        tick_size: command.tick_size,
        lot_size: command.lot_size,
        min_quantity: command.min_quantity,
        max_quantity: command.max_quantity,
        min_notional: command.min_notional,
        band_ppm: command.band_ppm,
        reference_price: command.reference_price,
        max_open_orders: command.max_open_orders,
        status: command.status,
        unit_notional: unit,
    });
    Ok(())
}

/// Returns a listing's unit notional if all its numbers fit together.
fn valid_unit(state: &State, command: &c::CreateMarket, base: u32, quote: u32) -> Option<u64> {
    let amount = |value: u64| (1..=MAX_AMOUNT).contains(&value);
    let fits = command.market_id > 0
        && !command.symbol.is_empty()
        && base != quote
        && command.price_scale <= MAX_PRICE_SCALE
        && amount(command.tick_size)
        && amount(command.lot_size)
        && amount(command.reference_price)
        && limits_fit(
            command.min_quantity,
            command.max_quantity,
            command.min_notional,
            command.band_ppm,
            command.max_open_orders,
        );
    let (base, quote) = (&state.assets[base as usize], &state.assets[quote as usize]);
    fits.then(|| unit_notional(command, base, quote))?
}

fn new_market(
    state: &mut State,
    command: &c::CreateMarket,
    base: u32,
    quote: u32,
    unit_notional: u64,
) -> Market {
    let fees = state
        .account(FEE_ACCOUNT)
        .expect("it exists from the start");
    let mut market = Market {
        market_id: command.market_id,
        status: command.status,
        price_scale: command.price_scale,
        max_open_orders: command.max_open_orders,
        band_ppm: command.band_ppm,
        base,
        quote,
        fee_base: state.balance(fees, base),
        fee_quote: state.balance(fees, quote),
        lot_size: command.lot_size,
        unit_notional,
        min_quantity: command.min_quantity,
        max_quantity: command.max_quantity,
        min_notional: command.min_notional,
        band_low: 0,
        band_high: 0,
        last_price: 0,
        last_trade_id: 0,
        book: Market::empty_book(),
        triggers: TriggerBook::default(),
        tick_size: command.tick_size,
        reference_price: command.reference_price,
        symbol: command.symbol,
    };
    market.set_band();
    market
}

/// Changes a market's limits; orders that are in already stay.
pub fn update_market(state: &mut State, command: &c::UpdateMarket) -> Outcome {
    let refused = |code| e::Rejected {
        market_id: command.market_id,
        ..refuse(code)
    };
    let slot = state
        .market(command.market_id)
        .ok_or_else(|| refused(RejectCode::MarketNotFound))?;
    let fit = limits_fit(
        command.min_quantity,
        command.max_quantity,
        command.min_notional,
        command.band_ppm,
        command.max_open_orders,
    );
    if !fit {
        return Err(refused(RejectCode::InvalidListing));
    }
    let market = &mut state.markets[slot as usize];
    market.min_quantity = command.min_quantity;
    market.max_quantity = command.max_quantity;
    market.min_notional = command.min_notional;
    market.band_ppm = command.band_ppm;
    market.max_open_orders = command.max_open_orders;
    market.set_band();
    state.events.push(&e::MarketUpdated {
        market_id: command.market_id,
        min_quantity: command.min_quantity,
        max_quantity: command.max_quantity,
        min_notional: command.min_notional,
        band_ppm: command.band_ppm,
        max_open_orders: command.max_open_orders,
    });
    Ok(())
}

/// Opens, halts or restricts a market, or closes it for good and cancels its orders, oldest first.
pub fn set_market_status(state: &mut State, command: &c::SetMarketStatus) -> Outcome {
    let refused = |code| e::Rejected {
        market_id: command.market_id,
        ..refuse(code)
    };
    let slot = state
        .market(command.market_id)
        .ok_or_else(|| refused(RejectCode::MarketNotFound))?;
    let market = &mut state.markets[slot as usize];
    if market.status == MarketStatus::Closed {
        return Err(refused(RejectCode::MarketClosed));
    }
    market.status = command.status;
    state.events.push(&e::MarketStatusChanged {
        market_id: command.market_id,
        status: command.status,
    });
    if command.status == MarketStatus::Closed {
        for order in orders_in(state, slot) {
            close(state, order, CloseReason::MarketClosed);
        }
    }
    Ok(())
}

/// Returns the slots of a market's open orders, by order id.
fn orders_in(state: &State, market: u32) -> Vec<u32> {
    let rows = state.orders.rows().iter().zip(0_u32..);
    let mut found: Vec<(u64, u32)> = rows
        .filter(|(order, _)| order.place != Place::Free && order.market == market)
        .map(|(order, slot)| (order.order_id, slot))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, slot)| slot).collect()
}
