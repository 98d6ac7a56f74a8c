"""Decimal strings and integers: exact both ways, and everything that is no plain amount is refused."""

from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.core.errors import InvalidAmount
from cse.core.money import MAX_AMOUNT, ceil_ppm, format_units, parse_multiple, parse_units


@given(st.integers(0, MAX_AMOUNT), st.integers(0, 12))
def test_what_is_printed_is_read_back(units: int, scale: int) -> None:
    """Every amount at every scale survives printing and parsing, and means what decimal arithmetic says."""
    text = format_units(units, scale)
    assert parse_units(text, scale) == units
    assert Decimal(text) == Decimal(units).scaleb(-scale)
    assert len(text.partition(".")[2]) == scale


BLANKS_AND_SIGNS = ["", " ", "1 ", " 1", "1\n", "1\0", "+1", "-1", "-0", "1_000", "1,5"]
OTHER_NOTATIONS = ["1e3", "1E3", "NaN", "Infinity", "0x10", "\u0661", "\u00bd"]
MISPLACED = [".5", "5.", "1.2.3", "00", "01", "0." + "0" * 19 + "1"]
TOO_LARGE = ["10" * 20, "9223372036854775808"]


@pytest.mark.parametrize("text", [*BLANKS_AND_SIGNS, *OTHER_NOTATIONS, *MISPLACED, *TOO_LARGE])
def test_what_is_no_plain_amount_is_refused(text: str) -> None:
    """Signs, exponents, blanks, foreign digits, leading zeros and too large numbers are refused."""
    with pytest.raises(InvalidAmount):
        parse_units(text, 0)


@pytest.mark.parametrize(("text", "scale"), [("0.1", 0), ("1.23", 1), ("0.0000001", 6), ("1.0", 0)])
def test_too_many_decimals_are_refused(text: str, scale: int) -> None:
    """A number with more decimals than the scale is refused, even if they are zeros: never rounded."""
    with pytest.raises(InvalidAmount, match="decimals"):
        parse_units(text, scale)


def test_multiples() -> None:
    """A price becomes ticks, a quantity lots, if it is a whole multiple of the step."""
    assert parse_multiple("1.25", 2, 5) == 25
    with pytest.raises(InvalidAmount, match=r"multiple of 0\.05"):
        parse_multiple("1.26", 2, 5)


def test_negative_amounts_print_their_sign() -> None:
    """Ledger entries can be negative: the sign stands in front of the whole number, also below one."""
    assert [format_units(n, 2) for n in (-1, -100, -12345)] == ["-0.01", "-1.00", "-123.45"]


@given(st.integers(0, MAX_AMOUNT), st.integers(0, 10**6))
def test_fees_round_up(amount: int, ppm: int) -> None:
    """A fee is the exact share rounded up to a whole unit."""
    assert ceil_ppm(amount, ppm) == ceil(Fraction(amount * ppm, 10**6))
