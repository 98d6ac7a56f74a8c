//! Looking ahead in a batch: what the next commands will touch is asked for before it is their turn.
//!
//! A command on a large book waits for memory several times in a row: for the entry of an id, the order behind it,
//! the neighbours of that. So each command of a batch is looked at three times before it is applied, every time one
//! step farther along that chain. All of it is hints: what they find may be out of date by then, and does no harm.

use crate::book::LevelIndex;
use crate::checks::opposite;
use crate::layout::Message;
use crate::messages::commands::{CancelOrder, PlaceOrder};
use crate::messages::{HEADER_SIZE, Side};
use crate::prefetch::prefetch;
use crate::state::State;

/// A command is looked at when it is this many commands ahead, and again each time after `APART` more.
const AHEAD: usize = 6;
const APART: usize = 2;
/// Commands that are remembered between looks, a power of two above `AHEAD`.
const REMEMBERED: usize = 8;
/// With fewer orders than this, most of them are in the cache anyway.
const FEW_ORDERS: usize = 16_384;
/// The same of markets.
const FEW_MARKETS: usize = 64;
/// A batch of fewer bytes is over before looking ahead pays.
const FEW_BYTES: usize = 1_024;

/// Where the looks are in a batch of whole frames.
pub struct Lookahead {
    /// Offset of the next frame to look at; behind the last one there is nothing.
    at: usize,
    /// Looks so far.
    steps: usize,
    /// What the last ones found.
    seen: [Seen; REMEMBERED],
}

/// Where a command goes, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Place {
        account: u32,
        market: u32,
        side: Side,
        price: u64,
    },
    Cancel {
        order: u64,
    },
    Found {
        order: u32,
    },
    Other,
}

impl Lookahead {
    /// Begins before the first command; looks at nothing if it is not worth it.
    pub fn new(state: &State, frames: &[u8]) -> Self {
        let large = state.orders.rows().len() >= FEW_ORDERS || state.markets.len() >= FEW_MARKETS;
        let worth_it = large && frames.len() >= FEW_BYTES;
        let mut ahead = Self {
            at: if worth_it { 0 } else { frames.len() },
            steps: 0,
            seen: [Seen::Other; REMEMBERED],
        };
        if worth_it {
            (0..AHEAD).for_each(|_| ahead.look(state, frames));
        }
        ahead
    }

    /// Looks one command further.
    #[inline(always)]
    pub fn step(&mut self, state: &State, frames: &[u8]) {
        if self.at < frames.len() {
            self.look(state, frames);
        }
    }

    #[inline(always)]
    fn look(&mut self, state: &State, frames: &[u8]) {
        let place = |ago: usize| self.steps.wrapping_sub(ago) % REMEMBERED;
        let (second, third) = (place(APART), place(2 * APART));
        let now = place(0);
        third_look(state, self.seen[third]);
        self.seen[second] = second_look(state, self.seen[second]);
        self.seen[now] = first_look(state, &frames[self.at.min(frames.len())..]);
        self.at = after(frames, self.at);
        self.steps = self.steps.wrapping_add(1);
    }
}

/// Returns the offset of the frame after the one at `at`, the end if there is none.
#[inline(always)]
fn after(frames: &[u8], at: usize) -> usize {
    let length = frames.get(at..at + 4).map_or(0, |raw| {
        u32::from_le_bytes(raw.try_into().expect("4 bytes"))
    });
    frames.len().min(at + length as usize)
}

/// Reads the account, market, side and price of an order's body.
#[inline(always)]
fn read_place(body: &[u8; PlaceOrder::BODY]) -> (u64, u32, Side, u64) {
    let word = |at: usize| u64::from_le_bytes(body[at..at + 8].try_into().expect("8 bytes"));
    let buys = body[12] == Side::Buy as u8;
    let side = if buys { Side::Buy } else { Side::Sell };
    (word(0), word(8) as u32, side, word(17).max(1))
}

/// Reads the order id of a cancel's body.
#[inline(always)]
fn read_cancel(body: &[u8; CancelOrder::BODY]) -> u64 {
    u64::from_le_bytes(body[8..16].try_into().expect("8 bytes"))
}

/// Reads a command that is far ahead; asks for the entries of ids, and for the market.
#[inline(always)]
fn first_look(state: &State, frames: &[u8]) -> Seen {
    let Some((header, rest)) = frames.split_first_chunk::<HEADER_SIZE>() else {
        return Seen::Other;
    };
    match header[5] {
        PlaceOrder::NUMBER => {
            let Some(body) = rest.first_chunk() else {
                return Seen::Other;
            };
            let (account, market, side, price) = read_place(body);
            let (Some(account), Some(market)) = (state.account(account), state.market(market))
            else {
                return Seen::Other;
            };
            state.prefetch_position(account, market);
            state.markets[market as usize].prefetch(side);
            Seen::Place {
                account,
                market,
                side,
                price,
            }
        }
        CancelOrder::NUMBER => rest.first_chunk().map_or(Seen::Other, |body| {
            let order = read_cancel(body);
            state.order_ids.prefetch(order);
            Seen::Cancel { order }
        }),
        _ => Seen::Other,
    }
}

/// Asks for what the entries lead to: positions, places in the book, orders.
#[inline(always)]
fn second_look(state: &State, seen: Seen) -> Seen {
    match seen {
        Seen::Place {
            account,
            market,
            side,
            price,
        } => {
            if let Some(position) = state.find_position(account, market) {
                prefetch_row(&state.positions, position);
            }
            let market = &state.markets[market as usize];
            market.side(side).prefetch(price);
            prefetch_row(state.levels.rows(), market.side(opposite(side)).best());
            let last = state.accounts[account as usize].last_order;
            if let Some(order) = state.orders.rows().get(last as usize) {
                prefetch(&order.account_prev);
            }
            seen
        }
        Seen::Cancel { order } => {
            let slot = state.order_ids.find(order);
            let Some(order) = state.orders.rows().get(slot as usize) else {
                return Seen::Other;
            };
            prefetch(&order.order_id);
            prefetch(&order.account_prev);
            Seen::Found { order: slot }
        }
        Seen::Found { .. } | Seen::Other => seen,
    }
}

/// Asks for neighbours, levels and balances.
#[inline(always)]
fn third_look(state: &State, seen: Seen) {
    match seen {
        Seen::Place {
            market,
            side,
            price,
            ..
        } => {
            let level = state.markets[market as usize].side(side).find(price);
            prefetch_row(state.levels.rows(), level);
        }
        Seen::Found { order } => {
            let orders = state.orders.rows();
            let order = &orders[order as usize];
            prefetch_row(orders, order.prev);
            prefetch_row(orders, order.next);
            for neighbour in [order.account_prev, order.account_next] {
                if let Some(neighbour) = orders.get(neighbour as usize) {
                    prefetch(&neighbour.account_prev);
                }
            }
            prefetch_row(state.levels.rows(), order.level);
            prefetch_row(&state.positions, order.position);
        }
        Seen::Cancel { .. } | Seen::Other => {}
    }
}

#[inline(always)]
fn prefetch_row<T>(rows: &[T], slot: u32) {
    if let Some(row) = rows.get(slot as usize) {
        prefetch(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Text;
    use crate::messages::{OrderType, SelfTradePrevention, TimeInForce};

    #[test]
    fn reads_the_fields_where_the_codec_has_them() {
        let order = PlaceOrder {
            account_id: 7_000_000_001,
            market_id: 70_002,
            side: Side::Sell,
            kind: OrderType::Limit,
            time_in_force: TimeInForce::Gtc,
            stp: SelfTradePrevention::None,
            post_only: false,
            price: 7_000_000_003,
            trigger_price: 4,
            quantity: 5,
            quote_quantity: 6,
            expires_at: 7,
            client_order_id: Text::EMPTY,
        };
        let mut body = [0; PlaceOrder::BODY];
        order.write(&mut body);
        let read = (order.account_id, order.market_id, order.side, order.price);
        assert_eq!(read_place(&body), read);
        let cancel = CancelOrder {
            account_id: 1,
            order_id: 7_000_000_004,
            client_order_id: Text::EMPTY,
        };
        let mut body = [0; CancelOrder::BODY];
        cancel.write(&mut body);
        assert_eq!(read_cancel(&body), cancel.order_id);
    }

    #[test]
    fn walks_over_whole_frames_to_the_end() {
        let frame = [30_u32.to_le_bytes().as_slice(), &[0; 26]].concat();
        let three = frame.repeat(3);
        assert_eq!(after(&three, 30), 60);
        assert_eq!(after(&three, 60), 90);
        assert_eq!(after(&three, 90), 90);
    }
}
