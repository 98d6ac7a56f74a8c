"""The native appender beside the Python one: the same bytes in the same files, the same calls of the disk in
the same order; and its committer, which tells an event loop how it went.

That it behaves as the port says, survives kills and power cuts and gives up after a failure is proved by the
suites of both appenders: tests/contract/test_journal.py, tests/simulation and test_writer.py.
"""

import asyncio
import errno
import os
import random
import secrets
from pathlib import Path

import pytest

from cse.adapters.journal.disk import Disk
from cse.adapters.journal.native import NativeAppender, NativeCommitter
from cse.adapters.journal.writer import FileJournal, committer_of
from cse.messages.codec import encode_frame
from cse.sequencer.commit import Batch, CommitThread
from cse.sequencer.ports import JournalWriteFailed
from tests.simulation.appenders import APPENDERS, native_of
from tests.simulation.flow import START_MS, commands
from tests.simulation.memory import MemoryJournal

FLOW = commands(seed=9, count=1_500)


def frames(first: int, count: int) -> bytes:
    numbers = range(first, first + count)
    return b"".join(encode_frame(FLOW[i - 1], i, START_MS + i) for i in numbers)


class Noting(Disk):
    """Notes what is asked of it, without descriptors, which differ; one sync may fail."""

    def __init__(self, fail_sync: int = 0) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.syncs = 0
        self._fail_sync = fail_sync

    def create(self, path: Path) -> int:
        self.asked.append(("create", path.name))
        return super().create(path)

    def write(self, fd: int, data: bytes) -> None:
        self.asked.append(("write", data))
        super().write(fd, data)

    def sync(self, fd: int) -> None:
        self.asked.append(("sync", os.fstat(fd).st_size))
        self.syncs += 1
        if self.syncs == self._fail_sync:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().sync(fd)

    def write_at(self, fd: int, data: bytes, offset: int) -> None:
        self.asked.append(("write_at", data, offset))
        super().write_at(fd, data, offset)

    def rename(self, source: Path, target: Path) -> None:
        self.asked.append(("rename", source.name, target.name))
        super().rename(source, target)

    def sync_folder(self, folder: Path) -> None:
        self.asked.append(("sync_folder",))
        super().sync_folder(folder)


def write(folder: Path, appender: str, disk: Disk | None) -> dict[str, bytes]:
    """The files of a journal after the same batches, over several segments and a restart."""
    chance = random.Random(8)
    first = 1
    while first < 1_200:
        with FileJournal(
            folder, segment_bytes=9_000, disk=disk, native=native_of(appender)
        ) as journal:
            for _ in range(20):
                size = chance.choice((1, 1, 2, 7, 40))
                journal.append(frames(first, size))
                first += size
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_both_write_the_same_bytes_with_the_same_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Segments, headers and mark are equal byte by byte, also on the native appender's own disk, and so is
    every call of the disk: each is a point where the fault tests of one reach the other.
    """
    monkeypatch.setattr(secrets, "token_bytes", lambda size: bytes(range(size)))
    python, native = Noting(), Noting()
    expected = write(tmp_path / "python", "python", python)
    assert len(expected) > 5
    assert write(tmp_path / "native", "native", native) == expected
    assert native.asked == python.asked
    assert write(tmp_path / "own disk", "native", None) == expected


class Watcher:
    """What a committer told, and when it is all there."""

    def __init__(self) -> None:
        self.told: list[tuple[int, Exception | None]] = []
        self.expected = 0
        self.complete = asyncio.Event()

    def __call__(self, batch: Batch, error: Exception | None) -> None:
        self.told.append((batch.first_sequence, error))
        if len(self.told) == self.expected:
            self.complete.set()

    async def wait_for(self, expected: int) -> None:
        self.expected = expected
        self.complete.clear()
        if len(self.told) < expected:
            await self.complete.wait()


@pytest.mark.parametrize("appender", APPENDERS)
async def test_the_loop_is_told_of_every_batch_in_order(tmp_path: Path, appender: str) -> None:
    """Also of those that were handed over while others were under way, and never within `hand`."""
    watcher = Watcher()
    with FileJournal(tmp_path, segment_bytes=2_000, native=native_of(appender)) as journal:
        committer = committer_of(journal, asyncio.get_running_loop(), watcher)
        for first in range(1, 200, 5):
            committer.hand(Batch(first, [], frames(first, 5)))
        assert watcher.told == []
        await watcher.wait_for(40)
        assert watcher.told == [(first, None) for first in range(1, 200, 5)]
        assert journal.last_sequence == journal.synced_sequence() == 200
        committer.close()


async def test_closing_waits_for_what_is_under_way(tmp_path: Path) -> None:
    """Nothing is lost: the loop is told after that. The journal can be appended to still."""
    watcher = Watcher()
    with FileJournal(tmp_path, native=native_of("native")) as journal:
        committer = committer_of(journal, asyncio.get_running_loop(), watcher)
        assert isinstance(committer, NativeCommitter)
        committer.hand(Batch(1, [], frames(1, 3)))
        committer.hand(Batch(4, [], frames(4, 3)))
        committer.close()
        committer.close()
        assert journal.last_sequence == 6
        await watcher.wait_for(2)
        assert watcher.told == [(1, None), (4, None)]
        journal.append(frames(7, 1))
        assert journal.verify().whole


@pytest.mark.parametrize("appender", APPENDERS)
async def test_a_failing_disk_ends_all_that_was_handed_over(tmp_path: Path, appender: str) -> None:
    """The batch at hand and those behind it come back with an error, and the disk is not asked again."""
    watcher, disk = Watcher(), Noting(fail_sync=3)
    with FileJournal(tmp_path, disk=disk, native=native_of(appender)) as journal:
        committer = committer_of(journal, asyncio.get_running_loop(), watcher)
        committer.hand(Batch(1, [], frames(1, 1)))
        await watcher.wait_for(1)
        for first in (2, 3, 4):
            committer.hand(Batch(first, [], frames(first, 1)))
        await watcher.wait_for(4)
        assert [first for first, error in watcher.told if error is None] == [1]
        assert all(isinstance(error, JournalWriteFailed) for _, error in watcher.told[1:])
        assert "Input/output error" in str(watcher.told[1][1])
        assert (disk.syncs, journal.last_sequence) == (3, 1)
        committer.close()


async def test_a_batch_that_was_not_taken_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where handing over raises, the caller knows; closing does not wait for what will never come back."""

    def raises(*_: object) -> None:
        raise RuntimeError("nothing was taken")

    watcher = Watcher()
    with FileJournal(tmp_path, native=native_of("native")) as journal:
        committer = committer_of(journal, asyncio.get_running_loop(), watcher)
        with monkeypatch.context() as patch:
            patch.setattr(NativeAppender, "hand", raises)
            with pytest.raises(RuntimeError, match="nothing was taken"):
                committer.hand(Batch(1, [], frames(1, 1)))
        committer.hand(Batch(1, [], frames(1, 1)))
        committer.close()
        await watcher.wait_for(1)
        assert watcher.told == [(1, None)]


async def test_any_other_journal_gets_a_thread() -> None:
    """One in memory, say: only the native appender needs none."""
    committer = committer_of(MemoryJournal(), asyncio.get_running_loop(), Watcher())
    assert isinstance(committer, CommitThread)
    committer.close()


def test_an_error_of_the_native_disk_says_number_and_file(tmp_path: Path) -> None:
    """Without a disk of Python's: the system's own error, as an OSError with its number and the segment."""
    with FileJournal(tmp_path, segment_bytes=1, native=native_of("native")) as journal:
        (tmp_path / "00000000000000000001.new").mkdir()
        with pytest.raises(JournalWriteFailed, match=r"0001\.seg") as failed:
            journal.append(frames(1, 1))
    cause = failed.value.__cause__
    assert isinstance(cause, OSError)
    assert cause.errno == errno.EEXIST
