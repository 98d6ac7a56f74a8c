"""A journal and snapshots in memory: no disk, and failures on demand. For tests of their users."""

import threading
from collections.abc import Callable

from cse.messages.codec import Frame, decode_frames, encode_frame
from cse.sequencer.ports import (
    JournalCheck,
    JournalEnded,
    JournalWriteFailed,
    Opening,
    SegmentCheck,
    Snapshot,
    SnapshotDamaged,
)


class MemoryJournal:
    """The Journal, kept in a list. `gate` closed holds appends back; `fail_with` makes the next fail."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.frames: list[Frame] = []
        self.venue_id = bytes(range(16))
        self.gate = threading.Event()
        self.gate.set()
        self.appends = 0
        self.fail_with: Exception | None = None
        self.closed = False

    @property
    def opening(self) -> Opening:
        return Opening(self.last_sequence)

    @property
    def last_sequence(self) -> int:
        return len(self.frames)

    def synced_sequence(self) -> int:
        return len(self.frames)

    def append(self, frames: bytes) -> None:
        self.appends += 1
        self.gate.wait()
        if self.fail_with is not None:
            raise JournalWriteFailed(str(self.fail_with)) from self.fail_with
        decoded = list(decode_frames(frames))
        assert [frame.sequence for frame in decoded] == list(
            range(self.last_sequence + 1, self.last_sequence + 1 + len(decoded))
        )
        self.batches.append(len(decoded))
        self.frames += decoded

    def tail(self, after: int) -> "MemoryTail":
        return MemoryTail(self, after)

    def verify(self) -> JournalCheck:
        last = self.last_sequence
        times = [frame.time_ms for frame in self.frames] or [0]
        segment = SegmentCheck("memory", 1, last, 0)
        venue = self.venue_id.hex()
        return JournalCheck(venue, [segment], last, 1, last, last, times[0], times[-1])

    def close(self) -> None:
        self.closed = True


class MemoryTail:
    """A place in a MemoryJournal."""

    def __init__(self, journal: MemoryJournal, after: int) -> None:
        self._journal = journal
        self._after = after

    def take(self, limit: int) -> list[Frame]:
        if self._after > self._journal.last_sequence:
            raise JournalEnded(f"the journal ends before {self._after}")
        frames = self._journal.frames[self._after : self._after + limit]
        self._after += len(frames)
        return frames

    def take_frames(self, limit: int) -> bytes:
        return b"".join(
            encode_frame(frame.message, frame.sequence, frame.time_ms) for frame in self.take(limit)
        )

    def close(self) -> None:
        """Nothing is open."""


class MemorySnapshots:
    """The SnapshotStore, kept in a dictionary; `damaged` names those that are not whole."""

    def __init__(self) -> None:
        self.kept: dict[int, Snapshot] = {}
        self.damaged: set[int] = set()

    def sequences(self) -> list[int]:
        return sorted(self.kept, reverse=True)

    def load(self, sequence: int) -> Snapshot:
        if sequence in self.damaged or sequence not in self.kept:
            raise SnapshotDamaged(f"snapshot {sequence} is not whole")
        return self.kept[sequence]

    def state_hash(self, sequence: int) -> bytes:
        return self.load(sequence).state_hash

    def save(self, snapshot: Snapshot, check: Callable[[Snapshot], object]) -> str:
        whole = Snapshot(
            snapshot.venue_id,
            snapshot.sequence,
            snapshot.time_ms,
            snapshot.state_hash,
            list(snapshot.records),
        )
        check(whole)
        self.kept[snapshot.sequence] = whole
        return f"memory:{snapshot.sequence}"
