"""A noise trader: comes at random, buys or sells at random, mostly small, sometimes large."""

from random import Random
from typing import Final

import msgspec

from cse.sandbox.bots.instrument import Instrument
from cse.sandbox.bots.strategy import Cancel, Intent, MarketView, Place


class Habits(msgspec.Struct, frozen=True):
    """How often, how much, and how."""

    per_second: float = 0.9
    """Decisions in the long run (Poisson)."""
    take_share: float = 0.6
    rest_share: float = 0.25
    """The remaining share cancels the oldest own order."""
    median_quote: int = 60
    spread_of_sizes: float = 1.0
    """Standard deviation of the logarithm of sizes."""
    most_quote: int = 3_000
    most_orders: int = 6
    """Open orders per market."""


_FURTHEST: Final = 0.01
"""How far behind the touch a resting order may be, as a fraction of the price."""


class NoiseTrader:
    """Poisson arrivals, lognormal sizes, both sides alike."""

    def __init__(
        self, rng: Random, instruments: dict[str, Instrument], habits: Habits | None = None
    ) -> None:
        """Trade in `instruments`."""
        self._rng = rng
        self._instruments = instruments
        self._habits = habits or Habits()

    def pause_s(self) -> float:
        """Exponential waits: a Poisson process."""
        return self._rng.expovariate(self._habits.per_second)

    def next_market(self) -> str:
        """Any of them."""
        return self._rng.choice(list(self._instruments))

    def decide(self, market: str, view: MarketView, elapsed_s: float) -> list[Intent]:
        """Take, rest or cancel. Always draws as often, so that what it sees changes no later draw."""
        del elapsed_s
        habits, instrument = self._habits, self._instruments[market]
        dice, side = self._rng.random(), self._rng.choice(("buy", "sell"))
        size = self._rng.lognormvariate(0.0, habits.spread_of_sizes)
        away = self._rng.paretovariate(1.5) - 1
        touch = view.best_ask if side == "buy" else view.best_bid
        own = view.best_bid if side == "buy" else view.best_ask
        if touch is None or own is None:
            return []
        if len(view.orders) >= habits.most_orders:
            return [Cancel(market, view.orders[0].order_id)]
        lots = instrument.lots_worth(min(int(habits.median_quote * size), habits.most_quote), touch)
        if dice < habits.take_share:
            reach = max(1, touch // 200)
            price = touch + reach if side == "buy" else max(touch - reach, 1)
            return [Place(market, side, price, lots, take=True)]
        if dice < habits.take_share + habits.rest_share:
            behind = min(int(away), max(1, int(own * _FURTHEST)))
            price = own - behind if side == "buy" else own + behind
            return [Place(market, side, max(price, 1), lots)]
        return [Cancel(market, view.orders[0].order_id)] if view.orders else []
