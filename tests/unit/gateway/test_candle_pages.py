"""Pages of candles: filled or not, towards now or into the past, against a list of all intervals; bounded work."""

import random
from typing import Any

import pytest

from cse.gateway.candle_pages import CandlePages
from cse.gateway.market_history import MarketHistory
from cse.market_data import INTERVALS, Candle
from tests.unit.gateway.world import World

STEP = INTERVALS["1m"]
BEGIN = 1_700_000_040_000 // STEP * STEP


class _Counted(MarketHistory):
    """Counts the candles that are read."""

    read = 0

    async def candles(self, *arguments: Any) -> list[Candle]:
        found = await super().candles(*arguments)
        self.read += len(found)
        return found

    async def latest_candles(self, *arguments: Any) -> list[Candle]:
        found = await super().latest_candles(*arguments)
        self.read += len(found)
        return found


def market(minutes: list[int]) -> tuple[_Counted, CandlePages]:
    """A market that traded once in each of these minutes since BEGIN; all of it in memory."""
    world = World()
    world.hub.candles(1, "1m").extend(
        Candle(BEGIN + n * STEP, n, n + 2, n - 1, n + 1, 3, 4, 5) for n in minutes
    )
    history = _Counted(world.hub, world.history, world.deps.gate)
    return history, CandlePages(history)


def every(minutes: list[int], last: int) -> list[Candle]:
    """What all intervals from the first trade to the minute `last` look like."""
    found: list[Candle] = []
    for n in range(min(minutes, default=last + 1), last + 1):
        if n in minutes:
            found.append(Candle(BEGIN + n * STEP, n, n + 2, n - 1, n + 1, 3, 4, 5))
        else:
            close = found[-1].close
            found.append(Candle(BEGIN + n * STEP, close, close, close, close, 0, 0, 0))
    return found


async def walk(
    pages: CandlePages, from_ms: int | None, to_ms: int, limit: int, *, fill: bool
) -> list[Candle]:
    """All pages one after the other, in the order of time."""
    found: list[Candle] = []
    while True:
        if from_ms is None:
            page = await pages.backward(1, "1m", to_ms, limit, fill=fill)
            found = [*page.candles, *found]
            to_ms = page.next_ms or 0
        else:
            page = await pages.forward(1, "1m", from_ms, to_ms, limit, fill=fill)
            found += page.candles
            from_ms = page.next_ms or 0
        assert len(page.candles) <= limit
        assert page.candles or page.next_ms is None
        if page.next_ms is None:
            return found


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("fill", [True, False])
async def test_pages_of_any_size_make_the_whole_list(seed: int, fill: bool) -> None:
    """From anywhere to anywhere: every interval once, none before the first trade, none at or after `to`."""
    pick = random.Random(seed)
    minutes = sorted(pick.sample(range(60), pick.choice([0, 1, 5, 30])))
    _, pages = market(minutes)
    for _ in range(30):
        from_ms = BEGIN + pick.randrange(-3 * STEP, 64 * STEP)
        to_ms = BEGIN + pick.randrange(-3 * STEP, 70 * STEP)
        limit = pick.choice([1, 2, 7, 100])
        whole = every(minutes, 80)
        if not fill:
            whole = [candle for candle in whole if candle.trades]
        until = [candle for candle in whole if candle.open_time_ms < to_ms]
        expected = [candle for candle in until if candle.open_time_ms >= from_ms]
        assert await walk(pages, from_ms, to_ms, limit, fill=fill) == expected
        assert await walk(pages, None, to_ms, limit, fill=fill) == until


async def test_a_thin_market_costs_no_more_than_its_page() -> None:
    """It traded once a year ago and once today: a page reads a handful of candles and makes its own, no more."""
    year = 365 * 24 * 60
    history, pages = market([0, year])
    now_ms = BEGIN + (year + 10) * STEP
    for back in (0, 1, year // 2, year - 5):
        history.read = 0
        page = await pages.backward(1, "1m", now_ms - back * STEP, 500, fill=True)
        assert page.candles
        assert history.read <= 3
        forward = await pages.forward(1, "1m", page.candles[0].open_time_ms, now_ms, 500, fill=True)
        assert forward.candles[: len(page.candles)] == page.candles
    history.read = 0
    first = await pages.forward(1, "1m", 0, now_ms, 500, fill=True)
    assert first.candles[0].open_time_ms == BEGIN
    assert len(first.candles) == 500
    assert history.read <= 3
