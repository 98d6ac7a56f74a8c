//! Which events an account may see: its own, and its own side of trades.

use crate::codec::{CodecFault, Frame, read_frame, write_header};
use crate::layout::Message;
use crate::messages::events as e;
use crate::messages::session::Fill;
use crate::messages::{HEADER_SIZE, Side};

/// What one account may see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// Its event frames, in order.
    pub frames: Vec<u8>,
    /// How many they are.
    pub count: u32,
}

/// Returns what each of `accounts` may see of `events`, in the order of `accounts`.
///
/// Trades become fills of the account's own side; refusals go to `owner` alone (0: to nobody).
///
/// # Errors
/// The bytes at an offset are no whole frame: no engine of ours wrote them.
pub fn own_events(
    events: &[u8],
    accounts: &[u64],
    owner: u64,
) -> Result<Vec<Own>, (usize, CodecFault)> {
    let mut sorted: Vec<(u64, usize)> = accounts.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    let mut own = vec![Own::default(); accounts.len()];
    if let [only] = &mut own[..] {
        only.frames.reserve(events.len()); // nearly all of it, when it is the sender's own answer
    }
    let mut found = Found { sorted, own };
    let mut at = 0;
    while at < events.len() {
        let frame = read_frame(events, at).map_err(|fault| (at, fault))?;
        let end = at + frame.size();
        if frame.number == e::Trade::NUMBER {
            let trade =
                e::Trade::read(frame.body).map_err(|_| (at, CodecFault::Foreign(frame.number)))?;
            found.add_fills(&frame, &trade);
        } else if let Some(own) = private_account(&frame, owner).and_then(|id| found.of(id)) {
            own.frames.extend_from_slice(&events[at..end]);
            own.count += 1;
        }
        at = end;
    }
    Ok(found.own)
}

/// Returns whose event this is, `None` for one that is nobody's or not for sessions.
fn private_account(frame: &Frame<'_>, owner: u64) -> Option<u64> {
    let field = |at: usize| {
        let bytes = frame.body.get(at..)?.first_chunk()?;
        Some(u64::from_le_bytes(*bytes))
    };
    match frame.number {
        // An order's id stands first, its account second (a test holds it).
        e::OrderAccepted::NUMBER
        | e::OrderTriggered::NUMBER
        | e::OrderReduced::NUMBER
        | e::OrderAmended::NUMBER
        | e::OrderClosed::NUMBER => field(8),
        e::CancelAfterSet::NUMBER => field(0),
        e::Rejected::NUMBER => field(2).filter(|&account| account == owner),
        _ => None,
    }
}

struct Found {
    sorted: Vec<(u64, usize)>,
    own: Vec<Own>,
}

impl Found {
    fn of(&mut self, account: u64) -> Option<&mut Own> {
        let place = self
            .sorted
            .binary_search_by_key(&account, |entry| entry.0)
            .ok()?;
        Some(&mut self.own[self.sorted[place].1])
    }

    /// Adds a trade's two sides, the maker's first, as far as they are asked for.
    fn add_fills(&mut self, frame: &Frame<'_>, trade: &e::Trade) {
        for taker in [false, true] {
            let (account, order_id, fee) = if taker {
                (
                    trade.taker_account_id,
                    trade.taker_order_id,
                    trade.taker_fee,
                )
            } else {
                (
                    trade.maker_account_id,
                    trade.maker_order_id,
                    trade.maker_fee,
                )
            };
            if let Some(own) = self.of(account) {
                let buys = (trade.taker_side == Side::Buy) == taker;
                own.push(frame, &fill(trade, order_id, fee, taker, buys));
            }
        }
    }
}

impl Own {
    fn push(&mut self, of: &Frame<'_>, fill: &Fill) {
        let mut frame = [0; HEADER_SIZE + Fill::BODY];
        write_header::<Fill>(&mut frame, of.index, of.sequence, of.time_ms);
        fill.write(&mut frame[HEADER_SIZE..]);
        self.frames.extend_from_slice(&frame);
        self.count += 1;
    }
}

fn fill(trade: &e::Trade, order_id: u64, fee: u64, taker: bool, buys: bool) -> Fill {
    Fill {
        order_id,
        market_id: trade.market_id,
        trade_id: trade.trade_id,
        side: if buys { Side::Buy } else { Side::Sell },
        taker,
        price: trade.price,
        quantity: trade.quantity,
        base_amount: trade.base_amount,
        quote_amount: trade.quote_amount,
        fee,
        released: if buys { trade.buyer_released } else { 0 },
    }
}
