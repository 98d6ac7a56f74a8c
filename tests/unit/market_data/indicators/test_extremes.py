"""Whatever the candles are, every indicator gives as many values as there are candles, and never an infinity."""

from math import isfinite

import numpy as np
import pytest

from cse.market_data.indicators import catalogue, choose
from cse.market_data.indicators.told import DIGITS, rounded, told
from tests.unit.market_data.indicators.made import Columns, columns, values, walk

ALL = tuple(choose(name, {}) for name in catalogue())
SHORTEST = tuple(
    choose(
        name,
        {
            parameter.name: f"{parameter.minimum:g}"
            for parameter in function.parameters
            if parameter.minimum is not None
        },
    )
    for name, function in catalogue().items()
)
HUGE = 9e18
"""More than the largest price or quantity of the engine (2^63), in units of its smallest decimal."""


def series() -> dict[str, Columns]:
    """Candles that break what is not careful."""
    ordinary, length = walk(300), 300
    still = {**ordinary, "volume": np.zeros(length)}
    flat = columns(close=[1.25] * length, volume=[0.0] * length)
    huge = {name: column * 1e16 for name, column in ordinary.items()}
    jump = np.where(np.arange(length) % 7 == 0, HUGE, 1e-18)
    zero = columns(close=[0.0] * length)
    return {
        "ordinary": ordinary,
        "without volume": still,
        "flat": flat,
        "huge": huge,
        "jumping": dict.fromkeys(ordinary, jump),
        "nothing": zero,
    }


@pytest.mark.parametrize("kind", series())
@pytest.mark.parametrize("parameters", ["defaults", "minima"])
def test_every_indicator_takes_every_series(kind: str, parameters: str) -> None:
    """Short and long pieces of a series: no crash, as many values as candles, NaN is null, nothing is infinite."""
    candles = series()[kind]
    for length in (0, 1, 2, 3, 10, 300):
        piece = {name: column[:length] for name, column in candles.items()}
        for chosen in ALL if parameters == "defaults" else SHORTEST:
            found = [told(column.tolist()) for column in values(chosen, piece)]
            lengths = [len(column) for column in found]
            assert lengths == [length] * len(chosen.function.outputs), chosen.name
            shown = [value for column in found for value in column if value is not None]
            assert all(map(isfinite, shown)), chosen.name


def test_ordinary_candles_have_values_after_the_lookback() -> None:
    """With defaults on a random walk there are values from the lookback on, and none before."""
    candles = walk(300)
    for chosen in ALL:
        for column in values(chosen, candles):
            known = chosen.function.lookback
            assert np.isnan(column[:known]).all(), chosen.name
            assert not np.isnan(column[known:]).any(), chosen.name


def test_values_have_ten_digits_and_no_minus_zero() -> None:
    """Rounding keeps significant digits, whatever the size."""
    assert DIGITS == 10
    assert [rounded(value) for value in (1 / 3, 123456789012.3, 1e-20 / 3)] == [
        0.3333333333,
        123456789000.0,
        3.333333333e-21,
    ]
    assert str(rounded(-0.0)) == "0.0"
    assert told([float("nan"), 2.5]) == [None, 2.5]
