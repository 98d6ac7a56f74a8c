//! Samples of every field and message, and with them the proof that what is written reads back, byte for byte.

use crate::layout::Text;

/// Deterministic numbers (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        crate::ids::spread(self.0)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// A value of any kind that its field can hold, edges more often than by chance.
pub trait Sample {
    fn sample(random: &mut Random) -> Self;
}

macro_rules! int_sample {
    ($($int:ty),*) => {$(
        impl Sample for $int {
            fn sample(random: &mut Random) -> Self {
                match random.below(4) {
                    0 => <$int>::MIN,
                    1 => <$int>::MAX,
                    _ => random.next() as $int,
                }
            }
        }
    )*};
}

int_sample!(u8, u16, u32, u64, i64);

impl Sample for bool {
    fn sample(random: &mut Random) -> Self {
        random.below(2) == 1
    }
}

impl<const N: usize> Sample for [u8; N] {
    fn sample(random: &mut Random) -> Self {
        std::array::from_fn(|_| random.next() as u8)
    }
}

impl<const N: usize> Sample for Text<N> {
    fn sample(random: &mut Random) -> Self {
        let length = random.below(N + 1);
        let character = |random: &mut Random| 1 + random.below(127) as u8;
        Self(std::array::from_fn(|at| {
            if at < length { character(random) } else { 0 }
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use proptest::prelude::*;

    use super::*;
    use crate::codec::{check_command, read_frame, write_header};
    use crate::layout::Message;
    use crate::messages::{HEADER_SIZE, body_size};
    use crate::messages::{commands as c, events as e, records as r, session as s};

    /// Writes a sample as a frame, reads it back, and spoils single bytes of it: they are refused or mean what they say.
    fn round_trip<M: Message + Sample + PartialEq + Debug>(random: &mut Random) {
        let (message, index) = (M::sample(random), u16::sample(random));
        let (sequence, time_ms) = (u64::sample(random), u64::sample(random));
        let mut bytes = vec![0xff; HEADER_SIZE + M::BODY];
        write_header::<M>(&mut bytes, index, sequence, time_ms);
        message.write(&mut bytes[HEADER_SIZE..]);
        let frame = read_frame(&bytes, 0).expect("a whole frame");
        let header = (frame.number, frame.index, frame.sequence, frame.time_ms);
        assert_eq!(header, (M::NUMBER, index, sequence, time_ms));
        assert_eq!(
            (frame.size(), body_size(M::NUMBER)),
            (bytes.len(), Some(M::BODY))
        );
        assert_eq!(M::read(frame.body).expect("its own bytes"), message);
        if M::NUMBER < 64 {
            check_command(M::NUMBER, frame.body).expect("a good command");
        }
        let mut body = frame.body.to_vec();
        for at in 0..body.len() {
            let good = std::mem::replace(&mut body[at], u8::sample(random));
            if let Ok(other) = M::read(&body) {
                let mut again = vec![0; M::BODY];
                other.write(&mut again);
                assert_eq!(again, body, "{other:?}");
            } else if M::NUMBER < 64 {
                check_command(M::NUMBER, &body).expect_err("the same verdict");
            }
            body[at] = good;
        }
        assert!(M::read(&body[..M::BODY.saturating_sub(1)]).is_err() || M::BODY == 0);
    }

    macro_rules! each {
        ($random:expr, $($family:ident: $($name:ident),*;)*) => {{
            $($(round_trip::<$family::$name>($random);)*)*
            [$($($family::$name::NUMBER,)*)*]
        }};
    }

    /// Round trips of every message; returns their numbers.
    fn all(random: &mut Random) -> Vec<u8> {
        each!(
            random,
            c: CreateAsset, SetFeeTier, CreateMarket, UpdateMarket, SetMarketStatus, OpenAccount, SetAccountStatus, SetAccountFeeTier, PlaceOrder, AmendOrder, CancelOrder, CancelAll, SetCancelAfter, Tick, CreditDeposit, HoldWithdrawal, SettleWithdrawal, ReleaseWithdrawal, Transfer;
            e: Rejected, AssetCreated, FeeTierSet, MarketCreated, MarketUpdated, MarketStatusChanged, AccountOpened, AccountStatusChanged, AccountFeeTierChanged, OrderAccepted, OrderTriggered, Trade, OrderReduced, OrderAmended, OrderClosed, LevelChanged, DepositCredited, WithdrawalHeld, WithdrawalSettled, WithdrawalReleased, Transferred, CancelAfterSet;
            r: StateRecord, AssetRecord, FeeTierRecord, MarketRecord, AccountRecord, BalanceRecord, OrderRecord, TriggerQueueRecord, ClientIdRecord, MoneyKeyRecord;
            s: Hello, Login, LoggedIn, Heartbeat, Submit, Answer, Executions, Fill, Refused, Resend, Logout;
        )
        .to_vec()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Every message reads back as it was written.
        #[test]
        fn messages_read_back(seed: u64) {
            all(&mut Random(seed));
        }

        /// Bytes of any kind are a frame or an error, never a panic.
        #[test]
        fn any_bytes_are_read_without_a_panic(mut bytes: Vec<u8>, number: u8, offset in 0..40_usize) {
            let _ = read_frame(&bytes, offset.min(bytes.len()));
            let _ = check_command(number, &bytes);
            let size = body_size(number).unwrap_or(0);
            bytes.resize(size, 0);
            let known = (1..64).contains(&number) && body_size(number).is_some();
            prop_assert!(known || check_command(number, &bytes).is_err());
        }
    }

    #[test]
    fn no_message_is_left_out() {
        let mut tried = all(&mut Random(0));
        tried.sort_unstable();
        let known: Vec<u8> = (0..=255)
            .filter(|&number| body_size(number).is_some())
            .collect();
        assert_eq!(tried, known);
    }

    #[test]
    fn texts_are_ascii_without_zero_bytes_inside() {
        use crate::layout::Field;
        let read = |raw: &[u8; 16]| Text::<16>::get(raw).is_ok();
        assert!(
            read(&[0; 16]) && read(b"abcdefghijklmnop") && read(b"a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")
        );
        assert!(
            !read(b"\0bcdefghijklmnop")
                && !read(b"abcdefghi\0klmnop")
                && !read(b"abcdefgh\xffjklmnop")
        );
    }
}
