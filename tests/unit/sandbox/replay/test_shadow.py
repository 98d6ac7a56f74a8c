"""The replay's own book keeps price-time priority, and says what to send for each change of it."""

from cse.sandbox.replay.shadow import ShadowBook
from cse.sandbox.replay.steps import Cancel, Place, Reduce, Role, TapeEntry


def test_orders_are_named_in_order_and_add_up_by_price() -> None:
    """Totals and best levels are those of the orders put in."""
    book = ShadowBook("p")
    assert book.add("buy", 100, 5) == Place(Role.MAKER, "p-1", "buy", 100, 5)
    book.add("buy", 100, 3)
    book.add("buy", 101, 1)
    book.add("sell", 105, 2)
    assert book.top("buy", 10) == [(101, 1), (100, 8)]
    assert book.top("sell", 10) == [(105, 2)]
    assert book.top("buy", 1) == [(101, 1)]


def test_an_execution_takes_the_best_price_and_the_oldest_order_first() -> None:
    """A sell through two levels: one trade per resting order, each at that order's price."""
    book = ShadowBook("p")
    book.add("buy", 100, 5)
    book.add("buy", 101, 2)
    book.add("buy", 101, 3)
    place, tape = book.execute("sell", 100, 7)
    assert place == Place(Role.TAKER, "p-4", "sell", 100, 7)
    assert tape == [TapeEntry(101, 2, "sell"), TapeEntry(101, 3, "sell"), TapeEntry(100, 2, "sell")]
    assert book.top("buy", 10) == [(100, 3)]


def test_an_execution_stops_at_its_limit() -> None:
    """What lies behind the limit stays."""
    book = ShadowBook("p")
    book.add("sell", 105, 2)
    book.add("sell", 106, 2)
    _, tape = book.execute("buy", 105, 9)
    assert tape == [TapeEntry(105, 2, "buy")]
    assert book.top("sell", 10) == [(106, 2)]


def test_cancelling_part_of_a_known_order_reduces_it_with_its_filled_part() -> None:
    """The API's quantity is the total: what was filled counts into it."""
    book = ShadowBook("p")
    book.add("buy", 100, 10, tag=77)
    book.execute("sell", 100, 4)
    assert book.take_out("buy", 100, 2, tag=77) == [Reduce("p-1", 4 + 4)]
    assert book.take_out("buy", 100, 4, tag=77) == [Cancel("p-1")]
    assert book.top("buy", 10) == []


def test_an_unknown_order_is_taken_from_the_seeded_quantity() -> None:
    """Orders that a recording names but never added belong to what the book began with."""
    book = ShadowBook("p")
    book.add("buy", 100, 10)
    book.add("buy", 100, 5, tag=77)
    assert book.take_out("buy", 100, 3, tag=55) == [Reduce("p-1", 7)]
    assert book.take_out("buy", 100, 9, tag=55) == [Cancel("p-1"), Reduce("p-2", 3)]


def test_cancelling_more_than_there_is_cancels_what_there_is() -> None:
    """The comparison with the recording then tells the difference; nothing is invented."""
    book = ShadowBook("p")
    book.add("sell", 100, 2)
    assert book.take_out("sell", 100, 5) == [Cancel("p-1")]
    assert book.take_out("sell", 100, 5) == []


def test_a_level_is_set_by_the_difference_only() -> None:
    """More is one more order, less is cancelled from the newest, the same is nothing."""
    book = ShadowBook("p")
    assert book.set_level("buy", 100, 4) == [Place(Role.MAKER, "p-1", "buy", 100, 4)]
    assert book.set_level("buy", 100, 6) == [Place(Role.MAKER, "p-2", "buy", 100, 2)]
    assert book.set_level("buy", 100, 6) == []
    assert book.set_level("buy", 100, 3) == [Cancel("p-2"), Reduce("p-1", 3)]
    assert book.set_level("buy", 100, 0) == [Cancel("p-1")]
