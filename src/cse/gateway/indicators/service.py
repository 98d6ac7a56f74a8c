"""Values of indicators: which candles they need, what is known already, and who computes the rest."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, NamedTuple

from cse.core.clock import Clock
from cse.gateway.indicators.chunks import Chunks
from cse.gateway.indicators.reading import Candles
from cse.gateway.indicators.workers import Workers
from cse.market_data import INTERVALS, MarketDataHub, open_time
from cse.market_data.candles import next_open
from cse.market_data.indicators import Block, Chosen, blocks_of, late
from cse.market_data.indicators.told import Values, joined, nothing
from cse.messages.catalog import Market

MAX_CACHED_VALUES: Final = 500_000
"""Numbers of all cached blocks together, some 32 bytes each: 16 MB."""
MAX_REACHES: Final = 10_000
"""Indicators with parameters whose need of candles is remembered."""


class Window(NamedTuple):
    """Candles that open in [begin, end), both on the interval's grid and not before the market's first."""

    begin_ms: int
    end_ms: int


class _Asked(NamedTuple):
    """What is computed once for all who ask for it at the same time."""

    market_id: int
    interval: str
    name: str
    window: Window
    state: int
    """The last command that traded here."""


class _Known(NamedTuple):
    state: tuple[int, int] | None
    """(last command that traded, end of the candles); None: the block is closed and changes no more."""
    values: Values


class IndicatorService:
    """Indicators of all markets. Values of closed blocks are kept; equal questions at one time are one."""

    def __init__(
        self,
        hub: MarketDataHub,
        clock: Clock,
        candles: Candles,
        workers: Workers | None = None,
        max_cached_values: int = MAX_CACHED_VALUES,
    ) -> None:
        """Begin with nothing known."""
        self._hub: Final = hub
        self._clock: Final = clock
        self._candles: Final = candles
        self._workers: Final = workers or Workers()
        self._chunks: Final = Chunks(candles, self._workers)
        self._max_cached_values: Final = max_cached_values
        self._cached_values = 0
        self._known: Final[OrderedDict[tuple[int, str, str, int], _Known]] = OrderedDict()
        self._asked: Final[dict[_Asked, asyncio.Task[Values]]] = {}
        self._reaches: Final[dict[tuple[str, str], int]] = {}

    async def window(
        self, market_id: int, interval: str, from_ms: int, to_ms: int, limit: int
    ) -> Window:
        """Return the first `limit` candles that open in [from, to) and have begun.

        Raises:
            ApiProblem, Unavailable: 503, history is out of reach.
        """
        step_ms = INTERVALS[interval]
        end_ms = min(next_open(to_ms, step_ms), self._now_end(step_ms))
        first_ms = await self._candles.first(market_id)
        if first_ms is None:
            return Window(0, 0)
        begin_ms = max(next_open(from_ms, step_ms), open_time(first_ms, step_ms))
        return Window(begin_ms, max(begin_ms, min(end_ms, begin_ms + limit * step_ms)))

    async def values(self, market: Market, interval: str, chosen: Chosen, window: Window) -> Values:
        """Return an indicator's values for a window.

        Raises:
            Unusable: its parameters need more candles than a value may cost.
            ApiProblem, Unavailable: 503, history is out of reach, or too much is being computed.
        """
        if window.begin_ms >= window.end_ms:
            return nothing(len(chosen.function.outputs), INTERVALS[interval])
        state = self._hub.market(market.market_id).trade_sequence
        asked = _Asked(market.market_id, interval, chosen.name, window, state)
        task = self._asked.get(asked)
        if task is None:
            task = asyncio.ensure_future(self._values(market, interval, chosen, window))
            self._asked[asked] = task
            task.add_done_callback(lambda done: self._answered(asked, done))
        return await asyncio.shield(task)  # others may wait for it when this one has gone

    async def latest(self, market: Market, interval: str, chosen: Chosen, window: Window) -> Values:
        """Return the values of the newest candles, as `values`, without keeping any."""
        if window.begin_ms >= window.end_ms:
            return nothing(len(chosen.function.outputs), INTERVALS[interval])
        blocks = blocks_of(chosen.function, interval, window.begin_ms, window.end_ms)
        found = await self._compute(market, interval, chosen, blocks, window)
        return joined(found).between(*window)

    def _answered(self, asked: _Asked, task: asyncio.Task[Values]) -> None:
        del self._asked[asked]
        if not task.cancelled():
            task.exception()  # whoever waits raises it; nobody may wait any more

    async def _values(
        self, market: Market, interval: str, chosen: Chosen, window: Window
    ) -> Values:
        step_ms = INTERVALS[interval]
        blocks = blocks_of(chosen.function, interval, window.begin_ms, window.end_ms)
        data = self._hub.market(market.market_id)
        state = (data.trade_sequence, self._now_end(step_ms))
        closed_ms = self._closed_to(step_ms)
        names = [(market.market_id, interval, chosen.name, block.begin_ms) for block in blocks]
        known = {name: self._still_good(name, state) for name in names}
        wanted = [block for block, name in zip(blocks, names, strict=True) if known[name] is None]
        if wanted:
            whole = Window(wanted[0].begin_ms, min(wanted[-1].end_ms, state[1]))
            computed = await self._compute(market, interval, chosen, wanted, whole)
            for block, values in zip(wanted, computed, strict=True):
                name = (market.market_id, interval, chosen.name, block.begin_ms)
                known[name] = values
                self._keep(name, _Known(None if block.end_ms <= closed_ms else state, values))
        return joined([part for part in known.values() if part is not None]).between(*window)

    async def _compute(
        self,
        market: Market,
        interval: str,
        chosen: Chosen,
        blocks: Sequence[Block],
        window: Window,
    ) -> list[Values]:
        """Return the values of each block's candles in a window."""
        closed_ms = self._closed_to(INTERVALS[interval])
        reach_ms = await self._reach(chosen, interval)
        first_ms = await self._candles.first(market.market_id) or 0
        begin_ms = max(blocks[0].begin_ms - reach_ms, open_time(first_ms, INTERVALS[interval]))
        needed = (begin_ms, window.end_ms)
        series = await self._chunks.series(market, interval, needed, closed_ms)
        return await self._workers.run(
            late.compute, chosen, series, interval, blocks, window.begin_ms
        )

    async def _reach(self, chosen: Chosen, interval: str) -> int:
        key = (chosen.name, interval)
        known = self._reaches.get(key)
        if known is None:
            known = await self._workers.run(late.reach_ms, chosen, interval)
            if len(self._reaches) >= MAX_REACHES:
                self._reaches.clear()
            self._reaches[key] = known
        return known

    def now_ms(self) -> int:
        """Return the present; the engine's clock may be a moment ahead of this process's."""
        return max(self._clock.now_ms(), self._hub.time_ms)

    def _now_end(self, step_ms: int) -> int:
        """Return when the current candle ends."""
        return open_time(self.now_ms(), step_ms) + step_ms

    def _closed_to(self, step_ms: int) -> int:
        """Return when the first candle opens that may still change: the engine's time has not passed its end."""
        return open_time(self._hub.time_ms, step_ms)

    # --- what is known

    def _still_good(self, name: tuple[int, str, str, int], state: tuple[int, int]) -> Values | None:
        known = self._known.get(name)
        if known is None or known.state not in {None, state}:
            return None
        self._known.move_to_end(name)
        return known.values

    def _keep(self, name: tuple[int, str, str, int], known: _Known) -> None:
        before = self._known.pop(name, None)
        self._cached_values += _size(known) - (_size(before) if before else 0)
        self._known[name] = known
        while self._cached_values > self._max_cached_values:
            _, oldest = self._known.popitem(last=False)
            self._cached_values -= _size(oldest)


def _size(known: _Known) -> int:
    return 1 + len(known.values.times) * len(known.values.columns)
