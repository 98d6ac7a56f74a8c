"""Writes generated flow as LOBSTER files: one of messages, one of the book after each."""

from pathlib import Path
from typing import Final, NamedTuple

from cse.sandbox.flow.generator import FlowGenerator, FlowSettings
from cse.sandbox.replay.lobster import NOTHING, Message
from cse.sandbox.replay.steps import BookSides

_NS: Final = 1_000_000_000


class FlowFiles(NamedTuple):
    """Where the two files were written."""

    messages: Path
    books: Path


def generate_flow(
    folder: Path, *, seed: int, messages: int, settings: FlowSettings | None = None
) -> FlowFiles:
    """Write `messages` messages into `folder` (made if needed) and return the two files.

    What was there under the same names is replaced; the names tell the seed. The same seed and settings
    give the same bytes.
    """
    settings = settings or FlowSettings()
    folder.mkdir(parents=True, exist_ok=True)
    tail = f"{settings.depth}.csv"
    files = FlowFiles(
        folder / f"flow-{seed}-message-{tail}", folder / f"flow-{seed}-orderbook-{tail}"
    )
    flow = FlowGenerator(seed, settings).messages(messages)
    with (
        files.messages.open("w", encoding="ascii", newline="\n") as message_file,
        files.books.open("w", encoding="ascii", newline="\n") as book_file,
    ):
        for message, book in flow:
            message_file.write(message_line(message) + "\n")
            book_file.write(book_line(book, settings.depth) + "\n")
    return files


def message_line(message: Message) -> str:
    """Print a message as LOBSTER does."""
    seconds, ns = divmod(message.time_ns, _NS)
    direction = 1 if message.side == "buy" else -1
    return (
        f"{seconds}.{ns:09d},{message.type.value},{message.order_id},"
        f"{message.size},{message.price},{direction}"
    )


def book_line(book: BookSides, depth: int) -> str:
    """Print a book as LOBSTER does."""
    empty = depth - min(len(book.asks), len(book.bids))
    asks = [*book.asks, *[(NOTHING, 0)] * empty][:depth]
    bids = [*book.bids, *[(-NOTHING, 0)] * empty][:depth]
    return ",".join(
        f"{ask},{ask_size},{bid},{bid_size}"
        for (ask, ask_size), (bid, bid_size) in zip(asks, bids, strict=True)
    )
