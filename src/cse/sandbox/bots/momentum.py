"""A momentum trader: buys what has been rising, sells what has been falling, within a limit."""

from random import Random
from typing import Final

import msgspec

from cse.sandbox.bots.instrument import Instrument
from cse.sandbox.bots.strategy import Intent, MarketView, Place


class Temper(msgspec.Struct, frozen=True):
    """How it follows; rates are weights of the newest price in the two averages."""

    pause_s: float = 1.5
    fast: float = 0.3
    slow: float = 0.05
    threshold: float = 0.0008
    """How far the fast average must leave the slow one, as a fraction."""
    clip_quote: int = 150
    limit_quote: int = 3_000
    eagerness: float = 0.5
    """How often it acts on a signal."""


_REACH: Final = 200
"""It pays up to 1/200 over the touch."""


class MomentumTrader:
    """Two moving averages of the last price per market; their distance is the signal."""

    def __init__(
        self, rng: Random, instruments: dict[str, Instrument], temper: Temper | None = None
    ) -> None:
        """Trade in `instruments`."""
        self._rng = rng
        self._instruments = instruments
        self._temper = temper or Temper()
        self._averages: dict[str, tuple[float, float]] = {}

    def pause_s(self) -> float:
        """A rhythm with jitter."""
        return self._temper.pause_s * self._rng.uniform(0.5, 1.5)

    def next_market(self) -> str:
        """Any of them."""
        return self._rng.choice(list(self._instruments))

    def decide(self, market: str, view: MarketView, elapsed_s: float) -> list[Intent]:
        """Follow the signal while the position allows; always draws as often."""
        del elapsed_s
        eager = self._rng.random() < self._temper.eagerness
        if view.last is None or view.best_bid is None or view.best_ask is None:
            return []
        signal = self._signal(market, view.last)
        if not eager or abs(signal) < self._temper.threshold:
            return []
        instrument, temper = self._instruments[market], self._temper
        side = "buy" if signal > 0 else "sell"
        limit = instrument.lots_worth(temper.limit_quote, view.last)
        if (view.position if side == "buy" else -view.position) >= limit:
            return []
        touch = view.best_ask if side == "buy" else view.best_bid
        reach = max(1, touch // _REACH)
        price = touch + reach if side == "buy" else max(touch - reach, 1)
        return [
            Place(market, side, price, instrument.lots_worth(temper.clip_quote, touch), take=True)
        ]

    def _signal(self, market: str, last: int) -> float:
        fast, slow = self._averages.get(market, (float(last), float(last)))
        fast += self._temper.fast * (last - fast)
        slow += self._temper.slow * (last - slow)
        self._averages[market] = (fast, slow)
        return (fast - slow) / slow
