//! Looking ahead in a batch: what the next commands will touch is asked for before it is their turn.
//!
//! A command on a large book waits for memory several times in a row: for the entry of an id, the order behind it,
//! the neighbours of that. So each command of a batch is looked at three times before it is applied, every time one
//! step farther along that chain. All of it is hints: what they find may be out of date by then, and does no harm.

use crate::arena::NIL;
use crate::book::LevelIndex;
use crate::layout::Message;
use crate::messages::commands::{CancelOrder, PlaceOrder};
use crate::messages::{HEADER_SIZE, Side};
use crate::model::Level;
use crate::prefetch::prefetch;
use crate::state::State;

/// How many commands ahead the three looks are.
const AHEAD: [usize; 3] = [6, 4, 2];
/// With fewer orders than this, everything is in the cache anyway.
const FEW_ORDERS: usize = 4_096;

/// Where the three looks are in a batch of whole frames.
pub struct Lookahead {
    /// Offsets of frames; behind the last one, where there is nothing to look at.
    at: [usize; 3],
}

impl Lookahead {
    /// Begins before the first command; looks at nothing if it is not worth it.
    pub fn new(state: &State, frames: &[u8]) -> Self {
        let mut at = [frames.len(); 3];
        if state.orders.rows().len() >= FEW_ORDERS {
            for (at, ahead) in at.iter_mut().zip(AHEAD) {
                *at = (0..ahead).fold(0, |at, _| after(frames, at));
            }
        }
        Self { at }
    }

    /// Looks one command further with each look.
    #[inline(always)]
    pub fn step(&mut self, state: &State, frames: &[u8]) {
        let [first, second, third] = &mut self.at;
        look(state, frames, first, first_look);
        look(state, frames, second, second_look);
        look(state, frames, third, third_look);
    }
}

/// What a look does with a command.
type Look = fn(&State, &Wanted);

/// What of a command says where it goes.
enum Wanted {
    Place {
        account: u64,
        market: u32,
        side: Side,
        price: u64,
    },
    Cancel {
        order: u64,
    },
    Other,
}

#[inline(always)]
fn look(state: &State, frames: &[u8], at: &mut usize, with: Look) {
    if *at < frames.len() {
        with(state, &Wanted::read(&frames[*at..]));
        *at = after(frames, *at);
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

impl Wanted {
    /// Reads a whole frame, of which only these fields are looked at.
    #[inline(always)]
    fn read(frame: &[u8]) -> Self {
        let body = &frame[HEADER_SIZE..];
        let word = |at: usize| u64::from_le_bytes(body[at..at + 8].try_into().expect("8 bytes"));
        match frame[5] {
            PlaceOrder::NUMBER if body.len() >= PlaceOrder::BODY => Self::Place {
                account: word(0),
                market: word(8) as u32,
                side: if body[12] == Side::Buy as u8 {
                    Side::Buy
                } else {
                    Side::Sell
                },
                price: word(17).max(1),
            },
            CancelOrder::NUMBER if body.len() >= CancelOrder::BODY => {
                Self::Cancel { order: word(8) }
            }
            _ => Self::Other,
        }
    }
}

/// Asks for the entries of ids, and for the market.
#[inline(always)]
fn first_look(state: &State, wanted: &Wanted) {
    match *wanted {
        Wanted::Place {
            account, market, ..
        } => {
            if let (Some(account), Some(market)) = (state.account(account), state.market(market)) {
                prefetch(&state.accounts[account as usize]);
                state.prefetch_position(account, market);
                state.markets[market as usize].prefetch();
            }
        }
        Wanted::Cancel { order } => state.order_ids.prefetch(order),
        Wanted::Other => {}
    }
}

/// Asks for what the entries lead to: positions, places in the book, orders.
#[inline(always)]
fn second_look(state: &State, wanted: &Wanted) {
    match *wanted {
        Wanted::Place {
            account,
            market,
            side,
            price,
        } => {
            if let (Some(account), Some(market)) = (state.account(account), state.market(market)) {
                if let Some(position) = state.find_position(account, market) {
                    prefetch(&state.positions[position as usize]);
                }
                let market = &state.markets[market as usize];
                market.side(side).prefetch(price);
                for side in [Side::Buy, Side::Sell] {
                    prefetch_level(state, market.side(side).best());
                }
                prefetch_order(state, state.accounts[account as usize].last_order);
            }
        }
        Wanted::Cancel { order } => {
            if let Some(slot) = state.order(order) {
                prefetch_order(state, slot);
            }
        }
        Wanted::Other => {}
    }
}

/// Asks for neighbours, levels and balances.
#[inline(always)]
fn third_look(state: &State, wanted: &Wanted) {
    match *wanted {
        Wanted::Place {
            market,
            side,
            price,
            ..
        } => {
            if let Some(market) = state.market(market) {
                let level = state.markets[market as usize].side(side).find(price);
                prefetch_level(state, level);
            }
        }
        Wanted::Cancel { order } => {
            if let Some(slot) = state.order(order) {
                let order = &state.orders[slot];
                for neighbour in [order.prev, order.next] {
                    prefetch_row(state.orders.rows(), neighbour);
                }
                for neighbour in [order.account_prev, order.account_next] {
                    if let Some(order) = state.orders.rows().get(neighbour as usize) {
                        prefetch(&order.account_prev);
                    }
                }
                prefetch_level(state, order.level);
                prefetch_row(&state.balances, order.pays);
                prefetch_row(&state.positions, order.position);
            }
        }
        Wanted::Other => {}
    }
}

#[inline(always)]
fn prefetch_row<T>(rows: &[T], slot: u32) {
    if let Some(row) = rows.get(slot as usize) {
        prefetch(row);
    }
}

#[inline(always)]
fn prefetch_level(state: &State, slot: u32) {
    let levels: &[Level] = state.levels.rows();
    prefetch_row(levels, slot);
}

/// Asks for both lines of an order.
#[inline(always)]
fn prefetch_order(state: &State, slot: u32) {
    if slot == NIL {
        return;
    }
    if let Some(order) = state.orders.rows().get(slot as usize) {
        prefetch(&order.order_id);
        prefetch(&order.account_prev);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Text;
    use crate::messages::{OrderType, SelfTradePrevention, TimeInForce};

    fn framed<M: Message>(message: &M) -> Vec<u8> {
        let mut frame = vec![0; HEADER_SIZE + M::BODY];
        crate::codec::write_header::<M>(&mut frame, 0, 1, 1);
        message.write(&mut frame[HEADER_SIZE..]);
        frame
    }

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
        let Wanted::Place {
            account,
            market,
            side,
            price,
        } = Wanted::read(&framed(&order))
        else {
            panic!("an order");
        };
        assert_eq!((account, market), (order.account_id, order.market_id));
        assert_eq!((side, price), (order.side, order.price));
        let cancel = CancelOrder {
            account_id: 1,
            order_id: 7_000_000_004,
            client_order_id: Text::EMPTY,
        };
        let read = Wanted::read(&framed(&cancel));
        assert!(matches!(read, Wanted::Cancel { order } if order == cancel.order_id));
    }

    #[test]
    fn walks_over_whole_frames_to_the_end() {
        let cancel = CancelOrder {
            account_id: 1,
            order_id: 2,
            client_order_id: Text::EMPTY,
        };
        let one = framed(&cancel);
        let three = one.repeat(3);
        assert_eq!(after(&three, one.len()), 2 * one.len());
        assert_eq!(after(&three, 2 * one.len()), three.len());
        assert_eq!(after(&three, three.len()), three.len());
    }
}
