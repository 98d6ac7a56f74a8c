//! One trade between two orders: who pays what to whom (docs/reference/matching.md, "Funds and fees").

use crate::messages::events::Trade;
use crate::messages::{SelfTradePrevention, Side};
use crate::money::ceil_ppm;
use crate::state::State;

/// An incoming order and its market while it trades with one resting order after the other: what stays the same, and
/// what adds up on its side until `flush`. The resting orders' side is done trade by trade.
pub struct Taking {
    pub taker: u32,
    pub market: u32,
    pub account: u32,
    side: Side,
    /// Whether it may not trade with orders of its own account.
    pub minds_own: bool,
    /// Whether it spends a quote quantity instead of trading a number of lots.
    pub by_quote: bool,
    /// Lots still to trade; of a quote quantity, what is left to spend.
    pub left: u64,
    pub unit_notional: u64,
    lot_size: u64,
    /// Its limit, 0 for market orders.
    limit: u64,
    order_id: u64,
    account_id: u64,
    fee_ppm: u32,
    market_id: u32,
    last_trade_id: u64,
    tally: Tally,
}

/// What the incoming order's trades come to so far.
#[derive(Default)]
struct Tally {
    /// Given to the makers, their fees included.
    paid: u64,
    /// Got from them, the taker's own fees included.
    got: u64,
    /// Held for a worse price than it was.
    released: u64,
    quote: u64,
    maker_fees: u64,
    taker_fees: u64,
    last_price: u64,
}

impl Taking {
    /// Looks up what concerns an order that trades now.
    #[inline(always)]
    pub fn of(state: &State, taker: u32) -> Self {
        let order = &state.orders[taker];
        let account = &state.accounts[order.account as usize];
        let market = &state.markets[order.market as usize];
        let mut taking = Self {
            taker,
            market: order.market,
            account: order.account,
            side: order.side,
            minds_own: order.stp != SelfTradePrevention::None,
            by_quote: order.quote_quantity > 0,
            left: 0,
            unit_notional: market.unit_notional,
            lot_size: market.lot_size,
            limit: order.price,
            order_id: order.order_id,
            account_id: account.account_id,
            fee_ppm: state.fee_tiers[account.fee_tier as usize].taker_ppm,
            market_id: market.market_id,
            last_trade_id: market.last_trade_id,
            tally: Tally::default(),
        };
        taking.look_again(state);
        taking
    }

    /// Takes up what is left of the order, after something else than a trade changed it.
    #[inline(always)]
    pub fn look_again(&mut self, state: &State) {
        let order = &state.orders[self.taker];
        self.left = if self.by_quote {
            order.held
        } else {
            order.remaining
        };
    }

    /// Books the incoming order's side of all trades since the last time. Sums do not depend on the order of their
    /// parts, so it does not matter that the resting orders' side was booked before.
    #[inline(always)]
    pub fn flush(&mut self, state: &mut State) {
        let tally = std::mem::take(&mut self.tally);
        if tally.last_price == 0 {
            return;
        }
        let market = &mut state.markets[self.market as usize];
        market.last_trade_id = self.last_trade_id;
        market.last_price = tally.last_price;
        let (fees_of_makers, fees_of_taker) = match self.side {
            Side::Buy => (market.fee_quote, market.fee_base),
            Side::Sell => (market.fee_base, market.fee_quote),
        };
        let order = &mut state.orders[self.taker];
        let spent = tally.paid + tally.released;
        order.held -= spent;
        order.quote_filled += tally.quote;
        order.updated_at = state.time_ms;
        if !self.by_quote {
            order.remaining = self.left;
        }
        let balances = &mut state.balances[..];
        let pays = &mut balances[order.pays as usize];
        pays.held -= spent;
        pays.available += tally.released;
        balances[order.receives as usize].available += tally.got - tally.taker_fees;
        balances[fees_of_makers as usize].available += tally.maker_fees;
        balances[fees_of_taker as usize].available += tally.taker_fees;
    }
}

/// Settles one trade: moves the resting order's money, takes its lots off, tells it. Returns what is left of that order.
///
/// Both orders hold enough by construction: a buyer's hold was taken at a price no better than `price`. Fees come
/// from what each party receives, so nobody can end below zero.
#[inline(always)]
pub fn settle(
    state: &mut State,
    taking: &mut Taking,
    maker: u32,
    price: u64,
    quantity: u64,
) -> u64 {
    let base_amount = quantity * taking.lot_size;
    let quote_amount = price * quantity * taking.unit_notional;
    // What goes from the resting order to the incoming one, and back; a resting buyer's limit is the price, only an
    // incoming one can have bid more.
    let (gives, gets, released) = match taking.side {
        Side::Buy => {
            let better = taking.limit.saturating_sub(price);
            let released = better * quantity * taking.unit_notional;
            (base_amount, quote_amount, released)
        }
        Side::Sell => (quote_amount, base_amount, 0),
    };
    let resting = &mut state.orders[maker];
    resting.held -= gives;
    resting.quote_filled += quote_amount;
    resting.remaining -= quantity;
    resting.updated_at = state.time_ms;
    let (left, maker_order_id) = (resting.remaining, resting.order_id);
    let account = &state.accounts[resting.account as usize];
    let maker_account_id = account.account_id;
    let maker_ppm = state.fee_tiers[account.fee_tier as usize].maker_ppm;
    let (maker_fee, taker_fee) = (ceil_ppm(gets, maker_ppm), ceil_ppm(gives, taking.fee_ppm));
    let balances = &mut state.balances[..];
    balances[resting.pays as usize].held -= gives;
    balances[resting.receives as usize].available += gets - maker_fee;

    taking.left -= if taking.by_quote { gets } else { quantity };
    taking.last_trade_id += 1;
    let tally = &mut taking.tally;
    tally.paid += gets;
    tally.got += gives;
    tally.released += released;
    tally.quote += quote_amount;
    tally.maker_fees += maker_fee;
    tally.taker_fees += taker_fee;
    tally.last_price = price;
    state.events.push(&Trade {
        market_id: taking.market_id,
        trade_id: taking.last_trade_id,
        price,
        quantity,
        base_amount,
        quote_amount,
        taker_side: taking.side,
        maker_order_id,
        taker_order_id: taking.order_id,
        maker_account_id,
        taker_account_id: taking.account_id,
        maker_fee,
        taker_fee,
        buyer_released: released,
    });
    left
}
