"""An exchange with a past: a clock that tests move, and trades made at given times."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from cse.messages import commands as c
from cse.messages.events import Rejected
from cse.messages.wire import OrderType, SelfTradePrevention, Side, TimeInForce
from tests.integration import http_exchange
from tests.integration.http_exchange import HttpExchange

MONDAY_MS = 1_699_833_600_000
"""2023-11-13 00:00 UTC."""
MINUTE_MS, DAY_MS, WEEK_MS = 60_000, 86_400_000, 7 * 86_400_000
ACCOUNT = 900_000


class MovedClock:
    """The exchange's clock; stands where a test put it."""

    time_ms = MONDAY_MS

    def now_ms(self) -> int:
        return type(self).time_ms


class Past(NamedTuple):
    """An exchange whose trades lie in the past."""

    exchange: HttpExchange

    async def trade(
        self, time_ms: int, ticks: int, lots: int = 100, *, taker: Side = Side.BUY
    ) -> None:
        """One trade of market 1 at this time: a maker's order, and a taker's that fills it."""
        MovedClock.time_ms = time_ms
        maker = Side.SELL if taker is Side.BUY else Side.BUY
        await self.rest(maker, ticks, lots)
        await self.rest(taker, ticks, lots)

    async def rest(self, side: Side, ticks: int, lots: int = 100, market_id: int = 1) -> None:
        """A limit order."""
        applied = await self.exchange.queue.submit(
            c.PlaceOrder(
                account_id=ACCOUNT,
                market_id=market_id,
                side=side,
                type=OrderType.LIMIT,
                time_in_force=TimeInForce.GTC,
                stp=SelfTradePrevention.NONE,
                post_only=False,
                price=ticks,
                trigger_price=0,
                quantity=lots,
                quote_quantity=0,
                expires_at=0,
                client_order_id="",
            )
        )
        assert not any(isinstance(event, Rejected) for event in applied.events), applied


@asynccontextmanager
async def past_exchange(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Past]:
    """A running exchange at MONDAY_MS with one rich account and no trades."""
    monkeypatch.setattr(http_exchange, "SystemClock", MovedClock)
    MovedClock.time_ms = MONDAY_MS
    async with http_exchange.http_exchange(folder) as running:
        await running.queue.submit(c.OpenAccount(ACCOUNT, 0))
        for asset_id in (1, 2):
            key = asset_id.to_bytes(16)
            await running.queue.submit(c.CreditDeposit(ACCOUNT, asset_id, 10**15, key))
        yield Past(running)
