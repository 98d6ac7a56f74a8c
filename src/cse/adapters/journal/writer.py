"""The journal open for writing: opened, mended where a write was cut short, and then appended to."""

import asyncio
import os
import secrets
from pathlib import Path
from typing import Final, Self

from cse.adapters.journal.appender import (
    UNFINISHED,
    Appender,
    Place,
    PythonAppender,
    begin_segment,
    open_mark,
)
from cse.adapters.journal.disk import Disk
from cse.adapters.journal.examine import Found, examine
from cse.adapters.journal.format import Mark, encode_mark
from cse.adapters.journal.lock import DirectoryLock
from cse.adapters.journal.mark import read_mark
from cse.adapters.journal.native import NativeAppender, NativeCommitter, Opens
from cse.adapters.journal.reader import FileJournalReader
from cse.adapters.journal.segments import segment_path
from cse.sequencer.commit import Committer, CommitThread, Done
from cse.sequencer.ports import Journal, Opening

SEGMENT_BYTES: Final = 64 * 1024 * 1024


class FileJournal(FileJournalReader):
    """The Journal in a folder. Somebody holds a DirectoryLock for as long as this is open."""

    def __init__(
        self,
        folder: Path,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        disk: Disk | None = None,
        lock: DirectoryLock | None = None,
        native: Opens | None = None,
    ) -> None:
        """Open, or begin, the journal in `folder`; an incomplete write at its end is cut off.

        A `lock` that is handed over is let go by `close`. With `native` (`cse_native.JournalAppender`) it
        is appended to in the native module.

        Raises:
            JournalDamaged: it is damaged; nothing was changed.
            OSError: the disk refuses.
        """
        super().__init__(folder)
        self._disk = disk or Disk()
        self._lock = lock
        self._appender: Appender | None = None
        folder.mkdir(parents=True, exist_ok=True)
        found = examine(folder, read_mark(folder))
        removed = self._remove_unfinished()
        try:
            if found is None:
                self._venue_id = secrets.token_bytes(16)
            else:
                self._venue_id = found.venue_id
            end = self._begin() if found is None else self._mend(found)
            place = Place(folder, self._venue_id, segment_bytes, end)
            if native is None:
                self._appender = PythonAppender(place, self._disk)
            else:
                self._appender = NativeAppender(native, place, disk)
        except BaseException:
            self.close()
            raise
        torn, lost = (found.torn, found.lost_after) if found else (None, None)
        self._opening = Opening(end.sequence, torn, lost, removed)

    @property
    def opening(self) -> Opening:
        """What opening found and did."""
        return self._opening

    @property
    def last_sequence(self) -> int:
        """The last durable command."""
        return self._open.last_sequence

    def append(self, frames: bytes) -> None:
        """Write and sync one batch; see the port."""
        self._open.append(frames)

    def committer(self, loop: asyncio.AbstractEventLoop, done: Done) -> Committer:
        """Return what appends for an event loop: without a Python thread where it is native."""
        if isinstance(self._appender, NativeAppender):
            return NativeCommitter(self._appender, loop, done)
        return CommitThread(self, loop, done)

    def close(self) -> None:
        """Close the files; harmless twice."""
        if self._appender is not None:
            self._appender.close()
        if self._lock is not None:
            self._lock.close()

    @property
    def _open(self) -> Appender:
        assert self._appender is not None, "it was opened, or there was an error"
        return self._appender

    def _begin(self) -> Mark:
        """Begin the first segment of a new journal."""
        mark_fd = open_mark(self._folder)
        try:
            nothing = Place(self._folder, self._venue_id, 0, Mark(0, 0, 0, 0))
            fd, end = begin_segment(self._disk, nothing)
            os.close(fd)
            self._disk.write_at(mark_fd, encode_mark(end), 0)
        finally:
            os.close(mark_fd)
        return end

    def _mend(self, found: Found) -> Mark:
        """Cut off what is torn; what is kept of the last segment is synced before it is built upon."""
        path = segment_path(self._folder, found.mark.segment)
        mark_fd = open_mark(self._folder)
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            if found.torn is not None:
                self._disk.truncate(fd, found.mark.end)
            self._disk.sync(fd)
            self._disk.sync_folder(self._folder)
            self._disk.write_at(mark_fd, encode_mark(found.mark), 0)
        finally:
            os.close(fd)
            os.close(mark_fd)
        return found.mark

    def _remove_unfinished(self) -> tuple[str, ...]:
        leftovers = sorted(self._folder.glob(f"*{UNFINISHED}"))
        for path in leftovers:
            self._disk.remove(path)
        return tuple(map(str, leftovers))

    def __enter__(self) -> Self:
        """Use as a context manager: closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


def committer_of(journal: Journal, loop: asyncio.AbstractEventLoop, done: Done) -> Committer:
    """Return the committer that suits a journal; for the Sequencer."""
    if isinstance(journal, FileJournal):
        return journal.committer(loop, done)
    return CommitThread(journal, loop, done)
