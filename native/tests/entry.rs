//! Binary order entry: the checks look at the right bytes, privacy holds for every event, and no input panics.
//! That both functions equal the Python ones is proved by `tests/unit/gateway/entry/test_tools.py`.

use cse_native::codec::write_header;
use cse_native::entry::{check_batch, own_events};
use cse_native::layout::{Message, Text};
use cse_native::messages::session::Fill;
use cse_native::messages::{
    CloseReason, HEADER_SIZE, RejectCode, SessionError, Side, commands as c, events as e,
};
use proptest::prelude::*;

const OWN: u64 = 77;
const OTHER: u64 = 88;

fn frame<M: Message>(message: &M, index: u16) -> Vec<u8> {
    let mut bytes = vec![0; HEADER_SIZE + M::BODY];
    write_header::<M>(&mut bytes, index, 5, 6);
    message.write(&mut bytes[HEADER_SIZE..]);
    bytes
}

fn command<M: Message>(message: &M) -> Vec<u8> {
    let mut bytes = vec![0; HEADER_SIZE + M::BODY];
    write_header::<M>(&mut bytes, 0, 0, 0);
    message.write(&mut bytes[HEADER_SIZE..]);
    bytes
}

fn allowed(account_id: u64) -> Vec<Vec<u8>> {
    let cancel = c::CancelOrder {
        account_id,
        order_id: 9,
        client_order_id: Text::EMPTY,
    };
    let amend = c::AmendOrder {
        account_id,
        order_id: 9,
        client_order_id: Text::EMPTY,
        price: 1,
        trigger_price: 2,
        quantity: 3,
    };
    vec![
        command(&cancel),
        command(&amend),
        command(&c::CancelAll {
            account_id,
            market_id: 3,
        }),
        command(&c::SetCancelAfter {
            account_id,
            timeout_ms: 4,
        }),
    ]
}

/// A command of another account is found by its place, whatever its type.
#[test]
fn foreign_accounts_are_found_by_place() {
    for foreign in allowed(OTHER) {
        let mut batch = allowed(OWN).concat();
        assert_eq!(check_batch(&batch, OWN, 4), Ok(()));
        batch.extend_from_slice(&foreign);
        let refusal = check_batch(&batch, OWN, 5).unwrap_err();
        assert_eq!(
            (refusal.code, refusal.place),
            (SessionError::ForeignAccount, 4)
        );
    }
}

/// More or fewer commands than were said, and types that are not for sessions.
#[test]
fn counts_and_types_are_held() {
    let batch = allowed(OWN).concat();
    let code = |count| check_batch(&batch, OWN, count).unwrap_err();
    assert_eq!(
        (code(3).code, code(3).place),
        (SessionError::InvalidCount, 3)
    );
    assert_eq!(
        (code(5).code, code(5).place),
        (SessionError::InvalidCount, 4)
    );
    let tick = command(&c::Tick {});
    assert_eq!(
        check_batch(&tick, OWN, 1).unwrap_err().code,
        SessionError::CommandNotAllowed
    );
}

/// Of everything that happens an account sees its own orders, and nothing of anybody else's.
#[test]
fn an_account_sees_its_own() {
    for (account, seen) in [(OWN, 1), (OTHER, 0)] {
        let closed = e::OrderClosed {
            order_id: 1,
            account_id: account,
            market_id: 2,
            reason: CloseReason::Filled,
            remaining: 0,
            released: 0,
        };
        let triggered = e::OrderTriggered {
            order_id: 1,
            account_id: account,
            market_id: 2,
            held_change: -1,
        };
        let reduced = e::OrderReduced {
            order_id: 1,
            account_id: account,
            market_id: 2,
            quantity: 1,
            quote_quantity: 0,
            released: 0,
        };
        let set = e::CancelAfterSet {
            account_id: account,
            deadline: 1,
        };
        for bytes in [
            frame(&closed, 0),
            frame(&triggered, 1),
            frame(&reduced, 2),
            frame(&set, 3),
        ] {
            let own = own_events(&bytes, &[OWN], OWN).unwrap();
            assert_eq!(own[0].count, seen);
            assert_eq!(own[0].frames.len(), bytes.len() * seen as usize);
        }
    }
}

/// A refusal is for whoever sent the command, and for nobody who listens.
#[test]
fn refusals_go_to_their_owner() {
    let rejected = e::Rejected {
        code: RejectCode::OrderNotFound,
        account_id: OWN,
        market_id: 0,
        order_id: 1,
        client_order_id: Text::EMPTY,
    };
    let bytes = frame(&rejected, 0);
    assert_eq!(own_events(&bytes, &[OWN], OWN).unwrap()[0].count, 1);
    assert_eq!(own_events(&bytes, &[OWN], 0).unwrap()[0].count, 0);
    assert_eq!(own_events(&bytes, &[OTHER], OTHER).unwrap()[0].count, 0);
}

/// A trade is told as the own side of it: no other account, order or fee in its bytes.
#[test]
fn a_trade_is_told_by_its_own_side() {
    let trade = e::Trade {
        market_id: 2,
        trade_id: 3,
        price: 4,
        quantity: 5,
        base_amount: 6,
        quote_amount: 7,
        taker_side: Side::Sell,
        maker_order_id: 0x1111,
        taker_order_id: 0x2222,
        maker_account_id: OWN,
        taker_account_id: OTHER,
        maker_fee: 10,
        taker_fee: 11,
        buyer_released: 12,
    };
    let own = own_events(&frame(&trade, 9), &[OTHER, OWN], 0).unwrap();
    let read = |at: usize| Fill::read(&own[at].frames[HEADER_SIZE..]).unwrap();
    let (taker, maker) = (read(0), read(1));
    assert_eq!(
        (
            taker.order_id,
            taker.side,
            taker.taker,
            taker.fee,
            taker.released
        ),
        (0x2222, Side::Sell, true, 11, 0)
    );
    assert_eq!(
        (
            maker.order_id,
            maker.side,
            maker.taker,
            maker.fee,
            maker.released
        ),
        (0x1111, Side::Buy, false, 10, 12)
    );
    let both = own_events(
        &frame(
            &e::Trade {
                taker_account_id: OWN,
                ..trade
            },
            9,
        ),
        &[OWN],
        0,
    )
    .unwrap();
    assert_eq!(both[0].count, 2);
}

proptest! {
    /// Whatever the bytes, both functions return; no input panics.
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300), count in 0usize..5) {
        let _ = check_batch(&bytes, OWN, count);
        let _ = own_events(&bytes, &[OWN, OTHER], OWN);
    }

    /// One byte of good commands changed: refused, or still of this account and of the same length.
    #[test]
    fn changed_bytes_are_answered(at in 0usize..400, value: u8) {
        let mut batch = allowed(OWN).concat();
        let at = at % batch.len();
        batch[at] = value;
        if check_batch(&batch, OWN, 4).is_ok() {
            prop_assert_eq!(check_batch(&batch, OTHER, 4).unwrap_err().code, SessionError::ForeignAccount);
        }
    }
}
