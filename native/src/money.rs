//! Exact arithmetic on amounts. Products of three 64-bit factors can be larger than 128 bits: such a product is
//! `u128::MAX` here, which is above every limit that it is compared with.

use crate::limits::PPM;

/// Amounts below this times a million, and a million more, fit 64 bits.
const FEW: u64 = 1 << 44;

/// What makes a division by a million round up: cheaper here than asking whether there is a rest.
const JUST_NOT_ONE: u64 = PPM - 1;

/// Returns `price x quantity x unit`, saturated.
#[inline(always)]
pub fn notional(price: u64, quantity: u64, unit: u64) -> u128 {
    let lots = u128::from(price) * u128::from(quantity);
    match u64::try_from(lots) {
        Ok(small) => u128::from(small) * u128::from(unit),
        Err(_) => lots.saturating_mul(u128::from(unit)),
    }
}

/// Returns a number that is known to be at most `u64::MAX`.
///
/// # Panics
///
/// When it is larger: a mistake of the caller.
#[inline(always)]
pub fn narrow(value: u128) -> u64 {
    u64::try_from(value).expect("checked to be an amount before")
}

/// Returns `ppm` parts per million of an amount, rounded up to a whole unit (fees); `ppm` is at most a million.
#[inline(always)]
pub fn ceil_ppm(amount: u64, ppm: u32) -> u64 {
    let ppm = u64::from(ppm);
    if amount < FEW {
        return (amount * ppm + JUST_NOT_ONE) / PPM;
    }
    let (millions, rest) = (amount / PPM, amount % PPM);
    millions * ppm + (rest * ppm).div_ceil(PPM)
}

/// Returns the lowest and highest price of a band around a price, in ticks.
///
/// An upper edge beyond 64 bits is `u64::MAX`: every price is below either, every hold at either is too large.
pub fn band_around(price: u64, band_ppm: u32) -> (u64, u64) {
    let width = u128::from(price) * u128::from(band_ppm) / u128::from(PPM);
    let width = u64::try_from(width.max(1)).unwrap_or(u64::MAX);
    (
        price.saturating_sub(width).max(1),
        price.saturating_add(width),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_beyond_128_bits_saturate() {
        assert_eq!(notional(u64::MAX, u64::MAX, u64::MAX), u128::MAX);
        assert_eq!(notional(u64::MAX, 1, 1), u128::from(u64::MAX));
        assert_eq!(notional(3, 5, 7), 105);
    }

    #[test]
    fn fees_round_up_without_overflow() {
        assert_eq!(ceil_ppm(1, 1), 1);
        assert_eq!(ceil_ppm(1_000_000, 1), 1);
        assert_eq!(ceil_ppm(1_000_001, 1), 2);
        assert_eq!(ceil_ppm(1, 0), 0);
        for amount in [FEW - 1, FEW, FEW + 1, i64::MAX as u64] {
            for ppm in [0, 1, 100_000] {
                let exact = (u128::from(amount) * u128::from(ppm)).div_ceil(1_000_000);
                assert_eq!(u128::from(ceil_ppm(amount, ppm)), exact);
            }
        }
    }

    #[test]
    fn bands_have_a_width_and_stay_above_zero() {
        assert_eq!(band_around(1, 1), (1, 2));
        assert_eq!(band_around(1_000, 300_000), (700, 1_300));
        assert_eq!(band_around(u64::MAX, 1_000_000_000), (1, u64::MAX));
    }
}
