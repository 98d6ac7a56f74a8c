"""What was traded before a start is back in tape, ticker and candles: as if there had been no restart.

A hub that saw every trade is compared with one that was started later and seeded from history.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from cse.adapters.clock import SystemClock
from cse.core.errors import Unavailable
from cse.gateway.ws.options import WsOptions
from cse.market_data import INTERVALS, MarketDataHub
from cse.market_data.candles import CandleSeries, open_time
from cse.messages import events as e
from cse.messages.commands import Tick
from cse.messages.records import MarketRecord
from cse.messages.wire import MarketStatus, Side
from cse.projections.views import CandleView, TradeView
from cse.wiring import market_seed
from cse.wiring.market_seed import seed_market_data
from cse.wiring.views import Views

_DAY = 86_400_000
_NOW = 20_000 * _DAY + 7 * 3_600_000 + 34 * 60_000 + 12_345


def _market(last_price: int = 0, last_trade_id: int = 0) -> MarketRecord:
    return MarketRecord(
        market_id=1,
        symbol="NOVA-USDC",
        base_asset_id=2,
        quote_asset_id=1,
        price_scale=4,
        tick_size=1,
        lot_size=1,
        min_quantity=1,
        max_quantity=1_000,
        min_notional=1,
        band_ppm=900_000,
        reference_price=100,
        max_open_orders=10,
        status=MarketStatus.OPEN,
        unit_notional=1,
        last_price=last_price,
        last_trade_id=last_trade_id,
    )


def _trade(trade_id: int) -> TradeView:
    """One trade every 61 minutes, then every 700 ms: weeks, days and seconds all have something."""
    slow, fast = min(trade_id, 1_500), max(trade_id - 1_500, 0)
    price = 100 + trade_id * 7 % 31
    time_ms = _NOW - (1_500 - slow) * 3_660_000 - 1_100 * 700 + fast * 700
    return TradeView(
        1, trade_id, price, 1 + trade_id % 5, price, Side(1 + trade_id % 2), time_ms, trade_id
    )


_TRADES = [_trade(number) for number in range(1, 2_601)]


def _applied(trade: TradeView) -> e.Applied:
    event = e.Trade(
        market_id=1,
        trade_id=trade.trade_id,
        price=trade.price,
        quantity=trade.quantity,
        base_amount=trade.quantity,
        quote_amount=trade.quote_amount,
        taker_side=trade.taker_side,
        maker_order_id=1,
        taker_order_id=2,
        maker_account_id=1_000,
        taker_account_id=1_001,
        maker_fee=0,
        taker_fee=0,
        buyer_released=0,
    )
    return e.Applied(trade.sequence, trade.time_ms, Tick(), [event])


class _History:
    """History of these trades, which is behind, and once out of reach, before it is complete."""

    def __init__(self, trades: Sequence[TradeView]) -> None:
        self._trades = trades
        self._positions: list[int | None] = [0, None]

    async def position(self) -> int:
        position = self._positions.pop(0) if self._positions else self._trades[-1].sequence
        if position is None:
            raise Unavailable("away")
        return position

    async def trades(
        self, market_id: int, *, before: int, after: None, limit: int
    ) -> list[TradeView]:
        return [trade for trade in reversed(self._trades) if trade.trade_id < before][:limit]

    async def trades_since(self, market_id: int, time_ms: int, limit: int) -> list[TradeView]:
        return [trade for trade in self._trades if trade.time_ms >= time_ms][:limit]

    async def candles_since(
        self, market_id: int, interval_ms: int, from_ms: int, to_ms: int, limit: int
    ) -> list[CandleView]:
        series = CandleSeries(interval_ms, max_candles=100_000)
        for trade in self._trades:
            if open_time(from_ms, interval_ms) <= trade.time_ms < to_ms:
                series.add(trade)
        return [
            CandleView(
                1,
                c.open_time_ms,
                interval_ms,
                c.open,
                c.high,
                c.low,
                c.close,
                c.volume,
                c.quote_volume,
                c.trades,
            )
            for c in series.latest()
        ][:limit]


def _tape(hub: MarketDataHub) -> list[tuple[int, ...]]:
    return [
        (
            trade.trade_id,
            trade.price,
            trade.quantity,
            trade.taker_side,
            trade.time_ms,
            trade.sequence,
        )
        for trade in hub.trades(1).latest()
    ]


def _views(hub: MarketDataHub) -> Views:
    views = Views(SystemClock(), WsOptions())
    views.market_data = hub
    return views


async def test_a_restart_is_not_seen_in_market_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ticker and tape are the same, and so is every candle that both hold; later trades go on from there."""
    monkeypatch.setattr(market_seed, "_RETRY_S", 0)
    always, restarted = MarketDataHub(), MarketDataHub()
    always.load([_market()])
    always.apply([_applied(trade) for trade in _TRADES])
    seen = _TRADES[:2_590]
    restarted.load([_market(seen[-1].price, seen[-1].trade_id)])
    restarted.sequence = seen[-1].sequence
    restarted.apply([_applied(trade) for trade in _TRADES[2_590:2_595]])
    history: Any = _History(_TRADES[:2_597])  # it may know some of what came after the start
    await seed_market_data(_views(restarted), history)
    restarted.apply([_applied(trade) for trade in _TRADES[2_595:]])
    assert _tape(restarted) == _tape(always)
    assert restarted.ticker(1).view(_NOW) == always.ticker(1).view(_NOW)
    for name in INTERVALS:
        before, after = always.candles(1, name).latest(), restarted.candles(1, name).latest()
        assert len(after) >= 2, name
        assert after[-len(before) :] == before[-len(after) :], name


async def test_a_market_that_never_traded_needs_no_history() -> None:
    """Nothing is asked, and it returns at once."""
    hub = MarketDataHub()
    hub.load([_market()])
    nobody: Any = None
    await seed_market_data(_views(hub), nobody)
