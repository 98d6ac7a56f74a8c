//! One trade between two orders: who pays what to whom (docs/reference/matching.md, "Funds and fees").

use crate::messages::Side;
use crate::messages::events::Trade;
use crate::money::ceil_ppm;
use crate::state::State;

/// Moves the money of one trade and tells it.
///
/// Both orders hold enough by construction: a buyer's hold was taken at a price no better than `price`. Fees come
/// from what each party receives, so nobody can end below zero.
#[inline]
pub fn settle(state: &mut State, maker: u32, taker: u32, price: u64, quantity: u64) {
    let market = &mut state.markets[state.orders[taker].market as usize];
    let base_amount = quantity * market.lot_size;
    let unit = market.unit_notional;
    let quote_amount = price * quantity * unit;
    let (maker_order, taker_order) = (&state.orders[maker], &state.orders[taker]);
    let maker_account = &state.accounts[maker_order.account as usize];
    let taker_account = &state.accounts[taker_order.account as usize];
    let maker_ppm = state.fee_tiers[maker_account.fee_tier as usize].maker_ppm;
    let taker_ppm = state.fee_tiers[taker_account.fee_tier as usize].taker_ppm;
    let taker_side = taker_order.side;
    let (buyer, seller, maker_fee, taker_fee) = match taker_side {
        Side::Buy => (
            taker,
            maker,
            ceil_ppm(quote_amount, maker_ppm),
            ceil_ppm(base_amount, taker_ppm),
        ),
        Side::Sell => (
            maker,
            taker,
            ceil_ppm(base_amount, maker_ppm),
            ceil_ppm(quote_amount, taker_ppm),
        ),
    };
    let (buyer_fee, seller_fee) = match taker_side {
        Side::Buy => (taker_fee, maker_fee),
        Side::Sell => (maker_fee, taker_fee),
    };
    market.last_trade_id += 1;
    market.last_price = price;
    let mut trade = Trade {
        market_id: market.market_id,
        trade_id: market.last_trade_id,
        price,
        quantity,
        base_amount,
        quote_amount,
        taker_side,
        maker_order_id: maker_order.order_id,
        taker_order_id: taker_order.order_id,
        maker_account_id: maker_account.account_id,
        taker_account_id: taker_account.account_id,
        maker_fee,
        taker_fee,
        buyer_released: 0,
    };
    let (fee_base, fee_quote) = (market.fee_base as usize, market.fee_quote as usize);

    // A resting buyer's limit is the price; only an incoming one can have bid more.
    let buys = &mut state.orders[buyer];
    if taker_side == Side::Buy && buys.price > 0 {
        trade.buyer_released = (buys.price - price) * quantity * unit;
    }
    let spent = quote_amount + trade.buyer_released;
    buys.held -= spent;
    buys.quote_filled += quote_amount;
    let (quote, base) = (buys.pays as usize, buys.receives as usize);
    state.balances[quote].held -= spent;
    state.balances[quote].available += trade.buyer_released;
    state.balances[base].available += base_amount - buyer_fee;

    let sells = &mut state.orders[seller];
    sells.held -= base_amount;
    sells.quote_filled += quote_amount;
    let (base, quote) = (sells.pays as usize, sells.receives as usize);
    state.balances[base].held -= base_amount;
    state.balances[quote].available += quote_amount - seller_fee;
    state.balances[fee_base].available += buyer_fee;
    state.balances[fee_quote].available += seller_fee;
    state.events.push(&trade);
}
