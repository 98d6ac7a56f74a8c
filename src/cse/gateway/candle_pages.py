"""Pages of candles: towards now or into the past, with the intervals between trades filled or left out.

A page of filled candles is a range of at most `limit` intervals, so it costs the same however far back it
lies and however seldom the market trades. Nothing is filled before a market's first trade, nor after now.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from cse.gateway.market_history import MarketHistory
from cse.market_data import INTERVALS, Candle
from cse.market_data.candles import next_open


class CandlePage(NamedTuple):
    """Candles, oldest first, and where the next page goes on."""

    candles: list[Candle]
    next_ms: int | None
    """Open time that the next page begins at (or, into the past, ends before); None: there is none."""


class CandlePages:
    """Reads pages from memory and history as one; errors are MarketHistory's."""

    def __init__(self, history: MarketHistory) -> None:
        """Take what reads candles."""
        self._history: Final = history

    async def forward(
        self, market_id: int, interval: str, from_ms: int, to_ms: int, limit: int, *, fill: bool
    ) -> CandlePage:
        """Return the first `limit` candles that open in [from, to)."""
        read, step_ms = self._history.candles, INTERVALS[interval]
        if not fill:
            found = await read(market_id, interval, from_ms, to_ms, limit + 1)
            more = found[limit].open_time_ms if len(found) > limit else None
            return CandlePage(found[:limit], more)
        begin_ms = next_open(from_ms, step_ms)
        if begin_ms >= to_ms:
            return CandlePage([], None)
        before = await self._history.latest_candles(market_id, interval, 0, begin_ms, 1)
        if not before:  # the first trade of all may lie years after `from`
            first = await read(market_id, interval, begin_ms, to_ms, 1)
            if not first:
                return CandlePage([], None)
            begin_ms = first[0].open_time_ms
        end_ms = begin_ms + limit * step_ms
        found = await read(market_id, interval, begin_ms, min(end_ms, to_ms), limit)
        filled = list(fill_between(found, before, begin_ms, min(end_ms, to_ms), step_ms))
        return CandlePage(filled, end_ms if end_ms < to_ms else None)

    async def backward(
        self, market_id: int, interval: str, to_ms: int, limit: int, *, fill: bool
    ) -> CandlePage:
        """Return the last `limit` candles that open before `to`."""
        read, step_ms = self._history.latest_candles, INTERVALS[interval]
        if not fill:
            found = await read(market_id, interval, 0, to_ms, limit + 1)
            page = found[-limit:]
            return CandlePage(page, page[0].open_time_ms if len(found) > limit else None)
        end_ms = next_open(to_ms, step_ms)
        begin_ms = max(end_ms - limit * step_ms, next_open(0, step_ms))
        found = await read(market_id, interval, begin_ms, end_ms, limit)
        before = await read(market_id, interval, 0, begin_ms, 1)
        if not before:
            if not found:
                return CandlePage([], None)
            begin_ms = found[0].open_time_ms
        filled = list(fill_between(found, before, begin_ms, end_ms, step_ms))
        return CandlePage(filled, begin_ms if before else None)


def fill_between(
    found: Iterable[Candle], before: Iterable[Candle], from_ms: int, to_ms: int, step_ms: int
) -> Iterator[Candle]:
    """Yield a candle for each interval that opens in [from, to), `from` being such an open time.

    An interval without a trade has the close before it as its prices, volume zero and no trades.

    Args:
        found: what traded in these intervals, oldest first.
        before: the last candle before them; empty: the first of `found` opens at `from`.
        from_ms: Unix ms.
        to_ms: Unix ms.
        step_ms: the interval's length.
    """
    close = next((candle.close for candle in before), 0)
    open_ms = from_ms
    for candle in found:
        for empty_ms in range(open_ms, candle.open_time_ms, step_ms):
            yield Candle(empty_ms, close, close, close, close, 0, 0, 0)
        yield candle
        close, open_ms = candle.close, candle.open_time_ms + step_ms
    for empty_ms in range(open_ms, to_ms, step_ms):
        yield Candle(empty_ms, close, close, close, close, 0, 0, 0)
