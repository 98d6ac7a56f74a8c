"""The order book of one market: price levels best first, orders first in first out.

Best level in O(1). Adding and removing an order is O(1) at an existing level; a new or emptied level costs
a sorted list's O(log n) search plus a move within a block of bounded size (sortedcontainers).
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
from sortedcontainers import SortedList

from cse.messages.wire import Side

if TYPE_CHECKING:
    from cse.engine.model import Order


class Level(msgspec.Struct, eq=False):
    """All orders resting at one price."""

    price: int
    key: int
    """The price, negated on the bid side: the smaller key is the better price on either side."""
    total: int
    """Lots."""
    orders: "OrderedDict[int, Order]"


class BookSide:
    """One side of a book. `sign` is +1 for asks and -1 for bids."""

    __slots__ = ("_keys", "best", "levels", "side", "sign")

    def __init__(self, side: Side) -> None:
        """Begin empty."""
        self.side = side
        self.sign = 1 if side == Side.SELL else -1
        self.levels: dict[int, Level] = {}
        self.best: Level | None = None
        self._keys: SortedList[int] = SortedList()

    def add(self, order: "Order") -> Level:
        """Rest an order behind all others of its price."""
        price = order.price
        level = self.levels.get(price)
        if level is None:
            key = price * self.sign
            level = self.levels[price] = Level(price, key, 0, OrderedDict())
            self._keys.add(key)
            if self.best is None or key < self.best.key:
                self.best = level
        level.orders[order.order_id] = order
        level.total += order.remaining
        order.level = level
        return level

    def remove(self, order: "Order") -> Level:
        """Take a resting order out of the book."""
        level = order.level
        assert level is not None
        order.level = None
        del level.orders[order.order_id]
        level.total -= order.remaining
        if not level.orders:
            self._drop(level)
        return level

    def _drop(self, level: Level) -> None:
        del self.levels[level.price]
        keys = self._keys
        keys.remove(level.key)
        if self.best is level:
            self.best = self.levels[keys[0] * self.sign] if keys else None

    def best_first(self) -> Iterator[Level]:
        """Yield the levels from the best price on. The side must not change meanwhile."""
        for key in self._keys:
            yield self.levels[key * self.sign]


class OrderBook:
    """Both sides of one market."""

    __slots__ = ("asks", "bids")

    def __init__(self) -> None:
        """Begin empty."""
        self.bids = BookSide(Side.BUY)
        self.asks = BookSide(Side.SELL)

    def own(self, side: Side) -> BookSide:
        """Return the side that an order of `side` rests on."""
        return self.bids if side == Side.BUY else self.asks

    def opposite(self, side: Side) -> BookSide:
        """Return the side that an order of `side` trades with."""
        return self.asks if side == Side.BUY else self.bids
