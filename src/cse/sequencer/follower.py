"""An engine replica that follows the journal from another process: every command with its events.

    follower = Follower(journal, snapshots, position)      # or adapters.journal.open_follower(...)
    catalog.load(follower.start())                         # the state as of `position`
    async for batch in follower.batches():                 # what comes after it, without gaps
        ...

It needs nothing but the files, holds one state and one batch in memory, and waits where there is nothing
new. Where it passes a snapshot's sequence it compares its own state hash with the snapshot's.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final

import structlog

from cse.core.errors import CseError
from cse.engine.backend import Choice, Engine
from cse.messages.batch import applied_of
from cse.messages.events import Applied
from cse.messages.wire import Record
from cse.sequencer.ports import JournalReader, SnapshotDamaged, SnapshotStore, Tail
from cse.sequencer.recovery import Progress, named_damage, recover

BATCH: Final = 1_000
_POLL_S: Final = 0.005
_log = structlog.get_logger(__name__)


class ReplicaDiverged(CseError):
    """Two engines made different states out of the same commands: nothing may be built on either."""


class Follower:
    """Follows a journal from right behind command `position` on."""

    def __init__(
        self,
        journal: JournalReader,
        snapshots: SnapshotStore,
        position: int,
        *,
        poll_s: float = _POLL_S,
        choice: Choice = "auto",
    ) -> None:
        """Take what to follow, from where and with which engine; nothing is read before `start`."""
        self._journal = journal
        self._snapshots = snapshots
        self._position = position
        self._poll_s = poll_s
        self._choice: Choice = choice
        self._engine: Engine | None = None
        self._tail: Tail | None = None

    @property
    def sequence(self) -> int:
        """The last command that was handed out (at first: the position it was given)."""
        return self._engine.sequence if self._engine else self._position

    def journal_sequence(self) -> int:
        """Return the last durable command of the journal: how far there is to go."""
        return self._journal.synced_sequence()

    def start(self, progress: Progress | None = None) -> Iterable[Record]:
        """Bring the replica to `position` and return the state there, for catalogs and the like.

        Blocks while replaying from the newest snapshot at or before the position, else from the
        first command on.

        Raises:
            JournalEnded: the journal holds less than `position`.
            JournalDamaged: it cannot be read.
            EngineUnusable: the native engine is of another version, or demanded and not there.
        """
        if self._engine is None:
            found = recover(
                self._journal,
                self._snapshots,
                until=self._position,
                progress=progress,
                choice=self._choice,
            )
            self._engine = found.engine
            self._tail = self._journal.tail(self._position)
        return self._engine.records()

    def poll(self, limit: int = BATCH) -> list[Applied]:
        """Return what is new, at most `limit` commands with their events; empty when nothing is.

        Raises:
            ReplicaDiverged: the state is not the one that a snapshot at this sequence holds.
            JournalDamaged, JournalEnded: as in the port.
        """
        if self._engine is None or self._tail is None:
            raise RuntimeError("start() comes first")
        engine, after = self._engine, self._engine.sequence
        checkpoint = min((s for s in self._snapshots.sequences() if s > after), default=None)
        if checkpoint is not None:
            limit = min(limit, checkpoint - after)
        frames = self._tail.take_frames(limit)
        if not frames:
            return []
        with named_damage(self._journal, after):
            events = engine.apply_batch(frames)
        if engine.sequence == checkpoint:
            self._compare(engine)
        return applied_of(frames, events)

    def _compare(self, engine: Engine) -> None:
        try:
            expected = self._snapshots.state_hash(engine.sequence)
        except SnapshotDamaged as error:
            _log.warning("snapshot_not_compared", sequence=engine.sequence, reason=str(error))
            return
        if engine.state_hash() != expected:
            raise ReplicaDiverged(
                f"after command {engine.sequence} this replica's state is not the one in the"
                f" snapshot ({expected.hex()})"
            )

    async def batches(self, limit: int = BATCH) -> AsyncIterator[list[Applied]]:
        """Yield what is new as it comes, for ever; never an empty list. Raises what `poll` raises."""
        while True:
            if batch := self.poll(limit):
                yield batch
                await asyncio.sleep(0)
            else:
                await asyncio.sleep(self._poll_s)

    def catch_up(self, limit: int = BATCH) -> Iterator[list[Applied]]:
        """Yield what is there by now, and end."""
        while batch := self.poll(limit):
            yield batch

    def close(self) -> None:
        """Close the files."""
        if self._tail is not None:
            self._tail.close()
            self._tail = None
