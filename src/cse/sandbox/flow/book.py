"""The generator's own book: order by order, prices x 10,000, sizes in shares. Integers only."""

from random import Random
from typing import Final

import msgspec

from cse.sandbox.replay.steps import SIDES, Level

TICK: Final = 100
"""One cent, in LOBSTER's prices x 10,000."""


class FlowOrder(msgspec.Struct):
    """An order in the book."""

    order_id: int
    size: int


class FlowBook:
    """Queues by side and price."""

    def __init__(self) -> None:
        """Begin empty."""
        self.sides: dict[str, dict[int, list[FlowOrder]]] = {side: {} for side in SIDES}
        self.orders = 0

    def prices(self, side: str) -> list[int]:
        """Return a side's prices, best first."""
        return sorted(self.sides[side], reverse=side == "buy")

    def best(self, side: str) -> int:
        """Return a side's best price; the generator never lets a side run empty."""
        return max(self.sides[side]) if side == "buy" else min(self.sides[side])

    def top(self, side: str, depth: int) -> list[Level]:
        """Return the best levels with their sizes."""
        queues = self.sides[side]
        prices = self.prices(side)[:depth]
        return [(price, sum(order.size for order in queues[price])) for price in prices]

    def add(self, side: str, price: int, order: FlowOrder) -> None:
        """Put an order at the end of its price's queue."""
        self.sides[side].setdefault(price, []).append(order)
        self.orders += 1

    def take(self, side: str, price: int, order: FlowOrder, size: int) -> None:
        """Take shares off an order, by cancelling or trading; it goes when nothing is left."""
        order.size -= size
        if not order.size:
            queue = self.sides[side][price]
            queue.remove(order)
            self.orders -= 1
            if not queue:
                del self.sides[side][price]


def power_law(rng: Random, exponent: float, most: int) -> int:
    """Return a whole number from 0 to `most`: P(X >= x) falls about as (x + 1)^-exponent."""
    return min(int((1.0 - rng.random()) ** (-1 / exponent)) - 1, most)
