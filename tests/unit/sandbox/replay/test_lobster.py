"""LOBSTER files are read exactly, and each kind of message does to the book what its author says it does."""

from pathlib import Path

import pytest

from cse.sandbox.replay.lobster import (
    Lobster,
    LobsterPlan,
    Message,
    MessageType,
    book_file_beside,
    parse_book,
    parse_message,
)
from cse.sandbox.replay.steps import (
    BookSides,
    Cancel,
    Place,
    Reduce,
    ReplayError,
    Role,
    Step,
    TapeEntry,
)

FIRST = BookSides(bids=[(5_000_000, 30), (4_999_900, 20)], asks=[(5_000_200, 10), (5_000_300, 40)])


def message(kind: MessageType, order_id: int, size: int, price: int, side: str) -> Message:
    return Message(1, kind, order_id, size, price, side)


def plan(depth: int = 2) -> LobsterPlan:
    made = LobsterPlan("p", FIRST, depth)
    made.seed(0)
    return made


def test_a_message_line_is_read_to_the_nanosecond() -> None:
    """Time, type, order, size, price and side; fewer decimals of the time are zeros."""
    line = "34200.004241176,1,16113575,18,5853300,1\n"
    assert parse_message(line) == Message(
        34_200_004_241_176, MessageType.NEW, 16_113_575, 18, 5_853_300, "buy"
    )
    assert parse_message("34200.00426064,4,7,1,2,-1").time_ns == 34_200_004_260_640
    assert parse_message("34200,3,7,1,2,-1").time_ns == 34_200_000_000_000


@pytest.mark.parametrize(
    "line", ["", "1,2,3", "x,1,1,1,1,1", "1.0,9,1,1,1,1", "1.0,1,1,1,1,0", "1.0,1,1,1.5,1,1"]
)
def test_what_is_no_message_is_refused(line: str) -> None:
    """Too few fields, no number, an unknown type or direction."""
    with pytest.raises((ValueError, KeyError)):
        parse_message(line)


def test_a_book_line_leaves_out_levels_that_do_not_exist() -> None:
    """The dummy prices of empty levels are no prices."""
    line = "5000200,10,5000000,30,9999999999,0,4999900,20,9999999999,0,-9999999999,0"
    assert parse_book(line) == BookSides(
        bids=[(5_000_000, 30), (4_999_900, 20)], asks=[(5_000_200, 10)]
    )
    with pytest.raises(ValueError, match="four columns"):
        parse_book("1,2,3")


def test_the_seed_is_one_order_per_level() -> None:
    """All of it is learned from the file: comparing it proves nothing yet."""
    step = LobsterPlan("p", FIRST, 2).seed(5)
    assert [action for action in step.actions if isinstance(action, Place)] == step.actions
    assert len(step.actions) == step.learned == 4
    assert step.book == FIRST


def test_new_reduced_and_deleted_orders() -> None:
    """A new order rests; a partial cancel keeps its place; a deletion takes the rest."""
    made = plan()
    book = BookSides(bids=[(5_000_100, 8), (5_000_000, 30)], asks=FIRST.asks)
    new = made.step(message(MessageType.NEW, 7, 8, 5_000_100, "buy"), book)
    assert new.actions == [Place(Role.MAKER, "p-5", "buy", 5_000_100, 8)]
    assert new.learned == 0
    book = BookSides(bids=[(5_000_100, 5), (5_000_000, 30)], asks=FIRST.asks)
    reduced = made.step(message(MessageType.REDUCED, 7, 3, 5_000_100, "buy"), book)
    assert reduced.actions == [Reduce("p-5", 5)]
    deleted = made.step(message(MessageType.DELETED, 7, 5, 5_000_100, "buy"), FIRST)
    assert deleted.actions == [Cancel("p-5")]


def test_an_execution_is_an_opposite_order_of_the_taker() -> None:
    """Immediate or cancel, of that size at that price, and the trade that it makes."""
    book = BookSides(bids=[(5_000_000, 25), (4_999_900, 20)], asks=FIRST.asks)
    step = plan().step(message(MessageType.EXECUTED, 99, 5, 5_000_000, "buy"), book)
    assert step.actions == [Place(Role.TAKER, "p-5", "sell", 5_000_000, 5)]
    assert step.tape == [TapeEntry(5_000_000, 5, "sell")]


@pytest.mark.parametrize(
    ("kind", "price", "note"),
    [
        (MessageType.EXECUTED_HIDDEN, 5_000_050, "execution of a hidden order"),
        (MessageType.CROSS, 5_000_000, "cross trade"),
        (MessageType.HALT, -1, "trading halts"),
        (MessageType.HALT, 1, "trading resumes"),
    ],
)
def test_what_does_not_touch_the_visible_book_is_only_noted(
    kind: MessageType, price: int, note: str
) -> None:
    """Hidden executions, crosses and halts send nothing; the book is compared all the same."""
    step = plan().step(message(kind, 0, 5, price, "buy"), FIRST)
    assert step == Step(1, [], book=FIRST, note=note)


def test_a_price_that_comes_into_sight_is_set_and_counted_as_learned() -> None:
    """The best bid goes, a level that nobody could know moves up: that one level is taken over."""
    book = BookSides(bids=[(4_999_900, 20), (4_999_000, 70)], asks=FIRST.asks)
    step = plan().step(message(MessageType.DELETED, 99, 30, 5_000_000, "buy"), book)
    assert step.actions == [Cancel("p-1"), Place(Role.MAKER, "p-5", "buy", 4_999_000, 70)]
    assert step.learned == 1


def test_what_changed_out_of_sight_is_put_right_when_it_comes_back() -> None:
    """A level pushed out of sight loses shares that no message tells of; back in sight it is as the file says."""
    made = plan()
    pushed = BookSides(bids=[(5_000_100, 8), (5_000_000, 30)], asks=FIRST.asks)
    made.step(message(MessageType.NEW, 7, 8, 5_000_100, "buy"), pushed)
    back = BookSides(bids=[(5_000_000, 30), (4_999_800, 4)], asks=FIRST.asks)
    step = made.step(message(MessageType.DELETED, 7, 8, 5_000_100, "buy"), back)
    assert step.actions == [
        Cancel("p-5"),
        Cancel("p-2"),
        Place(Role.MAKER, "p-6", "buy", 4_999_800, 4),
    ]


def test_a_difference_at_a_price_in_sight_is_never_taken_over() -> None:
    """A book file that contradicts the messages must show up in the comparison: nothing mends it."""
    wrong = BookSides(bids=[(5_000_000, 31), (4_999_900, 20)], asks=FIRST.asks)
    step = plan().step(message(MessageType.EXECUTED_HIDDEN, 0, 5, 1, "buy"), wrong)
    assert step.actions == []
    assert step.book == wrong


def test_all_prices_are_in_sight_when_there_are_fewer_levels_than_the_file_has() -> None:
    """Then nothing can come into sight: a new level without a message stays a difference."""
    more = BookSides(bids=[*FIRST.bids, (4_000_000, 1)], asks=FIRST.asks)
    step = plan(depth=3).step(message(MessageType.EXECUTED_HIDDEN, 0, 5, 1, "buy"), more)
    assert (step.actions, step.learned) == ([], 0)


def write(folder: Path, messages: str, books: str) -> Path:
    (folder / "x-orderbook-1.csv").write_text(books)
    path = folder / "x-message-1.csv"
    path.write_text(messages)
    return path


def test_the_first_message_is_in_the_seed_and_not_played_again(tmp_path: Path) -> None:
    """The first book line is the state after the first message."""
    path = write(tmp_path, "1,1,5,3,90,1\n2,3,5,3,90,1\n", "110,1,90,4\n110,1,90,1\n")
    source = Lobster(path)
    assert (source.recording.messages, source.recording.depth) == (1, 1)
    assert [step.actions for step in source.steps("p")] == [
        [Place(Role.MAKER, "p-1", "buy", 90, 4), Place(Role.MAKER, "p-2", "sell", 110, 1)],
        [Reduce("p-1", 1)],
    ]


@pytest.mark.parametrize(
    ("messages", "books"),
    [
        ("1,1,5,3,90,1\n2,3,5\n", "110,1,90,4\n110,1,90,1\n"),
        ("1,1,5,3,90,1\n2,3,5,3,90,1\n", "110,1,90,4\nfoo\n"),
        ("1,1,5,3,90,1\n", "110,1,90,4\n110,1,90,1\n"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, messages: str, books: str) -> None:
    """In either file, and also where one file ends before the other."""
    with pytest.raises(ReplayError, match="line 2 is malformed"):
        list(Lobster(write(tmp_path, messages, books)).steps("p"))


def test_missing_files_and_names_are_told(tmp_path: Path) -> None:
    """The order book file is looked for beside the message file."""
    path = write(tmp_path, "", "")
    assert book_file_beside(path).name == "x-orderbook-1.csv"
    with pytest.raises(ReplayError, match="holds no order book"):
        Lobster(path)
    with pytest.raises(ReplayError, match="no such file"):
        Lobster(tmp_path / "y-message-1.csv")
    with pytest.raises(ReplayError, match="name its order book file"):
        book_file_beside(tmp_path / "data.csv")
