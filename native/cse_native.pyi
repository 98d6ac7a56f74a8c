"""The native engine: the same state machine as cse.engine, byte for byte. cse.engine.backend is its only user."""

from collections.abc import Sequence
from pathlib import Path
from typing import final

__all__ = [
    "CODEC_VERSION",
    "LAYOUT_HASH",
    "VERSION",
    "CodecError",
    "Engine",
    "JournalAppender",
    "SequenceError",
    "check_batch",
    "count_commands",
    "own_events",
    "seal",
    "strip_records",
]

VERSION: str
"""The crate's version."""
CODEC_VERSION: int
"""The codec version that it reads and writes."""
LAYOUT_HASH: bytes
"""Fingerprint of the message definitions that it was built from (cse.messages.layout)."""

class CodecError(ValueError):
    """Bytes that are no frames of the kind that is asked for, or records that contradict each other."""

class SequenceError(ValueError):
    """Commands that do not follow the last one that was applied, one by one, or go back in time."""

@final
class Engine:
    """One venue. Calls of several threads take turns; the GIL is released meanwhile.

    After a panic, which is a bug, the state is unknown: that call and every later one raises RuntimeError.
    """

    def __new__(cls) -> Engine:
        """Begin as an empty venue."""

    @staticmethod
    def restore(records: bytes, /) -> Engine:
        """Return an engine with the state of these record frames, given in canonical order.

        Raises CodecError: they are no records, contradict each other, are incomplete or out of order.
        """

    @property
    def sequence(self) -> int:
        """The last command that was applied; 0 for a new venue."""

    @property
    def time_ms(self) -> int:
        """The time of the last command."""

    def apply_batch(self, frames: bytes, /) -> bytes:
        """Apply command frames with their sequences and times; return the frames of what happened.

        The whole input is checked before anything is applied. Raises CodecError and SequenceError; then
        nothing has changed.
        """

    def replay(self, frames: bytes, /) -> None:
        """As apply_batch, for whoever needs no events."""

    def snapshot(self) -> bytes:
        """Return the whole state as record frames in canonical order, sequence, time and index 0."""

    def state_hash(self) -> bytes:
        """Return BLAKE2b-256 over the bytes of `snapshot`."""

    def next_tick_at(self) -> int | None:
        """Return when a Tick is due next (Unix ms; the past: at once), None when nothing waits for time."""

    def depth(
        self, market_id: int, limit: int, /
    ) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]] | None:
        """Return the best levels of both sides (bids, asks), at most `limit` each: price, lots, orders.

        None where there is no such market.
        """

    def balances(self, account_id: int, /) -> bytes:
        """Return an account's BalanceRecord frames, by asset; nothing for an unknown account."""

    def orders(self, account_id: int, /) -> bytes:
        """Return an account's OrderRecord frames, by id; nothing for an unknown account."""

@final
class JournalAppender:
    """Appends batches to a journal that is open, in a thread of its own. Of one thread at a time."""

    def __new__(
        cls,
        folder: Path,
        venue_id: bytes,
        segment_bytes: int,
        end: tuple[int, int, int, int],
        disk: object | None = None,
    ) -> JournalAppender:
        """Go on at `end` (a cse.adapters.journal.format.Mark) in the files of `folder`, which are in order.

        `disk` (a cse.adapters.journal.disk.Disk) is for tests; without it the system is called directly.
        Raises OSError.
        """

    @property
    def last_sequence(self) -> int:
        """The last durable command."""

    def hand(self, frames: bytes, /) -> None:
        """Give it the next batch of command frames; it comes back from `take` or `wait`, in order."""

    def take(self) -> list[BaseException | None]:
        """Return, without waiting, how it went with the batches that have come back; None: it is durable.

        AssertionError: they are no frames that follow the last one; nothing was done. OSError (with errno
        and file), or what `disk` raised: the disk failed. RuntimeError: it had failed before, or is closed.
        """

    def wait(self) -> BaseException | None:
        """Wait for the next batch to come back, and return how it went, as `take` does."""

    def fileno(self) -> int:
        """Return a descriptor that is readable while batches have come back (and rarely when none have)."""

    def close(self) -> None:
        """End the thread after what it was given, and close the files."""

def count_commands(frames: bytes, /) -> int:
    """Return how many commands lie in `frames`, which are checked one by one.

    Raises CodecError: these are not whole command frames, or none, or one has a sequence or time already.
    """

def seal(frames: bytes, first_sequence: int, time_ms: int, /) -> bytes:
    """Return frames that were checked with consecutive sequences and one time in their headers."""

def check_batch(frames: bytes, account_id: int, count: int, /) -> tuple[int, int]:
    """Return (0, 0) if `frames` are exactly `count` unnumbered commands that this account may submit.

    Else the number of a SessionError, and which command it is about, from 0.
    """

def own_events(
    events: bytes, accounts: Sequence[int], owner: int, /
) -> dict[int, tuple[bytes, int]]:
    """Return the event frames that each of these accounts may see, and how many; those with none are left out.

    Trades become fills of the account's own side; refusals go to `owner` alone (0: to nobody).
    Raises CodecError: `events` are no whole frames.
    """

def strip_records(
    data: bytes, at: int, limit: int, sequence: int, time_ms: int, /
) -> tuple[bytes, int, int, int]:
    """Take the frames out of whole journal records: frames, how many, the place behind them, last time.

    It ends before the first record that is cut off, damaged, skips a sequence or goes back in time.
    """
