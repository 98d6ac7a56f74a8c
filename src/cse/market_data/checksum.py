"""The order book's checksum: a client that computes the same number has the same book."""

from collections.abc import Iterable
from typing import Final
from zlib import crc32

DEPTH: Final = 10
"""Levels of each side that the checksum covers."""


def book_checksum(bids: Iterable[tuple[str, str]], asks: Iterable[tuple[str, str]]) -> int:
    """Return CRC-32 (of zlib, unsigned) over the best ten levels of each side, bids first.

    Each level is `price:quantity` as printed by the API, the levels joined by `|`; an empty book gives 0.
    """
    levels = [f"{price}:{quantity}" for price, quantity in bids]
    levels += [f"{price}:{quantity}" for price, quantity in asks]
    return crc32("|".join(levels).encode("ascii"))
