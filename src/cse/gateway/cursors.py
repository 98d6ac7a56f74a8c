"""Opaque cursors: where the next page begins. Each belongs to one list and is refused by the others.

A cursor only ever narrows what its own account may see anyway, so it is checked for shape, not signed.
"""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Final

from cse.core.ids import MAX_ID
from cse.gateway.problems import edge_problem

ORDERS: Final = 1
FILLS: Final = 2
LEDGER: Final = 3
TRADES: Final = 4
KEYS: Final = 5
CANDLES_AFTER: Final = 6
"""Pages towards now: (open time that the page begins at, interval in ms)."""
CANDLES_BEFORE: Final = 7
"""Pages into the past: (open time that the page ends before, interval in ms)."""
SESSIONS: Final = 8
"""(When the session began, the first 52 bits of its id)."""
PEOPLE: Final = 10
AUDIT: Final = 11
APPROVALS: Final = 13
AUDIT_EXPORT: Final = 14
SUB_ACCOUNTS: Final = 20
TRANSFERS: Final = 21
IDENTITY_CHECKS: Final = 24
IDENTITY_QUEUE: Final = 25
IDENTITY_HITS: Final = 26
LINKED: Final = 30

_LAYOUT: Final = struct.Struct("<BQQ")


def write_cursor(kind: int, first: int, second: int = 0) -> str:
    """Return the cursor of a page that begins after the item with this key."""
    return urlsafe_b64encode(_LAYOUT.pack(kind, first, second)).rstrip(b"=").decode("ascii")


def read_cursor(kind: int, text: str | None) -> tuple[int, int] | None:
    """Return a cursor's key; None for none.

    Raises:
        ApiProblem: 400 `invalid_cursor`: not a cursor of this list.
    """
    if text is None:
        return None
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        given, first, second = _LAYOUT.unpack(raw)
    except (Base64Error, ValueError, struct.error) as error:
        raise edge_problem("invalid_cursor") from error
    if (
        given != kind
        or first > MAX_ID
        or second > MAX_ID
        or write_cursor(kind, first, second) != text
    ):
        raise edge_problem("invalid_cursor")
    return first, second
