"""Ports of the sequencer: where sequenced commands are kept, and where snapshots are.

Implemented in adapters.journal. Errors that mean "this must not go on" are told apart from what an
opening found and mended, which is data (`Opening`).
"""

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from cse.core.errors import CseError
from cse.messages.codec import Frame
from cse.messages.wire import Record


class JournalError(CseError):
    """The journal cannot be used as it is."""


class JournalDamaged(JournalError):
    """A record or a file is not what was once written. Names the file and the byte offset."""

    def __init__(self, path: str, offset: int, reason: str) -> None:
        """Take where it is and what is wrong with it."""
        super().__init__(f"{path}: damaged at byte {offset}: {reason}")
        self.path = path
        self.offset = offset
        self.reason = reason


class JournalLocked(JournalError):
    """Another process writes this journal."""


class JournalWriteFailed(JournalError):
    """A write or a sync failed (disk full, I/O error): nothing more is taken until it is opened anew.

    Whether the batch at hand reached the disk is not known before that.
    """


class JournalEnded(JournalError):
    """The journal holds less than somebody has already seen of it."""


class SnapshotDamaged(CseError):
    """A snapshot file is not whole, or not what it claims to be; older ones or the journal serve."""


class TornTail(msgspec.Struct, frozen=True):
    """An incomplete write at the end of the journal, cut back to the last whole record."""

    path: str
    offset: int
    """Where the last whole record ends; the file ends here now."""
    bytes_cut: int
    reason: str


class Opening(msgspec.Struct, frozen=True):
    """What opening a journal for writing found and did."""

    last_sequence: int
    torn: TornTail | None = None
    lost_after: int | None = None
    """Set when commands up to this sequence had been durable once and are missing at the end: not the
    work of a crash, but of somebody or something that shortened the file."""
    removed: tuple[str, ...] = ()
    """Leftovers of an interrupted segment creation."""


class SegmentCheck(msgspec.Struct, frozen=True):
    """One segment file as a walk found it."""

    path: str
    first_sequence: int
    last_sequence: int
    """`first_sequence` - 1 when it holds no record."""
    size: int


class JournalCheck(msgspec.Struct, frozen=True):
    """What a walk over a whole journal found."""

    venue_id: str
    segments: list[SegmentCheck]
    records: int
    first_sequence: int
    last_sequence: int
    synced_sequence: int
    """What the journal says of itself to be durable; behind the end while it is being written."""
    first_time_ms: int
    last_time_ms: int
    torn: TornTail | None = None
    """An incomplete write at the end (the next start cuts it; nothing was cut now)."""
    damage: str | None = None
    """The first damage with file and byte offset; nothing behind it was looked at."""
    lost_after: int | None = None
    """As in `Opening`."""

    @property
    def whole(self) -> bool:
        """Whether every record is there; an incomplete write at the end was never acknowledged."""
        return self.damage is None and self.lost_after is None


class Tail(Protocol):
    """A place in the journal that moves on as the journal grows."""

    def take(self, limit: int) -> list[Frame]:
        """Return the next durable commands, at most `limit`; empty when there are none yet.

        Raises:
            JournalDamaged: a durable record cannot be read back.
            JournalEnded: the journal is shorter than this place.
        """
        ...

    def take_frames(self, limit: int) -> bytes:
        """Return the next durable commands as frames, one after the other; none yet: nothing.

        At most `limit`, and fewer where that is quicker. Their checksums, sequences and times were
        checked, their fields are the engine's to check.

        Raises:
            JournalDamaged, JournalEnded: as `take`.
        """
        ...

    def close(self) -> None:
        """Give up what it holds open."""
        ...


class JournalReader(Protocol):
    """Reads a journal, also one that another process is writing. Sees durable commands only."""

    @property
    def venue_id(self) -> bytes:
        """Return the 16 bytes that name the venue whose journal this is."""
        ...

    def synced_sequence(self) -> int:
        """Return the last durable command's sequence; cheap enough to ask many times a second."""
        ...

    def tail(self, after: int) -> Tail:
        """Return a place right behind command `after` (0: at the very first)."""
        ...

    def verify(self) -> JournalCheck:
        """Walk over everything; damage is reported, not raised."""
        ...


class Journal(JournalReader, Protocol):
    """A journal open for writing; at most one in the world for each journal."""

    @property
    def opening(self) -> Opening:
        """Return what opening it found and did."""
        ...

    @property
    def last_sequence(self) -> int:
        """Return the sequence of the last command that is durable; 0 for an empty journal."""
        ...

    def append(self, frames: bytes) -> None:
        """Make one batch of command frames durable; it is when this returns. Blocks.

        The frames stand one after the other; their sequences go on from `last_sequence` without a
        gap. Called from one thread at a time.

        Raises:
            JournalWriteFailed: it may or may not be durable; every later call raises this too.
        """
        ...

    def close(self) -> None:
        """Let another process write. What was appended is durable already."""
        ...


class Snapshot(msgspec.Struct, frozen=True):
    """A state as a snapshot file holds it."""

    venue_id: bytes
    sequence: int
    time_ms: int
    state_hash: bytes
    records: Iterable[Record]
    """Canonical order; decoded while it is gone through, once."""


class SnapshotStore(Protocol):
    """Where snapshots are kept, newest to be found first."""

    def sequences(self) -> list[int]:
        """Return the sequences of all snapshots, newest first, without looking inside."""
        ...

    def load(self, sequence: int) -> Snapshot:
        """Open one snapshot; its bytes are checked before this returns.

        Raises:
            SnapshotDamaged: it is not whole, or gone.
        """
        ...

    def state_hash(self, sequence: int) -> bytes:
        """Return the state hash that a snapshot claims, without reading its records.

        Raises:
            SnapshotDamaged: it is not whole, or gone.
        """
        ...

    def save(self, snapshot: Snapshot, check: Callable[[Snapshot], object]) -> str:
        """Write a snapshot durably, all or nothing, and return where it is.

        `check` gets what was read back from the disk, before others can see it; what it raises means
        that nothing is kept.

        Raises:
            OSError: it could not be written; nothing changed.
        """
        ...
