"""One market's order book by price level, as everybody may see it. Prices in ticks, quantities in lots."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

import msgspec
from sortedcontainers import SortedList

from cse.messages import events as e
from cse.messages import records as r
from cse.messages.wire import Side

Level = tuple[int, int]
"""Price and quantity."""


class DepthSnapshot(msgspec.Struct, frozen=True, gc=False):
    """The best levels of a book at one moment, best first."""

    sequence: int
    """The last command that changed the book (after a start: the last command before it)."""
    time_ms: int
    bids: list[Level]
    asks: list[Level]


class BookSide:
    """The levels of one side: O(log n) to come and go, O(1) to change, in order without sorting."""

    def __init__(self, side: Side) -> None:
        """Begin empty."""
        self._sign: Final = -1 if side is Side.BUY else 1
        self._quantities: Final[dict[int, int]] = {}
        self._order: Final[SortedList[int]] = SortedList()
        """Prices, those of bids negative: the best one first either way."""

    def __len__(self) -> int:
        return len(self._order)

    def set(self, price: int, quantity: int) -> None:
        """Set what a level holds; 0 takes it away."""
        if quantity:
            if price not in self._quantities:
                self._order.add(self._sign * price)
            self._quantities[price] = quantity
        elif self._quantities.pop(price, None) is not None:
            self._order.remove(self._sign * price)

    def quantity(self, price: int) -> int:
        """Return what stands at a price; 0 when nothing does."""
        return self._quantities.get(price, 0)

    def levels(self, limit: int | None = None) -> Iterator[Level]:
        """Yield levels, best first, at most `limit` of them."""
        for signed in islice(self._order, limit):
            price = self._sign * signed
            yield price, self._quantities[price]

    def best(self) -> Level | None:
        """Return the best level, None when the side is empty."""
        if not self._order:
            return None
        price = self._sign * self._order[0]
        return price, self._quantities[price]


class DepthBook:
    """Both sides of a market, kept current by the level totals that events carry."""

    def __init__(self) -> None:
        """Begin empty."""
        self.sequence = 0
        self.time_ms = 0
        self.bids: Final = BookSide(Side.BUY)
        self.asks: Final = BookSide(Side.SELL)

    def side(self, side: Side) -> BookSide:
        """Return the side on which orders of this kind rest."""
        return self.bids if side is Side.BUY else self.asks

    def load(self, record: r.OrderRecord) -> None:
        """Add one resting order of a snapshot to its level."""
        side = self.side(record.side)
        remaining = record.quantity - record.filled_quantity
        side.set(record.price, side.quantity(record.price) + remaining)

    def apply(self, event: e.LevelChanged, sequence: int, time_ms: int) -> None:
        """Set one level to what the event says."""
        self.sequence, self.time_ms = sequence, time_ms
        self.side(event.side).set(event.price, event.quantity)

    def snapshot(self, limit: int | None = None) -> DepthSnapshot:
        """Return the best `limit` levels of each side (None: all)."""
        bids, asks = list(self.bids.levels(limit)), list(self.asks.levels(limit))
        return DepthSnapshot(self.sequence, self.time_ms, bids, asks)
