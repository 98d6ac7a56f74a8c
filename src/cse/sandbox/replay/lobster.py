"""LOBSTER files: order-by-order messages of NASDAQ and the ten best levels after each of them.

Message: time (s after midnight), type, order id, size, price x 10,000, direction (1 buy, -1 sell, of
the resting order). Book line: ask price, ask size, bid price, bid size, best level first; a price of
+-9999999999 means that there is no such level. Source: lobsterdata.com, "Data structure".
"""

from collections.abc import Iterator
from enum import IntEnum
from itertools import islice, zip_longest
from pathlib import Path
from typing import Final

import msgspec

from cse.sandbox.replay.shadow import ShadowBook
from cse.sandbox.replay.steps import (
    SIDES,
    Action,
    BookSides,
    Level,
    Recording,
    ReplayError,
    Step,
    TapeEntry,
    opposite,
)

PRICE_SCALE: Final = 4
NOTHING: Final = 9_999_999_999
"""The price (either sign) of a level that does not exist."""


class MessageType(IntEnum):
    """What happened to an order."""

    NEW = 1
    REDUCED = 2
    DELETED = 3
    EXECUTED = 4
    EXECUTED_HIDDEN = 5
    CROSS = 6
    HALT = 7


class Message(msgspec.Struct, frozen=True, gc=False):
    """One line of a message file."""

    time_ns: int
    type: MessageType
    order_id: int
    size: int
    price: int
    side: str
    """Of the resting order."""


_HALTS: Final = {-1: "trading halts", 0: "quoting resumes", 1: "trading resumes"}


def parse_message(line: str) -> Message:
    """Read one line. Raises ValueError when it is not one."""
    time, kind, order_id, size, price, direction = line.strip().split(",")
    seconds, _, fraction = time.partition(".")
    return Message(
        time_ns=int(seconds) * 1_000_000_000 + int(fraction[:9].ljust(9, "0")),
        type=MessageType(int(kind)),
        order_id=int(order_id),
        size=int(size),
        price=int(price),
        side={1: "buy", -1: "sell"}[int(direction)],
    )


def parse_book(line: str) -> BookSides:
    """Read one line of an order book file. Raises ValueError when it is not one."""
    numbers = [int(field) for field in line.strip().split(",")]
    if len(numbers) % 4 or not numbers:
        raise ValueError("levels have four columns each")
    levels = list(zip(numbers[::2], numbers[1::2], strict=True))
    return BookSides(
        bids=[(price, size) for price, size in levels[1::2] if abs(price) != NOTHING],
        asks=[(price, size) for price, size in levels[::2] if abs(price) != NOTHING],
    )


class Lobster:
    """A message file with the order book file beside it.

    The first book line seeds the book: it is the state after the first message, which is therefore not
    played. From the second message on each is a step.
    """

    def __init__(self, messages: Path, books: Path | None = None, limit: int | None = None) -> None:
        """Find both files; `limit` plays only so many messages.

        Raises:
            ReplayError: a file is missing or the book file holds nothing.
        """
        self._messages_path = messages
        self._books_path = books or book_file_beside(messages)
        for path in (self._messages_path, self._books_path):
            if not path.is_file():
                raise ReplayError(f"no such file: {path}")
        with self._books_path.open(encoding="ascii") as file:
            depth = len(next(file, "").split(",")) // 4
            count = sum(1 for _ in file)
        if not depth:
            raise ReplayError(f"{self._books_path} holds no order book")
        self.recording = Recording(
            name=messages.name,
            price_scale=PRICE_SCALE,
            quantity_scale=0,
            messages=count if limit is None else min(count, limit),
            depth=depth,
        )

    def steps(self, prefix: str) -> Iterator[Step]:
        """Yield the seed and then one step per message; `prefix` begins all client order ids.

        Raises:
            ReplayError: a line of either file is malformed; names the file and the line.
        """
        lines = self._lines()
        first_message, first_book = next(lines)
        plan = LobsterPlan(prefix, first_book, self.recording.depth)
        yield plan.seed(first_message.time_ns)
        for message, book in islice(lines, self.recording.messages):
            yield plan.step(message, book)

    def _lines(self) -> Iterator[tuple[Message, BookSides]]:
        with (
            self._messages_path.open(encoding="ascii") as messages,
            self._books_path.open(encoding="ascii") as books,
        ):
            for number, pair in enumerate(zip_longest(messages, books, fillvalue=""), 1):
                try:
                    parsed = parse_message(pair[0]), parse_book(pair[1])
                except (ValueError, KeyError) as error:
                    names = f"{self._messages_path.name} / {self._books_path.name}"
                    raise ReplayError(f"{names}: line {number} is malformed: {error}") from error
                yield parsed


def book_file_beside(messages: Path) -> Path:
    """Return where LOBSTER puts the order book file of a message file.

    Raises:
        ReplayError: the name does not say `message`, so the other name cannot be told.
    """
    head, word, tail = messages.name.rpartition("message")
    if not word:
        raise ReplayError(f"{messages.name} is not named ...message...: name its order book file")
    return messages.with_name(f"{head}orderbook{tail}")


class LobsterPlan:
    """Turns messages into actions, and keeps what the file lets one know apart from what it does not.

    A file of ten levels is silent about everything behind the tenth. So, on each side and at each
    message, the prices up to the tenth are *in sight* (all prices, when there are fewer than ten). A
    price in sight before and after a message is compared. A price that comes into sight with a
    message may have changed while it was out of sight: it is set to what the file shows and only
    compared from the next message on. Nothing else is ever taken over from the book file.
    """

    def __init__(self, prefix: str, first: BookSides, depth: int) -> None:
        """Begin with the first line of the book file, of `depth` levels."""
        self._shadow = ShadowBook(prefix)
        self._depth = depth
        self._before = first

    def seed(self, due_ns: int) -> Step:
        """One order for each level of the first line; later messages take from these what they name."""
        actions: list[Action] = [
            self._shadow.add(side, price, size)
            for side in SIDES
            for price, size in _levels(self._before, side)
        ]
        learned = len(actions)
        return Step(due_ns, actions, book=self._before, learned=learned, messages=0, note="seed")

    def step(self, message: Message, after: BookSides) -> Step:
        """Return what a message does, and the book that the file shows after it."""
        actions, tape = self._act(message)
        learned = 0
        for side in SIDES:
            for price, size in self._come_into_sight(side, after):
                actions += self._shadow.set_level(side, price, size)
                learned += size > 0
        self._before = after
        note = _note(message)
        return Step(message.time_ns, actions, tape, book=after, learned=learned, note=note)

    def _act(self, message: Message) -> tuple[list[Action], list[TapeEntry]]:
        side, price, size = message.side, message.price, message.size
        if message.type is MessageType.NEW:
            return [self._shadow.add(side, price, size, tag=message.order_id)], []
        if message.type in {MessageType.REDUCED, MessageType.DELETED}:
            return self._shadow.take_out(side, price, size, tag=message.order_id), []
        if message.type is MessageType.EXECUTED:
            place, tape = self._shadow.execute(opposite(side), price, size)
            return [place], tape
        return [], []

    def _come_into_sight(self, side: str, after: BookSides) -> list[Level]:
        """Prices that are in sight now and were not before, with the size that the file shows."""
        sign = -1 if side == "buy" else 1
        before, now = _levels(self._before, side), dict(_levels(after, side))
        if len(before) < self._depth:
            return []
        seen_up_to = sign * before[-1][0]
        ends = sign * next(reversed(now)) if len(now) == self._depth else None
        candidates = sorted({*now, *self._shadow.prices(side)}, key=lambda price: sign * price)
        return [
            (price, now.get(price, 0))
            for price in candidates
            if sign * price > seen_up_to and (ends is None or sign * price <= ends)
        ]


def _levels(book: BookSides, side: str) -> list[Level]:
    return book.bids if side == "buy" else book.asks


def _note(message: Message) -> str:
    if message.type is MessageType.HALT:
        return _HALTS.get(message.price, "halt message")
    if message.type is MessageType.EXECUTED_HIDDEN:
        return "execution of a hidden order"
    return "cross trade" if message.type is MessageType.CROSS else ""
