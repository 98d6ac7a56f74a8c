//! Numbers that bound what one command may do; the Python engine has the same ones.

/// The largest amount, price or quantity: what a signed 64-bit integer holds.
pub const MAX_AMOUNT: u64 = i64::MAX as u64;

/// The largest account id: what JavaScript's numbers hold exactly.
pub const MAX_ID: u64 = (1 << 53) - 1;

/// No command is later (in the year 287,396), so that what is added to a time fits its field.
pub const MAX_TIME_MS: u64 = MAX_ID;

/// The venue's own account: every trading fee is credited here. It exists from the first state on.
pub const FEE_ACCOUNT: u64 = 1;

/// Triggered orders that enter within one command; the rest of a cascade goes on with the next Tick.
pub const MAX_TRIGGERS_PER_COMMAND: usize = 256;

/// Orders that one Tick expires; the rest goes with the next.
pub const MAX_EXPIRIES_PER_TICK: usize = 1_000;

/// Client order ids that the engine remembers per account, newest kept.
pub const MAX_CLIENT_IDS_PER_ACCOUNT: usize = 10_000;

/// No fee is above 10 percent.
pub const MAX_FEE_PPM: u32 = 100_000;

/// No price band is wider than 1,000 times the reference.
pub const MAX_BAND_PPM: u32 = 1_000_000_000;

/// Decimals of an asset, at most.
pub const MAX_SCALE: u8 = 9;

/// Decimals of a price, at most.
pub const MAX_PRICE_SCALE: u8 = 12;

/// The dead-man switch waits a day at most.
pub const MAX_CANCEL_AFTER_MS: u32 = 86_400_000;

/// Parts per million.
pub const PPM: u64 = 1_000_000;
