"""Bars for `history`: every interval from a market's first trade until now, empty ones filled.

The session is 24x7, so a chart expects a bar in each interval; what REST tells with `fill=true` is told here.
"""

from typing import Final

from cse.gateway.candle_pages import CandlePages
from cse.gateway.feeds.literals import number
from cse.gateway.problems import invalid
from cse.gateway.udf.schemas import Bars, HistoryQuery
from cse.market_data import INTERVALS, Candle
from cse.messages.catalog import Market

MAX_BARS: Final = 2_000
"""Of one answer; the newest ones count. A chart that gets fewer than it asked for asks on by itself."""

RESOLUTIONS: Final = {
    "1S": "1s",
    "1": "1m",
    "3": "3m",
    "5": "5m",
    "15": "15m",
    "30": "30m",
    "60": "1h",
    "120": "2h",
    "240": "4h",
    "360": "6h",
    "720": "12h",
    "1D": "1d",
    "1W": "1w",
}
"""Our intervals by the name that is offered."""
_ALSO: Final = {"S": "1S", "D": "1D", "W": "1W"}


def interval_of(resolution: str) -> str:
    """Return our interval; `D`, `W` and `S` mean one of them.

    Raises:
        ApiProblem: 400, there is no such resolution.
    """
    interval = RESOLUTIONS.get(_ALSO.get(resolution, resolution))
    if interval is None:
        raise invalid({"resolution": f"must be one of {', '.join(RESOLUTIONS)}"})
    return interval


class BarHistory:
    """Answers `history`."""

    def __init__(self, pages: CandlePages) -> None:
        """Read candles from `pages`."""
        self._pages: Final = pages

    async def bars(self, market: Market, wanted: HistoryQuery, now_ms: int) -> Bars:
        """Return the bars, or where the next earlier one is; errors as MarketHistory's.

        Raises:
            ApiProblem: 400, no such resolution, or neither `from` nor `countback`.
        """
        interval = interval_of(wanted.resolution)
        from_ms, limit = _extent(wanted, INTERVALS[interval])
        to_ms = min(wanted.to * 1_000, now_ms + 1)
        found = await self._before(market, interval, to_ms, limit)
        inside = [candle for candle in found if candle.open_time_ms >= from_ms]
        if inside:
            return _table(inside, market)
        earlier = await self._before(market, interval, min(from_ms, to_ms), 1)
        if not earlier:
            return Bars("no_data")
        return Bars("no_data", nextTime=earlier[-1].open_time_ms // 1_000)

    async def first(self, market: Market, interval: str, now_ms: int) -> Candle | None:
        """Return the bar of a market's first trade; None: nothing has traded."""
        page = await self._pages.forward(market.market_id, interval, 0, now_ms + 1, 1, fill=False)
        return page.candles[0] if page.candles else None

    async def _before(self, market: Market, interval: str, to_ms: int, limit: int) -> list[Candle]:
        if to_ms <= 0:
            return []
        page = await self._pages.backward(market.market_id, interval, to_ms, limit, fill=True)
        return page.candles


def _extent(wanted: HistoryQuery, step_ms: int) -> tuple[int, int]:
    """Return the earliest open time (Unix ms) and the most bars that count."""
    if wanted.countback is not None:
        return 0, min(wanted.countback, MAX_BARS)
    if wanted.from_ is None:
        raise invalid({"from": "is required unless countback is given"})
    intervals = (wanted.to - wanted.from_) * 1_000 // step_ms + 1
    return max(wanted.from_ * 1_000, 0), min(max(intervals, 1), MAX_BARS)


def _table(candles: list[Candle], market: Market) -> Bars:
    price, quantity = market.format_price, market.format_quantity
    return Bars(
        "ok",
        t=[candle.open_time_ms // 1_000 for candle in candles],
        o=[number(price(candle.open)) for candle in candles],
        h=[number(price(candle.high)) for candle in candles],
        l=[number(price(candle.low)) for candle in candles],
        c=[number(price(candle.close)) for candle in candles],
        v=[number(quantity(candle.volume)) for candle in candles],
    )
