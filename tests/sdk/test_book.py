"""A local book is right or says that it is not; used alone, as the sandbox's bots do."""

import pytest

from cse_sdk import BookBroken, LocalBook, WrongChecksum
from cse_sdk.chain import Step
from tests.sdk.scenarios.telling import best_bid, checksum, message, snapshot


def book() -> LocalBook:
    made = LocalBook("orderbook.X-Y")
    made.apply(snapshot(7))
    return made


def test_levels_are_in_the_order_of_their_values() -> None:
    """Not of their texts; quantity zero removes a level, one that is not there changes nothing."""
    made = book()
    bids, asks = [["1.20", "5"], ["1.10", "1"]], [["10.00", "1"], ["10.50", "4"]]
    changed = [["10.50", "4"], ["1.30", "0"], ["10.00", "1"], ["99.00", "0.00"]]
    made.apply(message("update", 9, 7, bids=[], asks=changed, checksum=checksum(bids, asks)))
    assert made.asks == [("10.00", "1"), ("10.50", "4")]
    assert made.view(1).bids == [("1.20", "5")]


def test_a_book_that_broke_hands_out_nothing() -> None:
    """Before the first snapshot, and from a gap to the next snapshot; updates between are passed over."""
    made = LocalBook("orderbook.X-Y")
    with pytest.raises(BookBroken, match="no right book"):
        _ = made.bids
    made = book()
    with pytest.raises(BookBroken, match="after 7 came 8"):
        made.apply(best_bid(9, 8, "6"))
    assert not made.ready
    with pytest.raises(BookBroken, match="no right book"):
        made.view()
    assert made.apply(best_bid(10, 9, "6")) is Step.EARLY
    made.apply(snapshot(12))
    assert made.ready


def test_a_wrong_checksum_breaks_the_book() -> None:
    """Which is told apart from a gap."""
    made = book()
    with pytest.raises(WrongChecksum):
        made.apply(best_bid(8, 7, "6", check=1))
    assert not made.ready


def test_the_checksum_covers_ten_levels_of_each_side() -> None:
    """An eleventh level does not count."""
    bids = [[f"{price}.0", "1"] for price in range(20, 8, -1)]
    made = LocalBook("orderbook.X-Y")
    made.apply(snapshot(1, bids=bids, asks=[]))
    assert made.checksum() == checksum(bids[:10], [])


def test_a_view_does_not_change() -> None:
    """What was handed out stays as it was."""
    made = book()
    before = made.view()
    made.apply(best_bid(8, 7, "6"))
    assert before.bids[0] == ("1.20", "5")
    assert made.view().bids[0] == ("1.20", "6")


def test_digits_of_other_scripts_are_no_numbers() -> None:
    """Python's int() would read them, and signs and underscores."""
    made = book()
    for number, price in enumerate(("1_0.00", "+1.20", " 1.20", "१.२०"), start=8):
        with pytest.raises(BookBroken):
            made.apply(message("update", number, 7, bids=[[price, "1"]], asks=[], checksum=0))
        made.apply(snapshot(7))
