"""Makes snapshots: the making itself, and a schedule that starts a process for it.

The process replays the journal into an engine of its own, so the one that trades never stops for it.
"""

import asyncio
import contextlib
import os
from collections.abc import Sequence
from typing import Final

import msgspec
import structlog

from cse.engine.backend import Choice
from cse.messages.batch import AppliedBatch
from cse.sequencer.ports import JournalReader, Snapshot, SnapshotStore
from cse.sequencer.recovery import Progress, load_engine, recover

EVERY_COMMANDS: Final = 200_000
_NICE: Final = 15
_log = structlog.get_logger(__name__)


class Taken(msgspec.Struct, frozen=True):
    """A snapshot that was made."""

    path: str
    """Empty when there was a good one of this very sequence already."""
    sequence: int
    state_hash: str
    """Hexadecimal."""
    began_with: int
    """The snapshot that it was built from; 0: none."""
    replayed: int
    bad_snapshots: tuple[str, ...]


def take_snapshot(
    journal: JournalReader,
    snapshots: SnapshotStore,
    progress: Progress | None = None,
    choice: Choice = "auto",
) -> Taken:
    """Make a snapshot of the state after the last durable command, beside whoever writes the journal.

    What was written is read back, restored and hashed before it becomes visible.

    Raises:
        JournalDamaged: the journal cannot be read.
        SnapshotDamaged, OSError: it could not be written as it should be; nothing changed.
    """
    last = journal.synced_sequence()
    found = recover(journal, snapshots, until=last, progress=progress, choice=choice)
    engine, path = found.engine, ""
    state_hash = engine.state_hash()
    if found.replayed or not found.snapshot_sequence:
        snapshot = Snapshot(
            venue_id=journal.venue_id,
            sequence=engine.sequence,
            time_ms=engine.time_ms,
            state_hash=state_hash,
            records=engine.snapshot(),
        )
        path = snapshots.save(snapshot, lambda back: load_engine(back, journal.venue_id, choice))
    return Taken(
        path,
        engine.sequence,
        state_hash.hex(),
        found.snapshot_sequence,
        found.replayed,
        found.bad_snapshots,
    )


class SnapshotSchedule:
    """Starts a snapshot process every so many commands; one at a time, at low priority.

    `sequencer.attach(schedule.note)`; a failure is logged with its reason, and the next interval
    tries again: without snapshots a start only takes longer.
    """

    def __init__(self, argv: Sequence[str], every: int = EVERY_COMMANDS, *, last: int = 0) -> None:
        """`argv` is the program that makes one; `last` the sequence of the newest there is."""
        self._argv = tuple(argv)
        self._every = every
        self._last = last
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether one is being made."""
        return self._task is not None and not self._task.done()

    def note(self, applied: AppliedBatch) -> None:
        """Listen to what is applied; starts the process when enough has come together."""
        sequence = applied.last_sequence
        if sequence - self._last >= self._every and not self.busy:
            self._last = sequence
            self._task = asyncio.get_running_loop().create_task(self._run(sequence))

    async def _run(self, sequence: int) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        except OSError as error:
            _log.error("snapshot_not_started", sequence=sequence, reason=str(error))
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):  # ended, or lower already
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        said = output.decode(errors="replace").strip()[-1_000:]
        if process.returncode == 0:
            _log.info("snapshot_made", sequence=sequence, output=said)
        else:
            _log.error("snapshot_failed", sequence=sequence, code=process.returncode, output=said)

    async def close(self) -> None:
        """End a process that is under way; what it had written is no snapshot yet."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
