"""Price levels of one side of a book. Prices in ticks (or steps of so many), quantities in lots."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from sortedcontainers import SortedList

from cse.messages.wire import Side

Level = tuple[int, int]
"""Price and quantity."""


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
