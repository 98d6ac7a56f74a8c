"""A local book is right or says that it is not."""

from typing import Any
from zlib import crc32

import pytest

from cse.sandbox.client.local_book import BookBroken, LocalBook


def checksum(*levels: str) -> int:
    return crc32("|".join(levels).encode())


def message(
    kind: str, sequence: int, previous: int | None, check: int, **sides: Any
) -> dict[str, Any]:
    head = {"type": kind, "sequence": sequence, "previous": previous, "checksum": check}
    return head | {"bids": [], "asks": []} | sides


def book() -> LocalBook:
    made = LocalBook("NOVA-USDC")
    check = checksum("1.2000:5.00", "1.1000:1.00", "1.3000:2.00")
    bids = [["1.2000", "5.00"], ["1.1000", "1.00"]]
    made.apply(message("snapshot", 7, None, check, bids=bids, asks=[["1.3000", "2.00"]]))
    return made


def test_levels_change_come_and_go() -> None:
    """Sorted by value, not by text; quantity zero removes a level."""
    made = book()
    check = checksum("1.2000:5.00", "10.0000:1.00", "10.5000:4.00")
    changes = {
        "bids": [["1.1000", "0.00"]],
        "asks": [["10.5000", "4.00"], ["1.3000", "0.00"], ["10.0000", "1.00"]],
    }
    made.apply(message("update", 9, 7, check, **changes))
    assert made.ready
    assert made.bids == [("1.2000", "5.00")]
    assert made.asks == [("10.0000", "1.00"), ("10.5000", "4.00")]


def test_a_gap_breaks_the_book_until_a_snapshot_comes() -> None:
    """Updates on the way before it are passed over."""
    made = book()
    with pytest.raises(BookBroken, match="after 7 came 8"):
        made.apply(message("update", 9, 8, 0))
    assert not made.ready
    made.apply(message("update", 10, 9, 0, bids=[["9.0000", "1.00"]]))
    made.apply(message("snapshot", 12, None, checksum("1.0000:1.00"), bids=[["1.0000", "1.00"]]))
    assert made.ready
    assert made.bids == [("1.0000", "1.00")]


def test_a_wrong_checksum_breaks_the_book() -> None:
    """The exchange's book is another one."""
    made = book()
    with pytest.raises(BookBroken, match="checksum after 8"):
        made.apply(message("update", 8, 7, 1, bids=[["1.2000", "4.00"]]))
    assert not made.ready


def test_the_checksum_covers_ten_levels_of_each_side() -> None:
    """An eleventh level does not count."""
    made = LocalBook("X-Y")
    bids = [[f"{price}.0", "1"] for price in range(20, 8, -1)]
    covered = [f"{price}:{quantity}" for price, quantity in bids[:10]]
    made.apply(message("snapshot", 1, None, checksum(*covered), bids=bids))
    assert made.ready
