"""Candles from memory and history, at any moment after a start, with a projector that is late at random: an
answer is what all trades make, or 503; never less.
"""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from cse.gateway.history_gate import HistoryGate
from cse.gateway.market_history import MarketHistory
from cse.gateway.problems import ApiProblem
from cse.market_data import INTERVALS, Candle, CandleSeries, MarketDataHub
from cse.market_data.tape import TapeTrade
from cse.messages import events as e
from cse.messages.commands import Tick
from cse.messages.records import MarketRecord
from cse.messages.wire import MarketStatus
from cse.projections.views import CandleView
from tests.unit.market_data.trades import event_of, random_trades

KEPT = 4
"""Candles that memory keeps here."""

_LISTING = (1, "NOVA-USDC", 2, 1, 4, 1, 1, 1, 1_000, 1, 900_000, 100, 10, MarketStatus.OPEN, 1)


class _LateHistory:
    """History of the trades up to a command."""

    def __init__(self, trades: Sequence[TapeTrade], at: int) -> None:
        self.trades, self.at = trades, at

    async def position(self) -> int:
        return self.at

    async def candles_since(
        self, _market_id: int, interval_ms: int, from_ms: int, to_ms: int, limit: int
    ) -> list[CandleView]:
        return self._inside(interval_ms, from_ms, to_ms)[:limit]

    async def candles_until(
        self, _market_id: int, interval_ms: int, from_ms: int, to_ms: int, limit: int
    ) -> list[CandleView]:
        return self._inside(interval_ms, from_ms, to_ms)[-limit:]

    def _inside(self, interval_ms: int, from_ms: int, to_ms: int) -> list[CandleView]:
        made = [trade for trade in self.trades if trade.sequence <= self.at]
        return [
            CandleView(1, c.open_time_ms, interval_ms, *_values(c))
            for c in _candles(made, interval_ms)
            if from_ms <= c.open_time_ms < to_ms
        ]


def _values(c: Candle) -> tuple[int, ...]:
    return c.open, c.high, c.low, c.close, c.volume, c.quote_volume, c.trades


def _candles(trades: Sequence[TapeTrade], interval_ms: int) -> list[Candle]:
    series = CandleSeries(interval_ms, max_candles=10_000)
    for trade in trades:
        series.add(trade)
    return list(series.latest())


def _apply(hub: MarketDataHub, trade: TapeTrade) -> None:
    hub.apply([e.Applied(trade.sequence, trade.time_ms, Tick(), [event_of(trade)])])


def _started(trades: Sequence[TapeTrade], start: int, now: int, *, seeded: bool) -> MarketDataHub:
    """A hub that began when `start` trades had been made, and has seen those up to `now` since."""
    hub = MarketDataHub()
    hub.load([MarketRecord(*_LISTING, last_price=1 if start else 0, last_trade_id=start)])
    hub.sequence = start
    hub.market(1).trade_sequence = start
    for name in INTERVALS:
        hub.market(1)._series[name] = CandleSeries(INTERVALS[name], KEPT)
    middle = (start + now) // 2
    for trade in trades[start:middle]:
        _apply(hub, trade)
    if seeded:
        hub.seed(1, trades[:start])
    for trade in trades[middle:now]:
        _apply(hub, trade)
    return hub


@pytest.mark.parametrize("seed", range(20))
async def test_every_answer_is_whole(seed: int) -> None:
    """Any start, any lateness, any window: exactly the candles of all trades so far, from both ends."""
    pick = random.Random(seed)
    trades = random_trades(seed, 60, pick.choice([400, 30_000, 4_000_000]))
    answered = late = 0
    for _ in range(60):
        now = pick.randrange(1, 61)
        start = pick.choice([0, pick.randrange(now + 1)])
        hub = _started(trades, start, now, seeded=pick.random() < 0.5)
        history: Any = _LateHistory(trades, now if pick.random() < 0.5 else pick.randrange(now + 1))
        both = MarketHistory(hub, history, HistoryGate(history, wait_ms=0))
        both._start = start
        name = pick.choice(list(INTERVALS))
        whole = _candles(trades[:now], INTERVALS[name])
        first_ms, last_ms = whole[0].open_time_ms, whole[-1].open_time_ms + INTERVALS[name]
        from_ms, to_ms = sorted(pick.randrange(first_ms - 2, last_ms + 2) for _ in range(2))
        limit = pick.choice([1, 3, 100])
        expected = [c for c in whole if from_ms <= c.open_time_ms < to_ms]
        for read, wanted in (
            (both.candles, expected[:limit]),
            (both.latest_candles, expected[-limit:]),
        ):
            try:
                found = await read(1, name, from_ms, to_ms, limit)
            except ApiProblem:
                late += 1
                assert history.at < now, "nothing was missing"
            else:
                assert found == wanted
                answered += 1
    assert answered > 40
    assert late or seed
