"""Which kind of recording a file is, told by its first line."""

import re
from pathlib import Path
from typing import Final, NamedTuple

from cse.sandbox.replay.binance import open_text
from cse.sandbox.replay.binance_plan import Binance
from cse.sandbox.replay.lobster import Lobster
from cse.sandbox.replay.runner import Source
from cse.sandbox.replay.steps import ReplayError
from cse.sandbox.venue import BINANCE_MARKET, LOBSTER_MARKET

_BINANCE: Final = re.compile(r"[0-9]{13,} \{")
_LOBSTER: Final = re.compile(r"[0-9.]+,[1-7],")


class Opened(NamedTuple):
    """A recording, and the sandbox's market that its numbers fit."""

    source: Source
    market: str


def open_recording(path: Path, books: Path | None = None, limit: int | None = None) -> Opened:
    """Open a LOBSTER message file (its order book file beside it, or at `books`) or a Binance recording.

    Raises:
        ReplayError: it is neither, or cannot be read.
    """
    first = _first_line(path)
    if _BINANCE.match(first):
        return Opened(Binance(path, limit), BINANCE_MARKET)
    if _LOBSTER.match(first):
        return Opened(Lobster(path, books, limit), LOBSTER_MARKET)
    raise ReplayError(
        f"{path.name} is neither a LOBSTER message file nor a Binance stream recording:"
        f" it begins with {first[:40]!r}"
    )


def _first_line(path: Path) -> str:
    if not path.is_file():
        raise ReplayError(f"no such file: {path}")
    try:
        with open_text(path) as file:
            return file.readline(4_096)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ReplayError(f"{path.name} cannot be read: {error}") from error
