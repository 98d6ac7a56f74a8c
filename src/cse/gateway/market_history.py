"""Trades and candles: the newest from memory, older ones from history, without holes or doubles."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from cse.gateway.history_gate import HistoryGate
from cse.market_data import INTERVALS, Candle, MarketDataHub
from cse.market_data.candles import next_open
from cse.market_data.tape import TradeLike
from cse.projections.ports import HistoryReader
from cse.projections.views import CandleView

_NEVER: Final = 2**62
"""Later than any time (Unix ms)."""


class MarketHistory:
    """One market at a time, memory and history as one."""

    def __init__(self, hub: MarketDataHub, history: HistoryReader, gate: HistoryGate) -> None:
        """Read `hub` first; ask `gate` before what lies behind it is taken from `history`."""
        self._hub = hub
        self._history = history
        self._gate = gate
        self._start = hub.sequence
        """What came before this, memory may not have; what came after it, it had."""

    async def trades(self, market_id: int, before: int | None, limit: int) -> Sequence[TradeLike]:
        """Return trades with ids below `before` (None: the newest), newest first.

        Raises:
            ApiProblem: 503 while history is behind.
            Unavailable: some are not in memory and the database is out of reach.
        """
        recent = self._hub.trades(market_id).latest(None if before else limit)
        found = [trade for trade in recent if before is None or trade.trade_id < before][:limit]
        oldest = found[-1].trade_id if found else before
        last = found or recent
        if len(found) == limit or oldest == 1:
            return found
        data = self._hub.market(market_id)
        if oldest is None and not data.seed_to:
            return found  # nothing has traded yet
        # History must have what is older than the oldest trade here; how far behind the newest it is does not matter.
        await self._gate.reach(last[-1].sequence if last else data.trade_sequence)
        older = await self._history.trades(
            market_id, before=oldest, after=None, limit=limit - len(found)
        )
        return [*found, *older]

    async def candles(
        self, market_id: int, interval: str, from_ms: int, to_ms: int, limit: int
    ) -> list[Candle]:
        """Return the first `limit` candles that open in [from, to), oldest first; errors as `trades`.

        Intervals without a trade have none.
        """
        known = self._in_memory(market_id, interval)
        begin_ms = next_open(from_ms, INTERVALS[interval])
        inside = known.between(begin_ms, to_ms)
        end_ms = min(to_ms, known.from_ms)
        if begin_ms >= end_ms:
            return inside[:limit]
        await self._gate.reach(known.history_to(begin_ms, to_ms))
        step_ms = INTERVALS[interval]
        older = await self._history.candles_since(market_id, step_ms, begin_ms, end_ms, limit)
        return [*map(as_candle, older), *inside][:limit]

    async def latest_candles(
        self, market_id: int, interval: str, from_ms: int, to_ms: int, limit: int
    ) -> list[Candle]:
        """Return the last `limit` of the same candles, oldest first too."""
        known = self._in_memory(market_id, interval)
        begin_ms = next_open(from_ms, INTERVALS[interval])
        inside = known.between(begin_ms, to_ms)[-limit:]
        end_ms, wanted = min(to_ms, known.from_ms), limit - len(inside)
        if not wanted or begin_ms >= end_ms:
            return inside
        await self._gate.reach(known.history_to(begin_ms, to_ms))
        step_ms = INTERVALS[interval]
        older = await self._history.candles_until(market_id, step_ms, begin_ms, end_ms, wanted)
        return [*map(as_candle, older), *inside]

    def _in_memory(self, market_id: int, interval: str) -> "_Known":
        data, series = self._hub.market(market_id), self._hub.candles(market_id, interval)
        recent = list(series.latest())
        if recent:
            recent[-1] = msgspec.structs.replace(recent[-1])  # it still grows
        dropped_to = series.dropped_to
        if not data.seed_to and dropped_to is None:
            return _Known(recent, 0, 0, 0)
        older = max(self._start, dropped_to or 0)
        if data.seeded:
            return _Known(recent, recent[0].open_time_ms if recent else _NEVER, older, 0)
        # What was traded before the start is not there yet: the oldest candle may lack some of it.
        first, rest = recent[:1], recent[1:]
        from_ms = first[0].open_time_ms + 1 if first else _NEVER
        return _Known(rest, from_ms, older, data.trade_sequence)


class _Known(NamedTuple):
    """The candles of one market and interval that memory knows to be whole."""

    candles: list[Candle]
    from_ms: int
    """No candle that opens at this time or later is missing; those before are in history only."""
    older: int
    """History that has come to this command has all candles before these."""
    partial: int
    """Where the oldest candle is not whole: history must have come to this command to have it whole."""

    def between(self, from_ms: int, to_ms: int) -> list[Candle]:
        """Return those that open in [from, to)."""
        begin = bisect_left(self.candles, from_ms, key=_open_time)
        return self.candles[begin : bisect_left(self.candles, to_ms, key=_open_time)]

    def history_to(self, from_ms: int, to_ms: int) -> int:
        """Return the command that history must have come to for what it is asked in [from, to)."""
        needs_oldest = from_ms < self.from_ms <= to_ms
        return max(self.older, self.partial if needs_oldest else 0)


def _open_time(candle: Candle) -> int:
    return candle.open_time_ms


def as_candle(view: CandleView) -> Candle:
    """Return a candle of the history in the shape of those in memory."""
    return Candle(
        view.open_time_ms,
        view.open,
        view.high,
        view.low,
        view.close,
        view.volume,
        view.quote_volume,
        view.trades,
    )
