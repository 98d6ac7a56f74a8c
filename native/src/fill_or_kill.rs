//! Fill-or-kill is decided before anything trades: could all of the order trade now?

use crate::arena::NIL;
use crate::book::LevelIndex;
use crate::checks::{accepts, opposite};
use crate::messages::SelfTradePrevention;
use crate::money::notional;
use crate::state::{State, some};

/// Tells whether all of an incoming order could trade now, self-trade prevention included.
///
/// Looks only at levels that the order would trade through; order by order only where the account's own orders
/// stand in the way.
pub fn can_fill(state: &State, taker: u32, limit: u64) -> bool {
    let order = &state.orders[taker];
    let market = &state.markets[order.market as usize];
    let own = state.positions[order.position as usize].open_orders - u32::from(order.listed);
    let own_matters = order.stp != SelfTradePrevention::None && own > 0;
    let by_budget = order.quote_quantity > 0;
    let mut wanted = u128::from(if by_budget {
        order.held
    } else {
        order.remaining
    });
    let mut buys_something = false;
    let facing = market.side(opposite(order.side));
    let mut at = facing.best();
    while at != NIL {
        let level = &state.levels[at];
        if !accepts(order.side, limit, level.price) {
            return false;
        }
        let unit = if by_budget {
            notional(level.price, 1, market.unit_notional)
        } else {
            1
        };
        if wanted < unit {
            return buys_something;
        }
        let left = if own_matters {
            wanted_after(state, at, taker, wanted, unit)
        } else {
            Some(less(wanted, level.total, unit))
        };
        let Some(left) = left else { return false };
        buys_something = buys_something || left < wanted;
        wanted = left;
        if wanted < unit {
            return true;
        }
        at = facing.next_worse(level.price);
    }
    false
}

/// Returns what is wanted after so many lots; what is over is nothing, as it is compared with a lot only.
#[inline]
fn less(wanted: u128, lots: u64, unit: u128) -> u128 {
    wanted.saturating_sub(u128::from(lots).saturating_mul(unit))
}

/// Walks one level: what is still wanted after it, or `None` if self-trade prevention ends the order.
fn wanted_after(
    state: &State,
    level: u32,
    taker: u32,
    mut wanted: u128,
    unit: u128,
) -> Option<u128> {
    let order = &state.orders[taker];
    let mut next = some(state.levels[level].head);
    while let Some(slot) = next {
        if wanted < unit {
            break;
        }
        let maker = &state.orders[slot];
        if maker.account != order.account {
            wanted = less(wanted, maker.remaining, unit);
        } else if order.stp != SelfTradePrevention::ExpireMaker {
            return None;
        }
        next = some(maker.next);
    }
    Some(wanted)
}
