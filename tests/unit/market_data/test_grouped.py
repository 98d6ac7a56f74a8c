"""A book put together by price step: kept by adding up changes, equal to putting all levels together anew."""

import random
from collections import defaultdict

import pytest

from cse.market_data import DepthBook
from cse.market_data.depth import Level
from cse.market_data.grouped import IDLE_MS, MAX_STEPS, MAX_WAITING, TooManySteps, is_round
from cse.messages.events import LevelChanged
from cse.messages.wire import Side


def change(book: DepthBook, side: Side, price: int, lots: int) -> None:
    sequence = book.sequence + 1
    book.apply(LevelChanged(1, side, price, lots, 1), sequence, sequence)


def brute_force(book: DepthBook, step: int) -> tuple[list[Level], list[Level]]:
    bids: dict[int, int] = defaultdict(int)
    asks: dict[int, int] = defaultdict(int)
    whole = book.snapshot()
    for price, lots in whole.bids:
        bids[price // step] += lots
    for price, lots in whole.asks:
        asks[(price + step - 1) // step] += lots
    return sorted(bids.items(), reverse=True), sorted(asks.items())


@pytest.mark.parametrize("step", [1, 3, 10, 64, 1_000, 10**9])
def test_sums_are_those_of_all_levels(step: int) -> None:
    """Random changes, read now and then; and what `changed` tells leads from one reading to the next."""
    dice, book = random.Random(step), DepthBook()
    for _ in range(300):
        change(book, dice.choice(tuple(Side)), dice.randrange(1, 2_000), dice.randrange(5))
    grouped = book.groups.grouped(step, 0)
    grouped.hold()
    told = tuple(map(dict, grouped.levels(None)))
    for _ in range(100):
        for _ in range(dice.randrange(30)):
            change(book, dice.choice(tuple(Side)), dice.randrange(1, 2_000), dice.randrange(3))
        expected = brute_force(book, step)
        assert grouped.levels(None) == expected
        assert grouped.levels(4) == (expected[0][:4], expected[1][:4])
        for known, changed in zip(told, grouped.changed(), strict=True):
            known.update(changed)
            for price in [price for price, lots in known.items() if not lots]:
                del known[price]
        assert told == tuple(map(dict, expected))


def test_what_moves_within_a_step_is_no_change() -> None:
    """Both levels are in one step: its sum is the same, nothing is told."""
    book = DepthBook()
    change(book, Side.BUY, 11, 5)
    grouped = book.groups.grouped(10, 0)
    grouped.hold()
    change(book, Side.BUY, 12, 2)
    change(book, Side.BUY, 12, 0)
    assert grouped.changed() == ([], [])
    change(book, Side.BUY, 11, 2)
    change(book, Side.BUY, 12, 3)
    assert grouped.changed() == ([], []), "it moved within the step"
    change(book, Side.BUY, 15, 2)
    assert grouped.changed() == ([(1, 7)], [])


def test_steps_that_nobody_reads_are_forgotten() -> None:
    """Changes do not wait without end: those who hold a step get them, the other steps are made anew when asked for."""
    book = DepthBook()
    held, idle = book.groups.grouped(10, 0), book.groups.grouped(7, 0)
    held.hold()
    for price in range(1, MAX_WAITING + 10):
        change(book, Side.BUY, price, 1)
    assert list(book.groups) == [10]
    assert held.levels(None) == brute_force(book, 10)
    again = book.groups.grouped(7, 0)
    assert again is not idle
    assert again.levels(None) == brute_force(book, 7)


def test_unusual_steps_are_few_and_make_room_when_idle() -> None:
    """One more than may be is refused until another was not used for a while; held ones stay."""
    book = DepthBook()
    for step in range(11, 11 + MAX_STEPS):
        book.groups.grouped(step, 0).hold()
    with pytest.raises(TooManySteps):
        book.groups.grouped(77, IDLE_MS * 10)
    assert book.groups.grouped(5_000, 0).step == 5_000
    book.groups.grouped(11, 0).release()
    with pytest.raises(TooManySteps):
        book.groups.grouped(77, IDLE_MS)
    assert book.groups.grouped(77, IDLE_MS + 1).step == 77


def test_round_steps() -> None:
    """1, 2 and 5 times powers of ten; all others are unusual."""
    round_ones = [step for step in range(1, 1_001) if is_round(step)]
    assert round_ones == [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]
