"""What the replay knows of its own orders: a book kept by the same rules as the exchange's.

Every change returns the actions that make the exchange's book change in the same way, so both stay equal
as long as both keep price-time priority.
"""

from collections.abc import Iterator

import msgspec

from cse.sandbox.replay.steps import (
    SIDES,
    Action,
    Cancel,
    Level,
    Place,
    Reduce,
    Role,
    TapeEntry,
    opposite,
)


class Resting(msgspec.Struct):
    """One of our orders in the book; `tag` is the recording's own id for it, None for seeded quantity."""

    client_order_id: str
    remaining: int
    tag: int | None
    filled: int = 0


class ShadowBook:
    """Both sides of a book, by price and then by time.

    Client order ids are `prefix` and a running number, the same in every run of the same recording.
    """

    def __init__(self, prefix: str) -> None:
        """Begin empty."""
        self._prefix = prefix
        self._count = 0
        self._sides: dict[str, dict[int, list[Resting]]] = {side: {} for side in SIDES}

    def next_id(self) -> str:
        """Return a client order id that was not used before."""
        self._count += 1
        return f"{self._prefix}-{self._count}"

    def total(self, side: str, price: int) -> int:
        """Return the quantity at a price."""
        return sum(order.remaining for order in self._sides[side].get(price, ()))

    def prices(self, side: str) -> list[int]:
        """Return the side's prices, best first."""
        return sorted(self._sides[side], reverse=side == "buy")

    def top(self, side: str, count: int) -> list[Level]:
        """Return the best levels."""
        return [(price, self.total(side, price)) for price in self.prices(side)[:count]]

    def add(self, side: str, price: int, quantity: int, tag: int | None = None) -> Place:
        """A new order at the end of its price's queue."""
        order = Resting(self.next_id(), quantity, tag)
        self._sides[side].setdefault(price, []).append(order)
        return Place(Role.MAKER, order.client_order_id, side, price, quantity)

    def take_out(
        self, side: str, price: int, quantity: int, tag: int | None = None
    ) -> list[Action]:
        """Cancel so much at a price: of the order with this tag, the rest of seeded quantity, then of
        the newest others. Cancels what there is when there is less.
        """
        queue = self._sides[side].get(price, [])
        actions: list[Action] = []
        newest_first = queue[::-1]
        for order in sorted(newest_first, key=lambda order: _rank(order, tag)):
            if not quantity:
                break
            part = min(quantity, order.remaining)
            quantity -= part
            order.remaining -= part
            if order.remaining:
                actions.append(Reduce(order.client_order_id, order.filled + order.remaining))
            else:
                actions.append(Cancel(order.client_order_id))
        self._drop_empty(side, price)
        return actions

    def set_level(self, side: str, price: int, quantity: int) -> list[Action]:
        """Make a price hold exactly this much, by one more order or by cancelling."""
        difference = quantity - self.total(side, price)
        if difference > 0:
            return [self.add(side, price, difference)]
        return self.take_out(side, price, -difference) if difference else []

    def execute(self, taker_side: str, limit: int, quantity: int) -> tuple[Place, list[TapeEntry]]:
        """An immediate-or-cancel order against the book, and the trades it must make."""
        place = Place(Role.TAKER, self.next_id(), taker_side, limit, quantity)
        tape: list[TapeEntry] = []
        for price in list(self._within(taker_side, limit)):
            for order in self._sides[opposite(taker_side)][price]:
                part = min(quantity, order.remaining)
                if not part:
                    break
                quantity -= part
                order.remaining -= part
                order.filled += part
                tape.append(TapeEntry(price, part, taker_side))
            self._drop_empty(opposite(taker_side), price)
        return place, tape

    def _within(self, taker_side: str, limit: int) -> Iterator[int]:
        for price in self.prices(opposite(taker_side)):
            if price > limit if taker_side == "buy" else price < limit:
                return
            yield price

    def _drop_empty(self, side: str, price: int) -> None:
        left = [order for order in self._sides[side].pop(price, []) if order.remaining]
        if left:
            self._sides[side][price] = left


def _rank(order: Resting, tag: int | None) -> int:
    if tag is not None and order.tag == tag:
        return 0
    return 1 if order.tag is None else 2
