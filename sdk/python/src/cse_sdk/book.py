"""An order book kept from snapshot and updates, checked by sequence and checksum."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple
from zlib import crc32

from cse_sdk.chain import Chain, Message, Step
from cse_sdk.decimals import BadNumber, decimals, digits

CHECKED_LEVELS: Final = 10
"""Of each side; docs/reference/websocket.md of the exchange."""

Level = tuple[str, str]
"""Price and quantity, as the exchange prints them."""


class BookBroken(Exception):
    """The book differs from the exchange's, or may: ask for a resync. Not to be used until a snapshot came."""


class WrongChecksum(BookBroken):
    """Nothing is missing, and yet the book is another one."""


class BookView(NamedTuple):
    """A book as it stood after one message; it never changes."""

    channel: str
    sequence: int
    time_ms: int
    bids: list[Level]
    """Best first."""
    asks: list[Level]


class _Side:
    """Levels of one side by the digits of their prices, kept in order."""

    __slots__ = ("_keys", "_levels", "_upward")

    def __init__(self, *, upward: bool) -> None:
        """Order prices upward from the best (asks) or downward (bids)."""
        self._upward = upward
        self._levels: dict[int, Level] = {}
        self._keys: list[int] = []

    def set(self, price: int, level: Level | None) -> None:
        """Put a level, None takes it away."""
        known = price in self._levels
        if level is not None:
            self._levels[price] = level
            if not known:
                self._keys.insert(bisect_left(self._keys, price), price)
        elif known:
            del self._levels[price]
            del self._keys[bisect_left(self._keys, price)]

    def __iter__(self) -> Iterator[Level]:
        """Give the levels, best first."""
        keys = self._keys if self._upward else reversed(self._keys)
        return (self._levels[key] for key in keys)


class LocalBook:
    """One market's book. While `ready` is false there is no book: nothing of it is handed out."""

    def __init__(self, name: str, *, whole: bool = False) -> None:
        """Begin without a book; `name` is for messages of errors.

        `whole`: every message holds all levels (`orderbook.M.20@100ms`), not only those that changed.
        """
        self.name: Final = name
        self._whole: Final = whole
        self.ready = False
        self.time_ms = 0
        self._chain: Final = Chain()
        self._decimals: int | None = None
        self._bids = _Side(upward=False)
        self._asks = _Side(upward=True)

    @property
    def sequence(self) -> int:
        """The last message's; 0 before the first snapshot and after a break."""
        return self._chain.sequence or 0

    @property
    def bids(self) -> list[Level]:
        """All bids, best first.

        Raises:
            BookBroken: there is no right book now.
        """
        return self.view().bids

    @property
    def asks(self) -> list[Level]:
        """All asks, best first.

        Raises:
            BookBroken: there is no right book now.
        """
        return self.view().asks

    def view(self, depth: int | None = None) -> BookView:
        """Return the best `depth` levels of each side, or all.

        Raises:
            BookBroken: there is no right book now.
        """
        if not self.ready:
            raise BookBroken(f"{self.name}: there is no right book now")
        bids, asks = list(islice(self._bids, depth)), list(islice(self._asks, depth))
        return BookView(self.name, self.sequence, self.time_ms, bids, asks)

    def apply(self, message: Message) -> Step:
        """Take in a message of the orderbook channel; old and early ones change nothing.

        Raises:
            BookBroken: a gap, a wrong checksum or nonsense; the book is gone until the next snapshot.
        """
        step = self._chain.step(message)
        if step in {Step.OLD, Step.EARLY}:
            return step
        if step is Step.GAP:
            known = self.sequence
            self.forget()
            raise BookBroken(f"{self.name}: after {known} came {message['previous']}")
        if step is Step.SNAPSHOT or self._whole:
            self.forget()
        try:
            self._change(self._bids, message["bids"])
            self._change(self._asks, message["asks"])
            self.time_ms = message["time"]
        except BadNumber as error:
            self.forget()
            raise BookBroken(f"{self.name}: {error}") from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            self.forget()
            raise BookBroken(f"{self.name}: a message that is not understood") from error
        self._chain.advance(message)
        self._check(message)
        self.ready = True
        return step

    def forget(self) -> None:
        """Have no book until the next snapshot."""
        self.ready = False
        self._chain.forget()
        self._decimals = None
        self._bids = _Side(upward=False)
        self._asks = _Side(upward=True)

    def checksum(self) -> int:
        """CRC-32 over the best ten levels of each side, as the exchange computes it."""
        levels = [*islice(self._bids, CHECKED_LEVELS), *islice(self._asks, CHECKED_LEVELS)]
        return crc32("|".join(f"{price}:{quantity}" for price, quantity in levels).encode("ascii"))

    def _check(self, message: Message) -> None:
        if message.get("checksum") != self.checksum():
            self.forget()
            raise WrongChecksum(
                f"{self.name}: the checksum after {message['sequence']} is another one"
            )

    def _change(self, side: _Side, levels: list[list[str]]) -> None:
        for price, quantity in levels:
            if self._decimals is None:
                self._decimals = decimals(price)
            elif decimals(price) != self._decimals:
                raise BadNumber(
                    f"the price {price} has not {self._decimals} decimals as the others"
                )
            side.set(digits(price), (price, quantity) if digits(quantity) else None)
