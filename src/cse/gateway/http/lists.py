"""Query strings and envelopes that several lists share."""

from typing import Annotated

import msgspec
from msgspec import Meta

MAX_LIMIT = 1_000
Limit = Annotated[int, Meta(ge=1, le=MAX_LIMIT, description="Items per page.")]
CursorText = Annotated[
    str, Meta(max_length=64, description="`next_cursor` of the page before; opaque.")
]
MarketName = Annotated[str, Meta(max_length=33, examples=["NOVA-USDC"])]


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which page of a list."""

    limit: Limit = 100
    cursor: CursorText | None = None


class MarketPage(Page, frozen=True, forbid_unknown_fields=True):
    """Which page of a list, of one market or all."""

    market: MarketName | None = None


def parse_id(text: str) -> int | None:
    """Return an id given in a path; None when it cannot be one."""
    if not text.isascii() or not text.isdigit() or len(text) > 16 or text.startswith("0"):
        return None
    value = int(text)
    return value if value < 2**53 else None
