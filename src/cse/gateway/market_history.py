"""Trades and candles: the newest from memory, older ones from history, without holes or doubles."""

from collections.abc import Sequence

from cse.gateway.history_gate import HistoryGate
from cse.market_data import INTERVALS, Candle, MarketDataHub
from cse.market_data.candles import MAX_CANDLES
from cse.market_data.tape import TradeLike
from cse.projections.ports import HistoryReader
from cse.projections.views import CandleView


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
        if len(found) == limit or oldest == 1:
            return found
        data = self._hub.market(market_id)
        if oldest is None and not data.seed_to:
            return found  # nothing has traded yet
        await self._gate.reach(data.trade_sequence)
        older = await self._history.trades(
            market_id, before=oldest, after=None, limit=limit - len(found)
        )
        return [*found, *older]

    async def candles(
        self, market_id: int, interval: str, from_ms: int, to_ms: int, limit: int
    ) -> Sequence[Candle]:
        """Return candles that begin in [from, to), oldest first, at most `limit`; errors as `trades`."""
        if to_ms <= from_ms:
            return []
        series = self._hub.candles(market_id, interval)
        recent, dropped = series.latest(), len(series) >= MAX_CANDLES
        begins = recent[0].open_time_ms if recent else to_ms
        candles: dict[int, Candle] = {}
        # The oldest candle in memory may lack what was traded before the start: history has all of it.
        if from_ms <= begins and (dropped or self._hub.market(market_id).seed_to):
            await self._gate.reach(
                self._hub.market(market_id).trade_sequence if dropped else self._start
            )
            older = await self._older(market_id, interval, from_ms, min(to_ms, begins + 1), limit)
            candles = {candle.open_time_ms: candle for candle in older}
        for candle in recent:
            known = candles.get(candle.open_time_ms)
            if known is None or candle.trades >= known.trades:
                candles[candle.open_time_ms] = candle
        inside = [candles[time_ms] for time_ms in sorted(candles) if from_ms <= time_ms < to_ms]
        return inside[:limit]

    async def _older(
        self, market_id: int, interval: str, from_ms: int, to_ms: int, limit: int
    ) -> list[Candle]:
        views = await self._history.candles_since(
            market_id, INTERVALS[interval], from_ms, to_ms, limit
        )
        return [as_candle(view) for view in views if view.open_time_ms >= from_ms]


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
