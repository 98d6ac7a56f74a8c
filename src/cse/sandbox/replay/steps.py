"""What a recording is turned into: steps, each a few orders and what must be true after them.

Prices and quantities are integers in the recording's own units (its price and quantity scale); the
runner turns them into the market's decimals.
"""

from enum import StrEnum
from typing import Final

import msgspec

from cse.core.errors import CseError

SIDES: Final = ("buy", "sell")

Level = tuple[int, int]
"""Price, quantity."""


class ReplayError(CseError):
    """The recording cannot be replayed: unreadable, or the market does not fit it."""


class Role(StrEnum):
    """Whose order it is: the maker holds the book, the taker trades with it."""

    MAKER = "maker"
    TAKER = "taker"


class Place(msgspec.Struct, frozen=True, gc=False):
    """A limit order. The maker's rest (post-only), the taker's are immediate or cancel."""

    role: Role
    client_order_id: str
    side: str
    price: int
    quantity: int


class Reduce(msgspec.Struct, frozen=True, gc=False):
    """Amend a maker's order to a smaller total quantity (filled part included); it keeps its place."""

    client_order_id: str
    quantity: int
    role: Role = Role.MAKER


class Cancel(msgspec.Struct, frozen=True, gc=False):
    """Cancel what is left of a maker's order."""

    client_order_id: str
    role: Role = Role.MAKER


Action = Place | Reduce | Cancel


class TapeEntry(msgspec.Struct, frozen=True, gc=False):
    """A trade as the public tape shows it."""

    price: int
    quantity: int
    taker_side: str


class BookSides(msgspec.Struct, frozen=True, gc=False):
    """The best levels of a book, best first."""

    bids: list[Level]
    asks: list[Level]


class Step(msgspec.Struct, frozen=True):
    """One moment of the recording."""

    due_ns: int
    """Recorded time; only differences count."""
    actions: list[Action]
    """In this order, each done before the next begins."""
    tape: list[TapeEntry] = []
    """The trades these actions make."""
    book: BookSides | None = None
    """What the book's best levels must be afterwards; None: not compared."""
    learned: int = 0
    """How many levels of `book` were set in this very step, so that comparing them proves nothing."""
    messages: int = 1
    """How many messages of the recording this step covers."""
    note: str = ""
    """What the recording says beyond orders, for the reader."""


class Recording(msgspec.Struct, frozen=True):
    """A recording's units and size; the steps are made while playing."""

    name: str
    price_scale: int
    quantity_scale: int
    messages: int
    """How many messages will be played; the progress bar's total."""
    depth: int
    """Levels of each side that are compared."""


def opposite(side: str) -> str:
    """The other side."""
    return "sell" if side == "buy" else "buy"
