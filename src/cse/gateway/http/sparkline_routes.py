"""/api/sparklines: the last closes of all markets in one call, for lists that draw a line beside each name."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Final, NamedTuple

from cse.gateway.concerns import served
from cse.gateway.deps import GatewayDeps
from cse.gateway.feeds.caching import cached
from cse.gateway.http.operations import Call, Operation
from cse.gateway.http.portfolio_schemas import Sparkline, Sparklines, SparklinesQuery
from cse.gateway.http.tags import NOT_MODIFIED
from cse.gateway.order_entry import Answer
from cse.gateway.order_requests import market_of
from cse.gateway.present import encode
from cse.gateway.problems import invalid
from cse.market_data import INTERVALS
from cse.market_data.candles import open_time
from cse.messages.catalog import Market
from cse.portfolio.ports import Close

MAX_MARKETS: Final = 1_000
MAX_AGE_S: Final = 5
"""How long an answer is used again, by us and by others."""
KEPT: Final = 8
"""How many kinds of answers (interval and points) are kept."""


class _Kind(NamedTuple):
    interval: str
    points: int


class _Made(NamedTuple):
    until_ms: int
    time_ms: int
    by_market: Mapping[int, Sparkline]


class SparklineCalls:
    """Closes over HTTP: those who ask within seconds of each other share one reading of the database."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Read closes from history, and the last price from memory."""
        self._deps = deps
        self._made: OrderedDict[_Kind, _Made] = OrderedDict()
        self._making = asyncio.Lock()

    async def sparklines(self, call: Call) -> Answer:
        """Return the last closes of all markets, or of those that are named; at most 1,000, by symbol."""
        wanted: SparklinesQuery = call.query(SparklinesQuery)
        markets = self._named(wanted.markets)
        made = await self._fresh(_Kind(wanted.interval, wanted.points))
        found = [
            made.by_market[each.market_id] for each in markets if each.market_id in made.by_market
        ]
        told = Sparklines(wanted.interval, wanted.points, made.time_ms, found)
        return cached(call, encode(told), MAX_AGE_S)

    def _named(self, names: str | None) -> list[Market]:
        catalog = self._deps.catalog
        if names is None:
            found: Iterable[Market] = catalog.markets.values()
        else:
            symbols = set(names.split(","))
            if len(symbols) > MAX_MARKETS:
                raise invalid({"markets": f"names more than {MAX_MARKETS} markets"})
            found = [market_of(catalog, symbol) for symbol in symbols]
        return sorted(found, key=lambda market: market.symbol)[:MAX_MARKETS]

    async def _fresh(self, kind: _Kind) -> _Made:
        async with self._making:
            now_ms = self._deps.clock.now_ms()
            made = self._made.get(kind)
            if made is None or now_ms >= made.until_ms:
                made = self._made[kind] = await self._make(kind, now_ms)
                self._made.move_to_end(kind)
                if len(self._made) > KEPT:
                    self._made.popitem(last=False)
            return made

    async def _make(self, kind: _Kind, now_ms: int) -> _Made:
        reader, step_ms = served(self._deps.concerns.portfolio), INTERVALS[kind.interval]
        last_ms = open_time(now_ms, step_ms)
        from_ms = last_ms - (kind.points - 1) * step_ms
        markets = dict(self._deps.catalog.markets)
        closes = await reader.closes(list(markets), step_ms, from_ms, last_ms + step_ms)
        by_market = {
            market_id: list(found) for market_id, found in groupby(closes, lambda c: c.market_id)
        }
        lines = {}
        for market_id, market in markets.items():
            ticks = filled(by_market.get(market_id, []), from_ms, step_ms, kind.points)
            live = self._deps.market_data.ticker(market_id).view(now_ms).last
            if live is not None:
                ticks[-1] = live
            printed = [None if each is None else each * market.tick_size for each in ticks]
            lines[market_id] = Sparkline(market.symbol, market.price_scale, printed)
        return _Made(now_ms + MAX_AGE_S * 1_000, last_ms, lines)


def filled(closes: Iterable[Close], from_ms: int, step_ms: int, points: int) -> list[int | None]:
    """Return a close for each step from `from_ms` on: its own, or the one before it; None before the first of all.

    Args:
        closes: of one market, rising by time; the first may be of before `from_ms`.
        from_ms: when the first step begins, Unix ms.
        step_ms: a step's length.
        points: how many steps.
    """
    line: list[int | None] = [None] * points
    for close in closes:
        begin = max(0, (close.open_time_ms - from_ms) // step_ms)
        line[begin:] = [close.close] * (points - begin)
    return line


def sparkline_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the call about sparklines."""
    return [
        Operation(
            "GET",
            "/api/sparklines",
            SparklineCalls(deps).sparklines,
            "Last closes of all markets",
            "Market data",
            Sparklines,
            query=SparklinesQuery,
            statuses=(404,),
            also=NOT_MODIFIED,
        )
    ]
