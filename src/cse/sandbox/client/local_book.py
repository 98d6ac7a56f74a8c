"""An order book kept from snapshot and updates, checked by sequence and checksum."""

from typing import Any, Final
from zlib import crc32

from cse.core.errors import CseError

_CHECKED_LEVELS: Final = 10


class BookBroken(CseError):
    """An update is missing or the book differs from the exchange's: ask for a resync."""


class LocalBook:
    """One market's book. Prices and quantities stay the exchange's strings; order is by value."""

    def __init__(self, market: str) -> None:
        """Begin without a book; `ready` is false until the first snapshot."""
        self.market = market
        self.sequence = 0
        self.ready = False
        self._sides: dict[str, dict[int, tuple[str, str]]] = {"bids": {}, "asks": {}}

    @property
    def bids(self) -> list[tuple[str, str]]:
        """Price and quantity, best first."""
        side = self._sides["bids"]
        return [side[key] for key in sorted(side, reverse=True)]

    @property
    def asks(self) -> list[tuple[str, str]]:
        """Price and quantity, best first."""
        side = self._sides["asks"]
        return [side[key] for key in sorted(side)]

    def apply(self, message: dict[str, Any]) -> None:
        """Take in a message of the market's orderbook channel.

        Raises:
            BookBroken: a gap or a wrong checksum; the book is not ready until the next snapshot.
        """
        if message["type"] == "snapshot":
            self._sides = {"bids": {}, "asks": {}}
        elif not self.ready:
            return  # an update that was on its way while we asked for a snapshot
        elif message["previous"] != self.sequence:
            self.ready = False
            raise BookBroken(f"{self.market}: after {self.sequence} came {message['previous']}")
        for name in ("bids", "asks"):
            self._change(self._sides[name], message[name])
        self.sequence = message["sequence"]
        self.ready = message["checksum"] == self.checksum()
        if not self.ready:
            raise BookBroken(f"{self.market}: the checksum after {self.sequence} is wrong")

    def checksum(self) -> int:
        """CRC-32 over the best ten levels of each side, as the exchange computes it."""
        levels = [*self.bids[:_CHECKED_LEVELS], *self.asks[:_CHECKED_LEVELS]]
        return crc32("|".join(f"{price}:{quantity}" for price, quantity in levels).encode("ascii"))

    @staticmethod
    def _change(side: dict[int, tuple[str, str]], levels: list[list[str]]) -> None:
        for price, quantity in levels:
            key = _digits(price)
            if _digits(quantity):
                side[key] = (price, quantity)
            else:
                side.pop(key, None)


def _digits(text: str) -> int:
    """A market prints all its prices with the same decimals: their digits sort as they do."""
    return int(text.replace(".", ""))
