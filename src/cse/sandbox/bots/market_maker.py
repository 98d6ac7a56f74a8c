"""A market maker: several levels on both sides around the fair value, leaning against what it holds."""

from math import ceil, floor
from random import Random

import msgspec

from cse.sandbox.bots.fair_value import FairValue
from cse.sandbox.bots.instrument import Instrument
from cse.sandbox.bots.strategy import Amend, Intent, MarketView, OwnOrder, Place


class Quoting(msgspec.Struct, frozen=True):
    """How a maker quotes; distances are fractions of the price."""

    levels: int = 4
    half_spread: float = 0.0012
    level_step: float = 0.0015
    skew: float = 0.003
    """How far the quotes move away when the position is at `limit_quote`."""
    first_quote: int = 400
    """Worth of the first level, in whole quote; deeper ones are larger."""
    limit_quote: int = 40_000
    pause_s: float = 0.5


class MarketMaker:
    """Renews one market's quotes at a time, in turn; touches only those that are off."""

    def __init__(
        self,
        rng: Random,
        instruments: dict[str, Instrument],
        values: dict[str, FairValue],
        quoting: Quoting | None = None,
    ) -> None:
        """Quote in `instruments`."""
        self._rng = rng
        self._instruments = instruments
        self._values = values
        self._quoting = quoting or Quoting()
        self._turn = 0

    def pause_s(self) -> float:
        """A steady rhythm with a little jitter."""
        return self._quoting.pause_s * self._rng.uniform(0.7, 1.3)

    def next_market(self) -> str:
        """Each market in turn."""
        names = list(self._instruments)
        self._turn += 1
        return names[self._turn % len(names)]

    def decide(self, market: str, view: MarketView, elapsed_s: float) -> list[Intent]:
        """Place what is missing, move what stands wrong."""
        instrument = self._instruments[market]
        fair = self._values[market].at(elapsed_s) * self._rng.uniform(0.9998, 1.0002)
        held = {order.tag: order for order in view.orders}
        intents: list[Intent] = []
        for tag, side, price, lots in self._targets(instrument, fair, view.position):
            if not _may_rest(side, price, view):
                continue
            if (order := held.get(tag)) is None:
                intents.append(Place(market, side, price, lots, tag=tag))
            elif self._is_off(order, price, lots):
                intents.append(Amend(market, order.order_id, price, order.filled + lots))
        return intents

    def _targets(
        self, instrument: Instrument, fair: float, position: int
    ) -> list[tuple[str, str, int, int]]:
        quoting = self._quoting
        limit = instrument.lots_worth(quoting.limit_quote, instrument.listed_at)
        lean = max(-1.0, min(1.0, position / limit))
        middle = fair * (1 - quoting.skew * lean)
        targets = []
        for level in range(quoting.levels):
            away = quoting.half_spread + level * quoting.level_step
            lots = instrument.lots_worth(quoting.first_quote * (1 + level), round(middle))
            bid, ask = floor(middle * (1 - away)) - level, ceil(middle * (1 + away)) + level
            targets.append((f"b{level}", "buy", max(bid, 1), lots))
            targets.append((f"s{level}", "sell", max(ask, 2), lots))
        return targets

    def _is_off(self, order: OwnOrder, price: int, lots: int) -> bool:
        tolerance = max(1, round(price * self._quoting.half_spread / 3))
        return abs(order.price - price) > tolerance or 2 * order.remaining < lots


def _may_rest(side: str, price: int, view: MarketView) -> bool:
    """A post-only order that would take is refused; another maker's quote is in the way for now."""
    if side == "buy":
        return view.best_ask is None or price < view.best_ask
    return view.best_bid is None or price > view.best_bid
