"""Seeded order flow: the same seed gives the same messages.

What it imitates, with where the pattern is known from: clustered arrivals (arrivals.py); limit prices near
the touch with a power-law tail (Bouchaud, Mezard, Potters 2002); as many cancellations as additions
but for what trades; executions of a few percent, some of them sweeps; hidden orders.
"""

from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Final

import msgspec

from cse.sandbox.flow.arrivals import Clustering, arrivals
from cse.sandbox.flow.book import TICK, FlowBook, FlowOrder, power_law
from cse.sandbox.replay.lobster import Message, MessageType
from cse.sandbox.replay.steps import BookSides, opposite

OPENING_NS: Final = 34_200 * 1_000_000_000
"""09:30, as in LOBSTER's files."""


class FlowSettings(msgspec.Struct, frozen=True):
    """What kind of market to imitate."""

    clustering: Clustering = Clustering()
    middle: int = 5_850_000
    """Price x 10,000 around which the book opens."""
    depth: int = 10
    """Levels in sight: messages behind them are left out, as LOBSTER does."""
    opening_levels: int = 20
    usual_orders: int = 130
    """Additions outnumber cancellations below this many orders in the book, and the reverse above."""
    placement_exponent: float = 0.6
    executed_share: float = 0.06
    hidden_share: float = 0.05
    partial_share: float = 0.1
    """Of cancellations: how many only reduce."""


class FlowGenerator:
    """One stream of messages with the book after each of them."""

    def __init__(self, seed: int, settings: FlowSettings | None = None) -> None:
        """Open a book; everything that follows comes from `seed`."""
        self._settings = settings or FlowSettings()
        self._rng = Random(seed)
        self._book = FlowBook()
        self._next_id = 1
        self._open()

    def messages(self, count: int) -> Iterator[tuple[Message, BookSides]]:
        """Yield `count` messages, each with the levels in sight after it."""
        return islice(self._all_messages(), count)

    def _all_messages(self) -> Iterator[tuple[Message, BookSides]]:
        depth = self._settings.depth
        seen = self._levels(depth)
        for time_ns in arrivals(self._rng, self._settings.clustering):
            for message in self._happening(OPENING_NS + time_ns):
                before, seen = seen, self._levels(depth)
                in_sight = _covers(before, message, depth) or _covers(seen, message, depth)
                if in_sight or message.type is MessageType.EXECUTED_HIDDEN:
                    yield message, seen

    def _levels(self, depth: int) -> BookSides:
        return BookSides(self._book.top("buy", depth), self._book.top("sell", depth))

    def _open(self) -> None:
        """Lay out both sides: a few orders per price, thicker away from the middle."""
        for side, sign in (("buy", -1), ("sell", 1)):
            price = self._settings.middle
            for _ in range(self._settings.opening_levels):
                price += sign * TICK * (1 + power_law(self._rng, 2.0, 20))
                for _ in range(1 + power_law(self._rng, 1.5, 10)):
                    self._book.add(side, price, self._order())

    def _order(self) -> FlowOrder:
        """A new order: mostly one or a few round lots, sometimes an odd one."""
        size = self._rng.randrange(1, 100)
        if self._rng.random() < 0.8:
            size = 100 * (1 + power_law(self._rng, 1.5, 49))
        self._next_id += 1
        return FlowOrder(self._next_id, size)

    def _happening(self, time_ns: int) -> Iterator[Message]:
        """Let one thing happen; a sweep of several orders is several messages of one time."""
        side = self._rng.choice(("buy", "sell"))
        dice = self._rng.random()
        settings = self._settings
        if len(self._book.sides[side]) < settings.opening_levels // 2:
            yield self._add(time_ns, side)
        elif dice < settings.hidden_share:
            yield self._execute_hidden(time_ns, side)
        elif dice < settings.hidden_share + settings.executed_share:
            yield from self._execute(time_ns, side)
        elif self._rng.random() * 2 * settings.usual_orders < self._book.orders:
            yield self._cancel(time_ns, side)
        else:
            yield self._add(time_ns, side)

    def _add(self, time_ns: int, side: str) -> Message:
        sign = 1 if side == "buy" else -1
        best, other = self._book.best(side), self._book.best(opposite(side))
        room = abs(other - best) // TICK - 1
        if room > 0 and self._rng.random() < 0.3:
            price = best + sign * TICK * (1 + power_law(self._rng, 1.0, room - 1))
        else:
            away = power_law(self._rng, self._settings.placement_exponent, 500)
            price = best - sign * TICK * away
        order = self._order()
        self._book.add(side, max(price, TICK), order)
        price = max(price, TICK)
        return Message(time_ns, MessageType.NEW, order.order_id, order.size, price, side)

    def _cancel(self, time_ns: int, side: str) -> Message:
        queues = self._book.sides[side]
        near = self._book.prices(side)[: self._settings.depth + 2]
        price = self._rng.choices(near, [len(queues[price]) for price in near])[0]
        order = self._rng.choice(queues[price])
        size, kind = order.size, MessageType.DELETED
        if size > 1 and self._rng.random() < self._settings.partial_share:
            size, kind = self._rng.randrange(1, size), MessageType.REDUCED
        self._book.take(side, price, order, size)
        return Message(time_ns, kind, order.order_id, size, price, side)

    def _execute(self, time_ns: int, side: str) -> Iterator[Message]:
        """Somebody takes from `side`: whole orders from the front, and perhaps part of the last one."""
        for left in range(power_law(self._rng, 1.5, 4), -1, -1):
            if len(self._book.sides[side]) <= self._settings.opening_levels // 4:
                return  # a market where one side runs empty is another story
            price = self._book.best(side)
            order = self._book.sides[side][price][0]
            size = order.size
            if not left and size > 1 and self._rng.random() < 0.5:
                size = self._rng.randrange(1, size)
            self._book.take(side, price, order, size)
            yield Message(time_ns, MessageType.EXECUTED, order.order_id, size, price, side)

    def _execute_hidden(self, time_ns: int, side: str) -> Message:
        """A trade with an order that nobody saw, between the best prices; the book stays as it is."""
        price = (self._book.best("buy") + self._book.best("sell")) // 2
        size = self._rng.randrange(1, 300)
        return Message(time_ns, MessageType.EXECUTED_HIDDEN, 0, size, price, side)


def _covers(book: BookSides, message: Message, depth: int) -> bool:
    levels = book.bids if message.side == "buy" else book.asks
    if len(levels) < depth:
        return True
    last = levels[-1][0]
    return message.price >= last if message.side == "buy" else message.price <= last
