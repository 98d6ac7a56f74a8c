"""Recorded numbers become the market's decimals exactly, or the replay says why not."""

import pytest

from cse.sandbox.replay.scales import Decimals
from cse.sandbox.replay.steps import ReplayError


@pytest.mark.parametrize(
    ("recorded", "market", "units", "text"),
    [
        (4, 2, 5_853_300, "585.33"),
        (0, 2, 18, "18.00"),
        (8, 4, 200_000, "0.0020"),
        (2, 2, 5, "0.05"),
    ],
)
def test_units_and_decimals_match_both_ways(
    recorded: int, market: int, units: int, text: str
) -> None:
    """Finer, coarser and equal markets."""
    decimals = Decimals("price", recorded, market)
    assert decimals.to_text(units) == text
    assert decimals.to_units(text) == units


def test_what_is_finer_than_the_market_is_refused() -> None:
    """Nothing is ever rounded."""
    with pytest.raises(ReplayError, match=r"price 585\.3350 is finer than the market's 2 decimals"):
        Decimals("price", 4, 2).to_text(5_853_350)
