"""What all strategies share: what they see, and what they may want."""

from typing import Protocol

import msgspec


class OwnOrder(msgspec.Struct):
    """An open order of the bot."""

    order_id: int
    side: str
    price: int
    filled: int
    remaining: int
    tag: str
    """What the strategy called it when it placed it."""


class MarketView(msgspec.Struct):
    """One market as a bot sees it now. Prices in ticks, quantities in lots; None: nobody there, or unknown."""

    best_bid: int | None = None
    best_ask: int | None = None
    last: int | None = None
    position: int = 0
    """What the bot holds more (or less, negative) than it began with."""
    orders: list[OwnOrder] = []


class Place(msgspec.Struct, frozen=True):
    """A limit order; `take`: immediate or cancel, else it rests and never takes (post-only)."""

    market: str
    side: str
    price: int
    quantity: int
    take: bool = False
    tag: str = ""


class Amend(msgspec.Struct, frozen=True):
    """Another price and total quantity for an open order."""

    market: str
    order_id: int
    price: int
    quantity: int


class Cancel(msgspec.Struct, frozen=True):
    """Away with an open order."""

    market: str
    order_id: int


Intent = Place | Amend | Cancel


class Strategy(Protocol):
    """Decides; never waits, reads no clock, and draws only from its own generator."""

    def pause_s(self) -> float:
        """Return how long to wait until the next decision."""
        ...

    def next_market(self) -> str:
        """Return which market the next decision is about."""
        ...

    def decide(self, market: str, view: MarketView, elapsed_s: float) -> list[Intent]:
        """Return what to do now, `elapsed_s` after the bots began."""
        ...
