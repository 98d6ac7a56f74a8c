"""The checks find every kind of difference, and the closing table tells it."""

from array import array
from io import StringIO

import pytest
from rich.console import Console

from cse.sandbox.replay.checks import BookCheck, LedgerCheck, LedgerLine, TapeCheck
from cse.sandbox.replay.report import closing_table, latency_line, percentile_ms
from cse.sandbox.replay.runner import Outcome
from cse.sandbox.replay.steps import BookSides, Recording, Step, TapeEntry

BOOK = BookSides(bids=[(100, 1), (99, 2)], asks=[(101, 3)])
TAPE = [TapeEntry(100, 1, "buy"), TapeEntry(100, 2, "sell")]


def step(learned: int = 0) -> Step:
    return Step(0, [], book=BOOK, learned=learned)


def test_equal_books_count_their_levels() -> None:
    """What had just been set from the recording is counted apart: comparing it proves nothing."""
    check = BookCheck()
    check.compare(1, step(), BOOK)
    check.compare(2, step(learned=2), BOOK)
    assert (check.books, check.levels, check.learned, check.differences) == (2, 4, 2, 0)


@pytest.mark.parametrize(
    "actual",
    [
        BookSides(bids=[(100, 1)], asks=[(101, 3)]),
        BookSides(bids=[(100, 1), (99, 3)], asks=[(101, 3)]),
        BookSides(bids=[(100, 1), (99, 2)], asks=[(101, 3), (102, 1)]),
        BookSides(bids=[(99, 2), (100, 1)], asks=[(101, 3)]),
    ],
)
def test_any_other_book_is_a_difference(actual: BookSides) -> None:
    """A missing level, another size, one too many, another order."""
    check = BookCheck()
    check.compare(7, step(), actual)
    check.compare(8, step(), BOOK)
    assert check.differences == 1
    assert check.first.startswith("message 7, ")


def test_tapes_are_the_same_or_the_first_difference_is_named() -> None:
    """Price, quantity, side, order and number all count."""
    assert TapeCheck.of(TAPE, list(TAPE)).first == ""
    assert TapeCheck.of(TAPE, TAPE[::-1]).first.startswith("trade 1: ")
    assert TapeCheck.of(TAPE, TAPE[:1]).first == "2 trades went in, 1 came out"
    assert TapeCheck.of([], TAPE).first == "0 trades went in, 2 came out"


def ledger(after: int = 90, fees: int = 10, fills: int = 4) -> LedgerCheck:
    return LedgerCheck([LedgerLine("USDC", 6, 100, after, fees)], trades=2, fills=fills)


def test_the_ledger_is_exact_or_wrong() -> None:
    """One unit more or less, or a fill without its trade, is a difference."""
    assert ledger().ok
    assert not ledger(after=91).ok
    assert not ledger(fees=9).ok
    assert not ledger(fills=3).ok


def outcome(book: BookCheck, tape: TapeCheck, money: LedgerCheck) -> Outcome:
    return Outcome(
        recording=Recording("aapl.csv", 4, 0, 998, 10),
        market="AAPL-USDC",
        messages=998,
        orders=579,
        amends=1,
        cancels=371,
        trades=2,
        unknown=3,
        seconds=2.0,
        latencies_ns=array("q", [1_000_000, 2_000_000]),
        book=book,
        tape=tape,
        ledger=money,
        notes={"execution of a hidden order": 61},
    )


def shown(result: Outcome) -> str:
    out = StringIO()
    Console(file=out, width=160).print(closing_table(result))
    return out.getvalue()


def test_the_table_of_a_good_replay() -> None:
    """Counts, latencies and three checks that say ok."""
    good = outcome(BookCheck(999, 19_642, 318), TapeCheck.of(TAPE, TAPE), ledger())
    text = shown(good)
    assert good.ok
    for expected in (
        "998 in 2.0 s (499 per second)",
        "579 placed, 1 reduced, 371 cancelled",
        "execution of a hidden order: 61",
        "p50 1.00   p90 2.00   p99 2.00   max 2.00",
        "19,642 levels of 999 books",
        "0.000090 + fees 0.000010 = 0.000100 before",
        "4 fills of 2 trades",
    ):
        assert expected in text
    assert "DIFFERENT" not in text


def test_the_table_of_a_bad_replay() -> None:
    """Each check that failed says what it found."""
    book = BookCheck()
    book.compare(7, step(), BookSides([], []))
    bad = outcome(book, TapeCheck.of(TAPE, []), ledger(after=91, fills=3))
    text = shown(bad)
    assert not bad.ok
    assert text.count("DIFFERENT") == 4
    assert "message 7, bids" in text
    assert "2 trades went in, 0 came out" in text
    assert "off by 0.000001" in text


def test_percentiles_are_by_nearest_rank() -> None:
    """Of a hundred values the ninetieth is p90; of none there is nothing to say."""
    values = [n * 1_000_000 for n in range(1, 101)]
    assert [percentile_ms(values, p) for p in (50, 90, 99, 100)] == [
        "50.00", "90.00", "99.00", "100.00",
    ]  # fmt: skip
    assert latency_line(array("q")) == "p50 -   p90 -   p99 -   max -"
