"""Ticks and lots become the numbers that their printed decimals stand for, to the last bit."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cse.market_data import Candle
from cse.market_data.indicators.series import COLUMNS, joined, series_of
from tools.write_indicator_vectors import MARKET

units = st.integers(1, 2**40)


@given(
    st.lists(st.tuples(units, units, units, units, units), min_size=1, max_size=5),
    st.integers(1, 1_000),
    st.integers(1, 1_000),
    st.integers(0, 8),
)
def test_numbers_are_what_the_strings_of_candles_say(
    bars: list[tuple[int, int, int, int, int]], tick: int, lot: int, price_scale: int
) -> None:
    """Whatever tick and lot size: the float of the text that `GET /api/candles` prints."""
    market = msgspec.structs.replace(
        MARKET, tick_size=tick, lot_size=lot * 10_000, price_scale=price_scale
    )
    candles = [Candle(n * 60_000, *bar, 0, 1) for n, bar in enumerate(bars)]
    series = series_of(candles, market)
    for name in COLUMNS[:4]:
        printed = [float(market.format_price(getattr(each, name))) for each in candles]
        assert series.columns[name].tolist() == printed
    volumes = [float(market.format_quantity(each.volume)) for each in candles]
    assert series.columns["volume"].tolist() == volumes


def test_parts_join_and_cut() -> None:
    """Two series are one, a cut is [from, to), nothing joined is nothing."""
    candles = [Candle(n * 60_000, n, n, n, n, n, 0, 1) for n in range(1, 7)]
    whole = joined([series_of(candles[:2], MARKET), series_of(candles[2:], MARKET)])
    assert whole.times.tolist() == [each.open_time_ms for each in candles]
    cut = whole.between(120_000, 240_000)
    assert cut.times.tolist() == [120_000, 180_000]
    assert cut.columns["close"].tolist() == [0.0002, 0.0003]
    assert len(joined([])) == 0
