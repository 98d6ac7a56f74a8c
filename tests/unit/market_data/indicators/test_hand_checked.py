"""Indicators against numbers that TA-Lib did not make: published examples, and the definitions in plain Python.

A swapped input, a wrong parameter or values that are off by one candle cannot agree with these.

Sources: StockCharts ChartSchool (chartschool.stockcharts.com), pages "Moving Averages - Simple and Exponential"
(10-day example, two decimals) and "Relative Strength Index (RSI)" (QQQQ, 14 days, spreadsheet cs-rsi.xls), the latter
with J. Welles Wilder's smoothing (New Concepts in Technical Trading Systems, 1978); J. Bollinger, Bollinger on
Bollinger Bands (2001): deviations of the population; G. Appel's MACD.
"""

from math import sqrt

import pytest

from tests.unit.market_data.indicators.made import columns, shown, walk

AVERAGED = [
    *(22.27, 22.19, 22.08, 22.17, 22.18, 22.13, 22.23, 22.43, 22.24, 22.29),
    *(22.15, 22.39, 22.38, 22.61, 23.36, 24.05, 23.75, 23.83, 23.95, 23.63),
]
SMA_10 = [22.22, 22.21, 22.23, 22.26, 22.31, 22.42, 22.61, 22.77, 22.91, 23.08, 23.21]
EMA_10 = [22.22, 22.21, 22.24, 22.27, 22.33, 22.52, 22.80, 22.97, 23.13, 23.28, 23.34]
QQQQ = [
    *(44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826),
    *(45.8931, 46.0328, 45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439),
    *(46.2122, 46.2521, 45.7137, 46.4515, 45.7835, 45.3548, 44.0288, 44.1783, 44.2181, 44.5672),
    *(43.4205, 42.6628, 43.1314),
]
RSI_14 = [70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38, 54.71, 50.42, 39.99]
"""The spreadsheet's first thirteen; its last is 37.77."""


@pytest.mark.parametrize(("name", "published"), [("sma", SMA_10), ("ema", EMA_10)])
def test_moving_averages_are_the_published_ones(name: str, published: list[float]) -> None:
    """Nothing for nine candles, then ChartSchool's numbers to their last digit."""
    found = shown(name, columns(close=AVERAGED), period="10")["value"]
    assert found[:9] == [None] * 9
    # Half a unit of the last digit, and what the published closes themselves were rounded by.
    assert found[9:] == pytest.approx(published, abs=0.0101)


def test_rsi_is_the_published_one() -> None:
    """Wilder's smoothing: ChartSchool's spreadsheet to two decimals."""
    found = shown("rsi", columns(close=QQQQ))["value"]
    assert found[:14] == [None] * 14
    assert found[14:27] == pytest.approx(RSI_14, abs=0.0051)
    assert found[-1] == pytest.approx(37.77, abs=0.0051)


def test_bollinger_bands_are_as_counted_by_hand() -> None:
    """Of 2, 4, 4, 4, 5, 5, 7, 9 the mean is 5 and the population's deviation 2; up and down are told apart."""
    candles = columns(close=[2, 4, 4, 4, 5, 5, 7, 9])
    found = shown("bbands", candles, period="8", deviations_up="3", deviations_down="1")
    assert {name: column[-1] for name, column in found.items()} == {
        "upperband": 11.0,
        "middleband": 5.0,
        "lowerband": 3.0,
    }
    assert found["middleband"][:7] == [None] * 7


def test_atr_is_as_counted_by_hand() -> None:
    """True ranges 2, 3 (a gap up), 4 (a gap down), 6: their mean is 3, then (3 * 2 + 6) / 3."""
    candles = columns(
        high=[10, 11, 13, 10, 12],
        low=[8, 9, 11, 8, 6],
        close=[9, 10, 12, 9, 8],
    )
    # True ranges: -, max(2, 2, 0) = 2, max(2, 3, 1) = 3, max(2, 2, 4) = 4, max(6, 3, 3) = 6.
    assert shown("atr", candles, period="3")["value"] == [None, None, None, 3.0, 4.0]
    assert shown("trange", candles)["value"] == [None, 2.0, 3.0, 4.0, 6.0]


def ema(values: list[float], period: int) -> list[float]:
    """An EMA that begins with the mean of its first `period` values."""
    found = [sum(values[:period]) / period]
    for value in values[period:]:
        found.append(found[-1] + (value - found[-1]) * 2 / (period + 1))
    return found


def test_macd_is_as_its_definition_says() -> None:
    """EMA(12) - EMA(26), both begun so that the first of each is of candle 26; the signal is an EMA(9) of it."""
    candles = walk(120)
    closes = candles["close"].tolist()
    fast, slow = ema(closes[26 - 12 :], 12), ema(closes, 26)
    line = [a - b for a, b in zip(fast, slow, strict=True)]
    signal = ema(line, 9)
    found = shown("macd", candles)
    assert found["macd"][:33] == found["macdsignal"][:33] == [None] * 33
    assert found["macd"][33:] == pytest.approx(line[8:], rel=1e-8)
    assert found["macdsignal"][33:] == pytest.approx(signal, rel=1e-8)
    differences = [a - b for a, b in zip(line[8:], signal, strict=True)]
    assert found["macdhist"][33:] == pytest.approx(differences, rel=1e-6)


def test_each_input_is_the_one_that_it_is_called_by() -> None:
    """Functions that name their inputs: of four unlike prices and a volume each takes its own."""
    candles = columns(open=[3, 4], high=[10, 20], low=[1, 2], close=[5, 6], volume=[7, 9])
    assert shown("medprice", candles)["value"] == [5.5, 11.0]
    assert shown("typprice", candles)["value"] == pytest.approx([16 / 3, 28 / 3])
    assert shown("wclprice", candles)["value"] == [5.25, 8.5]
    assert shown("avgprice", candles)["value"] == [4.75, 8.0]
    assert shown("bop", candles)["value"] == pytest.approx([2 / 9, 2 / 18])
    assert shown("obv", candles)["value"] == [7.0, 16.0]
    assert shown("ad", candles)["value"][0] == pytest.approx(((5 - 1) - (10 - 5)) / 9 * 7)
    vwap = (16 / 3 * 7 + 28 / 3 * 9) / 16
    assert shown("vwap", candles)["value"][1] == pytest.approx(vwap)


def test_deviation_of_a_stretch_is_the_populations() -> None:
    """The square root of the mean of squares: variance 2 of 1 to 5."""
    found = shown("stddev", columns(close=[1, 2, 3, 4, 5]), period="5")["value"]
    assert found[-1] == pytest.approx(sqrt(2))
