//! Self-trade prevention: an incoming order has met a resting one of the same account.

use crate::levels::unlink;
use crate::lifecycle::finish;
use crate::messages::events::OrderReduced;
use crate::messages::{CloseReason, SelfTradePrevention, Side};
use crate::state::State;

/// Applies the taker's mode to a pair that would trade `quantity` lots; true: the incoming order is over.
///
/// The level's own event is told by the caller when it is done with the level.
pub fn prevent_self_trade(
    state: &mut State,
    taker: u32,
    maker: u32,
    price: u64,
    lots: u64,
) -> bool {
    let mode = state.orders[taker].stp;
    if mode == SelfTradePrevention::Decrement {
        return decrement(state, taker, maker, price, lots);
    }
    if mode != SelfTradePrevention::ExpireTaker {
        expire(state, maker);
    }
    mode != SelfTradePrevention::ExpireMaker
}

fn expire(state: &mut State, maker: u32) {
    unlink(state, maker);
    finish(state, maker, CloseReason::SelfTrade);
}

/// Takes the smaller of the two quantities off both; whoever has nothing left is over.
fn decrement(state: &mut State, taker: u32, maker: u32, price: u64, lots: u64) -> bool {
    let order = &state.orders[taker];
    let unit = state.markets[order.market as usize].unit_notional;
    let by_budget = order.quote_quantity > 0;
    let budget = if by_budget { lots * price * unit } else { 0 };
    let taker_over = if by_budget {
        order.held == budget
    } else {
        order.remaining == lots
    };
    let resting = &state.orders[maker];
    if resting.remaining == lots {
        expire(state, maker);
    } else {
        state.levels[resting.level].total -= lots;
        shrink(state, maker, lots, 0);
    }
    if !taker_over {
        shrink(state, taker, if by_budget { 0 } else { lots }, budget);
    }
    taker_over
}

/// Takes lots (or quote units of a budget) off an order that goes on, and releases what held them.
fn shrink(state: &mut State, slot: u32, quantity: u64, quote_quantity: u64) {
    let order = &mut state.orders[slot];
    let market = &state.markets[order.market as usize];
    let released = if quote_quantity > 0 {
        order.quote_quantity -= quote_quantity;
        quote_quantity
    } else {
        order.quantity -= quantity;
        order.remaining -= quantity;
        let limit = if order.price > 0 {
            order.price
        } else {
            market.band_high
        };
        match order.side {
            Side::Buy => limit * quantity * market.unit_notional,
            Side::Sell => quantity * market.lot_size,
        }
    };
    order.held -= released;
    order.updated_at = state.time_ms;
    let pays = &mut state.balances[order.pays as usize];
    pays.held -= released;
    pays.available += released;
    state.events.push(&OrderReduced {
        order_id: order.order_id,
        account_id: state.accounts[order.account as usize].account_id,
        market_id: market.market_id,
        quantity,
        quote_quantity,
        released,
    });
}
