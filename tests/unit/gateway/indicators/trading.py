"""A market with candles, and the service that computes from them."""

import random
from typing import Any

from cse.core.clock import Clock
from cse.gateway.indicators.reading import Candles
from cse.gateway.indicators.service import IndicatorService, Window
from cse.gateway.indicators.workers import Workers
from cse.gateway.market_history import MarketHistory
from cse.market_data import INTERVALS, Candle, open_time
from cse.market_data.indicators import parse_one
from cse.market_data.indicators.told import Values
from cse.projections.views import CandleView
from tests.unit.gateway.world import START_MS, World

MINUTE = INTERVALS["1m"]
BEGIN = open_time(START_MS, INTERVALS["1d"])
"""Midnight."""


class Counting(Workers):
    """Says what was computed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.jobs: list[str] = []

    async def run(self, job: Any, *args: Any, **kwargs: Any) -> Any:
        self.jobs.append(job.__name__)
        return await super().run(job, *args, **kwargs)

    @property
    def computed(self) -> int:
        """How often values were computed."""
        return self.jobs.count("compute")


class Trading:
    """Minutes that lie in history; the newest of them in memory, too."""

    def __init__(
        self,
        minutes: int,
        *,
        idle: float = 0.1,
        in_memory: int = 100,
        clock: Clock | None = None,
        **service: Any,
    ) -> None:
        self.world = World()
        self.chance = random.Random(5)
        self.price = 12_500
        self.candles = [self.bar(n) for n in range(minutes) if not n or self.chance.random() > idle]
        hub = self.world.hub
        data = hub.market(1)
        data.seed_to = 1  # type: ignore[misc]  # as a market's record says after a restart
        data.seeded = True
        data.candles("1m").extend(self.candles[-in_memory:])
        self.world.history.candle_rows = [stored(each) for each in self.candles]
        self.world.history.candle_rows.append(stored(self.candles[0], INTERVALS["1s"]))
        self.at(minutes)
        self.workers = Counting()
        self.history = MarketHistory(hub, self.world.history, self.world.deps.gate)
        self.service = IndicatorService(
            hub, clock or self.world.clock, Candles(self.history), self.workers, **service
        )
        self.market = self.world.catalog.markets[1]

    def at(self, minute: int) -> None:
        """Let it be so late, for everybody."""
        self.world.clock.time_ms = self.world.hub.time_ms = BEGIN + minute * MINUTE

    def bar(self, minute: int) -> Candle:
        """A made-up minute."""
        opened, self.price = self.price, max(100, self.price + self.chance.randint(-90, 90))
        high, low = max(opened, self.price) + 5, min(opened, self.price) - 5
        volume = self.chance.randint(1, 9_000)
        return Candle(BEGIN + minute * MINUTE, opened, high, low, self.price, volume, volume, 1)

    def trade(self, candle: Candle) -> None:
        """Add a candle to memory and history, as if it had been traded."""
        data = self.world.hub.market(1)
        data.candles("1m").extend([candle])
        data.trade_sequence += 1

    async def values(self, name: str, begin: int, end: int) -> Values:
        """An indicator's values for the minutes [begin, end)."""
        window = Window(BEGIN + begin * MINUTE, BEGIN + end * MINUTE)
        return await self.service.values(self.market, "1m", parse_one(name), window)


def stored(candle: Candle, interval_ms: int = MINUTE) -> CandleView:
    """A candle as history has it."""
    return CandleView(
        1,
        candle.open_time_ms,
        interval_ms,
        candle.open,
        candle.high,
        candle.low,
        candle.close,
        candle.volume,
        candle.quote_volume,
        candle.trades,
    )
