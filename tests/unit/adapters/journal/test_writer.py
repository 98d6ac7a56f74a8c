"""The file journal when the disk does not do as it is told, when two want to write, and what it keeps in
its files. Damage and kills are proved in tests/simulation, the port in tests/contract/test_journal.py.
"""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cse.adapters.journal.disk import Disk
from cse.adapters.journal.lock import DirectoryLock
from cse.adapters.journal.mark import NAME, read_mark
from cse.adapters.journal.places import open_follower, open_journal, open_reader
from cse.adapters.journal.reader import FileJournalReader
from cse.adapters.journal.segments import list_segments, segment_path
from cse.adapters.journal.writer import FileJournal
from cse.messages.codec import encode_frame
from cse.messages.commands import OpenAccount
from cse.sequencer.ports import (
    JournalDamaged,
    JournalEnded,
    JournalError,
    JournalLocked,
    JournalWriteFailed,
)
from tests.simulation.appenders import APPENDERS, native_of


def frame(sequence: int) -> bytes:
    return encode_frame(OpenAccount(1_000 + sequence, 0), sequence, sequence)


class FailingDisk(Disk):
    """Fails one method, from when it is told to; counts what is asked of it."""

    def __init__(self, method: str, code: int) -> None:
        self.method = method
        self.code = code
        self.armed = False
        self.calls: list[str] = []

    def _call(self, method: str) -> None:
        self.calls.append(method)
        if self.armed and method == self.method:
            raise OSError(self.code, os.strerror(self.code))

    def write(self, fd: int, data: bytes) -> None:
        if self.armed and self.method == "half a write":
            super().write(fd, data[: len(data) // 2])
            raise OSError(self.code, os.strerror(self.code))
        self._call("write")
        super().write(fd, data)

    def sync(self, fd: int) -> None:
        self._call("sync")
        super().sync(fd)

    def write_at(self, fd: int, data: bytes, offset: int) -> None:
        self._call("write_at")
        super().write_at(fd, data, offset)

    def rename(self, source: Path, target: Path) -> None:
        self._call("rename")
        super().rename(source, target)

    def create(self, path: Path) -> int:
        self._call("create")
        return super().create(path)

    def sync_folder(self, folder: Path) -> None:
        self._call("sync_folder")
        super().sync_folder(folder)


@pytest.mark.parametrize("appender", APPENDERS)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize(
    ("method", "segment_bytes", "found"),
    [
        ("write", 10**6, 1),
        ("half a write", 10**6, 2),
        ("sync", 10**6, 3),
        ("write_at", 10**6, 3),
        ("create", 10, 1),
        ("rename", 10, 1),
        ("sync_folder", 10, 1),
    ],
)
def test_after_a_failure_nothing_is_tried_again(
    tmp_path: Path, method: str, segment_bytes: int, found: int, code: int, appender: str
) -> None:
    """A failed write, sync or segment creation ends the journal: the disk is not even asked again, since
    a second sync may report success for pages that are lost. Opening it anew finds all that was
    acknowledged, and of the rest what is whole.
    """
    disk = FailingDisk(method, code)
    native = native_of(appender)
    journal = FileJournal(tmp_path, segment_bytes=segment_bytes, disk=disk, native=native)
    journal.append(frame(1))
    disk.armed = True
    with pytest.raises(JournalWriteFailed, match=os.strerror(code)):
        journal.append(frame(2) + frame(3))
    assert journal.last_sequence == 1
    disk.armed = False
    asked = len(disk.calls)
    with pytest.raises(JournalWriteFailed, match="failed earlier"):
        journal.append(frame(2) + frame(3))
    assert len(disk.calls) == asked
    journal.close()
    with FileJournal(tmp_path) as again:
        assert again.last_sequence == found
        again.append(frame(found + 1))
        assert again.verify().whole


@pytest.mark.parametrize("appender", APPENDERS)
def test_the_mark_never_runs_ahead_of_the_disk(tmp_path: Path, appender: str) -> None:
    """Followers read up to the mark: it moves after the sync, not before."""
    seen: list[int] = []

    class Watching(Disk):
        def sync(self, fd: int) -> None:
            mark = read_mark(tmp_path)
            seen.append(mark.sequence if mark else -1)
            super().sync(fd)

    with FileJournal(tmp_path, disk=Watching(), native=native_of(appender)) as journal:
        for sequence in range(1, 4):
            journal.append(frame(sequence))
            assert journal.synced_sequence() == sequence
    assert seen == [-1, 0, 1, 2]


def test_a_reader_does_not_see_what_is_not_durable(tmp_path: Path) -> None:
    """Neither what was written and not synced, nor does it trip over half of it."""
    with open_journal(tmp_path) as journal:
        journal.append(frame(1))
        tail = open_reader(tmp_path).tail(0)
        with segment_path(tmp_path / "journal", 1).open("ab") as file:
            file.write(frame(2)[:20])
        assert [found.sequence for found in tail.take(10)] == [1]
        assert tail.take(10) == []
        tail.close()


@pytest.mark.parametrize("appender", APPENDERS)
def test_segments_begin_where_the_size_is_reached(tmp_path: Path, appender: str) -> None:
    """Each is named for its first command, and a batch is never divided between two."""
    with FileJournal(tmp_path, segment_bytes=500, native=native_of(appender)) as journal:
        first = 1
        for size in (1, 20, 1, 1, 30, 2):
            journal.append(b"".join(frame(i) for i in range(first, first + size)))
            first += size
        segments = journal.verify().segments
    assert list_segments(tmp_path) == [segment.first_sequence for segment in segments]
    assert [(s.first_sequence, s.last_sequence) for s in segments] == [(1, 21), (22, 53), (54, 55)]


def test_it_goes_on_after_a_restart_without_its_mark(tmp_path: Path) -> None:
    """A power cut may take the mark; the records speak for themselves."""
    with FileJournal(tmp_path) as journal:
        journal.append(frame(1) + frame(2))
    (tmp_path / NAME).unlink()
    assert FileJournalReader(tmp_path).synced_sequence() == 2
    with FileJournal(tmp_path) as journal:
        assert journal.last_sequence == 2
        assert journal.opening.lost_after is None
        journal.append(frame(3))
        assert journal.verify().whole


def test_leftovers_of_a_segment_are_removed_and_reported(tmp_path: Path) -> None:
    """A segment that had no name yet held nothing that counts."""
    with FileJournal(tmp_path) as journal:
        journal.append(frame(1))
    leftover = segment_path(tmp_path, 2).with_suffix(".new")
    leftover.write_bytes(b"half a header")
    with FileJournal(tmp_path) as journal:
        assert journal.opening.removed == (str(leftover),)
    assert not leftover.exists()


def test_a_follower_may_come_before_the_journal(tmp_path: Path) -> None:
    """It finds nothing, until there is something."""
    follower = open_follower(tmp_path, 0)
    assert open_reader(tmp_path).synced_sequence() == 0
    with pytest.raises(JournalError, match="no journal"):
        open_reader(tmp_path).verify()
    follower.start()
    assert follower.poll() == []
    with open_journal(tmp_path) as journal:
        journal.append(frame(1))
        assert [applied.sequence for applied in follower.poll()] == [1]
    follower.close()


def test_a_tail_behind_the_end_says_what_is_missing(tmp_path: Path) -> None:
    """The message names both sequences."""
    with open_journal(tmp_path) as journal:
        journal.append(frame(1))
        with pytest.raises(JournalEnded, match=r"ends with command 1.* 5 was in it"):
            journal.tail(5).take(1)


def test_damage_under_a_reader_is_named(tmp_path: Path) -> None:
    """What a follower cannot read back it reports with file and offset."""
    with FileJournal(tmp_path) as journal:
        journal.append(frame(1) + frame(2))
        path = segment_path(tmp_path, 1)
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        tail = journal.tail(0)
        assert [found.sequence for found in tail.take(10)] == [1]
        with pytest.raises(JournalDamaged, match="at byte") as damage:
            tail.take(10)
        assert damage.value.path == str(path)


@pytest.mark.parametrize("appender", APPENDERS)
def test_verifying_beside_a_writer_finds_it_whole(tmp_path: Path, appender: str) -> None:
    """What is only being written is neither torn nor damaged; over and over, while batches are appended."""
    with FileJournal(tmp_path, segment_bytes=20_000, native=native_of(appender)) as journal:
        stop = threading.Event()

        def write() -> None:
            while not stop.is_set():
                first = journal.last_sequence + 1
                journal.append(b"".join(frame(i) for i in range(first, first + 50)))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for _ in range(30):
                check = FileJournalReader(tmp_path).verify()
                assert (check.damage, check.torn, check.lost_after) == (None, None, None)
        finally:
            stop.set()
            writer.join()


_HOLD = """
import sys
import threading
from pathlib import Path
from cse.adapters.journal.places import open_journal
with open_journal(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_second_exchange_is_refused_by_the_first_ones_process_id(tmp_path: Path) -> None:
    """From another process; and when that one is killed the lock is free without anybody's help."""
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == b"open\n"
    with pytest.raises(JournalLocked, match=rf"another exchange \(process {holder.pid}\)"):
        open_journal(tmp_path)
    holder.kill()
    holder.wait()
    holder.stdout.close()
    holder.stdin.close()
    with open_journal(tmp_path), pytest.raises(JournalLocked, match=str(os.getpid())):
        DirectoryLock(tmp_path)
    DirectoryLock(tmp_path).close()
