"""The depth book: levels from absolute totals, best first, against a book that is sorted anew each time."""

import random
from zlib import crc32

from cse.market_data import DepthBook, book_checksum
from cse.messages.events import LevelChanged
from cse.messages.wire import Side


def changed(side: Side, price: int, quantity: int) -> LevelChanged:
    return LevelChanged(1, side, price, quantity, 1)


def test_levels_are_best_first_after_any_changes() -> None:
    """5,000 random changes; after each hundred all levels equal the naive model's."""
    dice = random.Random(1)
    book = DepthBook()
    model: dict[Side, dict[int, int]] = {Side.BUY: {}, Side.SELL: {}}
    for sequence in range(1, 5_001):
        side, price = dice.choice(tuple(Side)), dice.randrange(1, 200)
        quantity = dice.choice((0, 0, dice.randrange(1, 1_000)))
        book.apply(changed(side, price, quantity), sequence, sequence * 10)
        model[side][price] = quantity
        if sequence % 100 == 0:
            snapshot = book.snapshot()
            bids = sorted(((p, q) for p, q in model[Side.BUY].items() if q), reverse=True)
            asks = sorted((p, q) for p, q in model[Side.SELL].items() if q)
            assert (snapshot.bids, snapshot.asks) == (bids, asks)
            assert book.bids.best() == bids[0]
            assert book.asks.best() == asks[0]
            assert (len(book.bids), len(book.asks)) == (len(bids), len(asks))
            assert (snapshot.sequence, snapshot.time_ms) == (sequence, sequence * 10)


def test_a_snapshot_is_as_deep_as_asked() -> None:
    """The best levels of each side, no more; an empty side has no best."""
    book = DepthBook()
    assert book.bids.best() is None
    for price in range(1, 11):
        book.apply(changed(Side.BUY, price, price), 1, 1)
    snapshot = book.snapshot(3)
    assert snapshot.bids == [(10, 10), (9, 9), (8, 8)]
    assert snapshot.asks == []


def test_a_level_that_was_never_there_may_go() -> None:
    """An order that came and went within one command leaves a zero behind, nothing else."""
    book = DepthBook()
    book.apply(changed(Side.SELL, 5, 0), 1, 1)
    assert book.snapshot().asks == []
    assert book.asks.quantity(5) == 0


def test_the_checksum_is_crc32_of_the_printed_levels() -> None:
    """`price:quantity` joined by `|`, bids then asks: a vector that anyone can recompute."""
    bids, asks = [("1.2400", "12.00"), ("1.2300", "1.00")], [("1.2500", "3.00")]
    text = b"1.2400:12.00|1.2300:1.00|1.2500:3.00"
    assert book_checksum(bids, asks) == crc32(text) == 2_505_362_052
    assert book_checksum([], []) == 0
