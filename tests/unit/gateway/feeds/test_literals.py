"""Numbers of the feeds are exact: the digits as they are, percentages from integers with stated rounding."""

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.gateway.feeds.literals import number, percent


@pytest.mark.parametrize("text", ["0", "1.2400", "-0.0001", "922337203685.4775807"])
def test_a_number_keeps_its_digits(text: str) -> None:
    """Written into JSON as it is: nothing is cut, nothing goes through a float."""
    assert msgspec.json.encode([number(text)]).decode() == f"[{text}]"


@pytest.mark.parametrize(
    ("change", "base", "told"),
    [
        (0, 7, "0.00"),
        (-500, 12_500, "-4.00"),
        (1, 20_000, "0.01"),
        (-1, 20_000, "-0.01"),
        (1, 20_001, "0.00"),
        (-1, 30_000, "0.00"),
        (2, 3, "66.67"),
        (10**18, 1, f"{10**20}.00"),
    ],
)
def test_percentages_round_halves_away_from_zero(change: int, base: int, told: str) -> None:
    """Two decimals; no minus before a zero."""
    assert percent(change, base) == told


@given(st.integers(-(2**63), 2**63), st.integers(1, 2**63))
def test_percentages_are_the_nearest(change: int, base: int) -> None:
    """Never further than half a hundredth from the exact value, whatever the numbers."""
    exact = Fraction(change * 100, base)
    assert abs(Fraction(percent(change, base)) - exact) <= Fraction(1, 200)
