"""The program that crash tests kill: journal, engine and sequencer with a client that notes every answer.

It runs in processes of its own, forked from a server that has everything imported. Its disk counts the
boundaries of every write, sync, rename and the like, and can end the process at any of them.
"""

import asyncio
import os
import resource
import signal
from collections.abc import Iterator
from itertools import cycle
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from cse.adapters.journal.disk import Disk
from cse.adapters.journal.lock import DirectoryLock
from cse.adapters.journal.places import open_reader
from cse.adapters.journal.snapshots import FileSnapshots
from cse.adapters.journal.writer import FileJournal, committer_of
from cse.core.errors import OutcomeUnknown, Unavailable
from cse.messages.batch import Outcome
from cse.messages.wire import Command
from cse.sequencer.recovery import recover
from cse.sequencer.sequencer import Machinery, Sequencer
from cse.sequencer.snapshotting import take_snapshot
from tests.simulation.appenders import native_of
from tests.simulation.flow import SetClock, commands

GROUPS = (1, 4, 1, 9, 2)
"""How many commands the client hands in at once, in turn."""


class Plan(NamedTuple):
    """What one run does."""

    data_dir: Path
    count: int
    kill_at: int = 0
    """The boundary to die at; 0: none."""
    segment_bytes: int = 1_500
    snapshot_every: int = 25
    file_limit: int = 0
    """Bytes that a file may have (RLIMIT_FSIZE); 0: no limit."""
    seed: int = 11
    appender: str = "python"
    own_disk: bool = True
    """Whether the journal's disk is the counting one; else the appender's own, which dies at no boundary."""


class Note(NamedTuple):
    """What a run tells its parent, at once when it happens."""

    kind: str
    """opened, handed, acknowledged, failed, boundary or done."""
    sequence: int = 0
    text: str = ""


class KillingDisk(Disk):
    """The real disk, counting boundaries; the process dies at one of them."""

    def __init__(self, kill_at: int) -> None:
        self.passed = 0
        self._kill_at = kill_at

    def _boundary(self) -> bool:
        self.passed += 1
        return self.passed == self._kill_at

    def _pass(self) -> None:
        if self._boundary():
            die()

    def create(self, path: Path) -> int:
        self._pass()
        fd = super().create(path)
        self._pass()
        return fd

    def write(self, fd: int, data: bytes) -> None:
        self._pass()
        for part in (1, len(data) // 2, len(data) - 1):
            if self._boundary():
                super().write(fd, data[:part])
                die()
        super().write(fd, data)
        self._pass()

    def sync(self, fd: int) -> None:
        self._pass()
        super().sync(fd)
        self._pass()

    def write_at(self, fd: int, data: bytes, offset: int) -> None:
        self._pass()
        if self._boundary():
            super().write_at(fd, data[: len(data) // 2], offset)
            die()
        super().write_at(fd, data, offset)
        self._pass()

    def truncate(self, fd: int, size: int) -> None:
        self._pass()
        super().truncate(fd, size)
        self._pass()

    def rename(self, source: Path, target: Path) -> None:
        self._pass()
        super().rename(source, target)
        self._pass()

    def remove(self, path: Path) -> None:
        self._pass()
        super().remove(path)
        self._pass()

    def sync_folder(self, folder: Path) -> None:
        self._pass()
        super().sync_folder(folder)
        self._pass()


def die() -> None:
    """End this process as a crash does: nothing is flushed, closed or said."""
    os.kill(os.getpid(), signal.SIGKILL)


def run(plan: Plan, parent: Connection) -> None:
    """Bring the venue to `plan.count` commands, from wherever the last run left it."""
    if plan.file_limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (plan.file_limit, plan.file_limit))
    disk = KillingDisk(plan.kill_at)
    with _opened(plan, disk if plan.own_disk else None) as journal:
        snapshots = FileSnapshots(plan.data_dir / "snapshots", disk)
        found = recover(journal, snapshots)
        parent.send(Note("opened", journal.last_sequence, str(found.bad_snapshots or "")))

        async def trade() -> None:
            sequencer = Sequencer(
                found.engine, journal, SetClock(), machinery=Machinery(committer=committer_of)
            )
            await _Client(plan, sequencer, parent, disk).go(journal.last_sequence)
            await sequencer.close()
            parent.send(Note("done", disk.passed, sequencer.state_hash().hex()))

        asyncio.run(trade())


def _opened(plan: Plan, disk: Disk | None) -> FileJournal:
    lock = DirectoryLock(plan.data_dir)
    return FileJournal(
        plan.data_dir / "journal",
        segment_bytes=plan.segment_bytes,
        disk=disk,
        lock=lock,
        native=native_of(plan.appender),
    )


class _Client:
    """Hands in the flow, two groups at a time, and notes each answer when it comes."""

    def __init__(self, plan: Plan, sequencer: Sequencer, parent: Connection, disk: Disk) -> None:
        self._plan = plan
        self._sequencer = sequencer
        self._parent = parent
        self._disk = disk
        self._open = 0
        self._failed = False
        self._quiet = asyncio.Event()

    async def go(self, begin: int) -> None:
        groups = self._groups(commands(self._plan.seed, self._plan.count)[begin:])
        snapshot_at = self._next_snapshot(begin)
        for number, group in enumerate(groups):
            self._hand(group)
            if number % 2 == 0:
                await asyncio.sleep(0)  # sealed now: the next group gathers meanwhile
                continue
            await self._answers()
            if self._failed:
                return
            if self._sequencer.status.sequence >= snapshot_at:
                self._snapshot()
                snapshot_at = self._next_snapshot(self._sequencer.status.sequence)
        await self._answers()

    def _groups(self, flow: list[Command]) -> Iterator[list[Command]]:
        sizes = cycle(GROUPS)
        while flow:
            size = next(sizes)
            yield flow[:size]
            flow = flow[size:]

    def _next_snapshot(self, sequence: int) -> int:
        every = self._plan.snapshot_every
        return (sequence // every + 1) * every

    def _snapshot(self) -> None:
        folder = self._plan.data_dir / "snapshots"
        take_snapshot(open_reader(self._plan.data_dir), FileSnapshots(folder, self._disk))

    def _hand(self, group: list[Command]) -> None:
        for command in group:
            self._open += 1
            self._quiet.clear()
            try:
                self._sequencer.submit_to(self, [command])
            except Unavailable as error:
                self.set_exception(error)

    async def _answers(self) -> None:
        if self._open:
            await self._quiet.wait()

    def done(self) -> bool:
        return False

    def set_result(self, outcome: Outcome, /) -> None:
        self._parent.send(Note("acknowledged", outcome.first_sequence))
        self._close()

    def set_exception(self, error: BaseException, /) -> None:
        assert isinstance(error, Unavailable | OutcomeUnknown)
        self._failed = True
        self._parent.send(Note("failed", 0, f"{type(error).__name__}: {error}"))
        self._close()

    def _close(self) -> None:
        self._open -= 1
        if not self._open:
            self._quiet.set()
