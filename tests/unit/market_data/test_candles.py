"""Candles: aligned to UTC, made of exactly the trades of their interval, bounded, whole after a seed."""

from datetime import UTC, datetime

import msgspec
import pytest

from cse.market_data import INTERVALS, Candle, CandleSeries, MarketData, TapeTrade, open_time
from tests.unit.market_data.trades import START_MS, event_of, random_trades, trade


def naive(trades: list[TapeTrade], interval_ms: int) -> list[Candle]:
    """Candles by grouping all trades."""
    groups: dict[int, list[TapeTrade]] = {}
    for made in trades:
        groups.setdefault(open_time(made.time_ms, interval_ms), []).append(made)
    return [
        Candle(
            began,
            group[0].price,
            max(made.price for made in group),
            min(made.price for made in group),
            group[-1].price,
            sum(made.quantity for made in group),
            sum(made.quote_amount for made in group),
            len(group),
        )
        for began, group in groups.items()
    ]


@pytest.mark.parametrize("interval", INTERVALS)
def test_candles_equal_grouping_all_trades(interval: str) -> None:
    """Every interval, over 800 trades with silences."""
    trades = random_trades(4, 800, 200_000)
    series = CandleSeries(INTERVALS[interval])
    for made in trades:
        series.add(made)
    assert list(series.latest()) == naive(trades, INTERVALS[interval])


def test_intervals_begin_where_the_calendar_says() -> None:
    """Hours and days in UTC, weeks on Monday at midnight; a moment on the border opens the next one."""
    moment = int(datetime(2024, 2, 29, 13, 47, 12, 345_000, UTC).timestamp() * 1_000)
    begins = {
        name: datetime.fromtimestamp(open_time(moment, length) / 1_000, UTC)
        for name, length in INTERVALS.items()
    }
    assert begins["1m"] == datetime(2024, 2, 29, 13, 47, tzinfo=UTC)
    assert begins["4h"] == datetime(2024, 2, 29, 12, tzinfo=UTC)
    assert begins["1d"] == datetime(2024, 2, 29, tzinfo=UTC)
    assert begins["1w"] == datetime(2024, 2, 26, tzinfo=UTC)
    assert begins["1w"].strftime("%A") == "Monday"
    for length in INTERVALS.values():
        began = open_time(moment, length)
        assert open_time(began, length) == began
        assert open_time(began - 1, length) == began - length


def test_the_oldest_candles_go() -> None:
    """Memory is bounded: only the latest stay."""
    series = CandleSeries(1_000, max_candles=3)
    for second in range(10):
        series.add(trade(second + 1, START_MS + second * 1_000))
    assert [candle.open_time_ms for candle in series.latest()] == [
        START_MS + second * 1_000 for second in (7, 8, 9)
    ]


def test_reading_a_part() -> None:
    """The latest few, those since a moment, those between two: always oldest first."""
    series = CandleSeries(1_000)
    for second in range(10):
        series.add(trade(second + 1, START_MS + second * 1_000))

    def seconds(candles: object) -> list[int]:
        return [(candle.open_time_ms - START_MS) // 1_000 for candle in candles]  # type: ignore[attr-defined]  # a sequence of candles

    assert seconds(series.latest(2)) == [8, 9]
    assert seconds(series.since(START_MS + 7_500)) == [8, 9]
    assert seconds(series.between(START_MS + 2_000, START_MS + 6_000, 3)) == [3, 4, 5]
    assert len(series) == 10


@pytest.mark.parametrize("interval", ["1s", "3m", "1h", "1d", "1w"])
@pytest.mark.parametrize("cut", [1, 250, 499])
def test_a_seeded_series_equals_one_that_saw_everything(interval: str, cut: int) -> None:
    """Finer candles, then single trades, behind what came live meanwhile: nothing twice, nothing missing."""
    trades = random_trades(11, 500, 40_000)
    length = INTERVALS[interval]
    minute = min(length, INTERVALS["1m"])
    cut_ms = open_time(trades[cut].time_ms, minute)
    series = CandleSeries(length)
    for made in trades[cut:]:
        series.add(made)
    finer = naive([made for made in trades[:cut] if made.time_ms < cut_ms], minute)
    series.seed(finer, [made for made in trades[:cut] if made.time_ms >= cut_ms])
    assert list(series.latest()) == naive(trades, length)
    assert finer == [msgspec.structs.replace(candle) for candle in finer], (
        "what was given is not ours"
    )


@pytest.mark.parametrize("read_every", [1, 7, 10_000])
def test_a_market_reads_the_same_however_often_it_is_read(read_every: int) -> None:
    """Trades gather within their second; reading in its middle neither loses nor doubles one."""
    trades = random_trades(5, 800, 400)
    market = MarketData(1)
    for number, made in enumerate(trades, start=1):
        market.trade(event_of(made), made.sequence, made.time_ms)
        if number % read_every == 0:
            for name, length in INTERVALS.items():
                assert (
                    list(market.candles(name).latest()) == naive(trades[:number], length)[-1_000:]
                )
    assert list(market.candles("1s").latest()) == naive(trades, 1_000)
