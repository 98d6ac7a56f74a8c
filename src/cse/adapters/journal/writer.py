"""The journal open for writing: one write and one sync per batch, segments of bounded size."""

import os
import secrets
from pathlib import Path
from typing import Final, Self

from google_crc32c import extend

from cse.adapters.journal.disk import Disk
from cse.adapters.journal.examine import Found, examine
from cse.adapters.journal.format import (
    MAX_BATCH_BYTES,
    SEGMENT_HEADER_SIZE,
    Mark,
    SegmentHeader,
    encode_batch,
    encode_mark,
    encode_segment_header,
)
from cse.adapters.journal.lock import DirectoryLock
from cse.adapters.journal.mark import NAME, read_mark
from cse.adapters.journal.reader import FileJournalReader
from cse.adapters.journal.segments import segment_path
from cse.sequencer.ports import JournalWriteFailed, Opening

SEGMENT_BYTES: Final = 64 * 1024 * 1024
_UNFINISHED: Final = ".new"


class FileJournal(FileJournalReader):
    """The Journal in a folder. Somebody holds a DirectoryLock for as long as this is open."""

    def __init__(
        self,
        folder: Path,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        disk: Disk | None = None,
        lock: DirectoryLock | None = None,
    ) -> None:
        """Open, or begin, the journal in `folder`; an incomplete write at its end is cut off.

        A `lock` that is handed over is let go by `close`.

        Raises:
            JournalDamaged: it is damaged; nothing was changed.
            OSError: the disk refuses.
        """
        super().__init__(folder)
        self._disk = disk or Disk()
        self._segment_bytes = segment_bytes
        self._lock = lock
        self._failure: OSError | None = None
        self._fd = self._mark_fd = -1
        folder.mkdir(parents=True, exist_ok=True)
        found = examine(folder, read_mark(folder))
        removed = self._remove_unfinished()
        try:
            self._open_mark()
            if found is None:
                self._venue_id = secrets.token_bytes(16)
                self._end = Mark(0, 0, 0, 0)
                self._begin_segment()
                self._set_mark(self._end)
            else:
                self._take_over(found)
        except BaseException:
            self.close()
            raise
        torn, lost = (found.torn, found.lost_after) if found else (None, None)
        self._opening = Opening(self._end.sequence, torn, lost, removed)

    @property
    def opening(self) -> Opening:
        """What opening found and did."""
        return self._opening

    @property
    def last_sequence(self) -> int:
        """The last durable command."""
        return self._end.sequence

    def append(self, frames: bytes) -> None:
        """Write and sync one batch; see the port."""
        if self._failure is not None:
            raise JournalWriteFailed(f"the journal failed earlier: {self._failure}")
        data, first, last = encode_batch(frames)
        assert first == self._end.sequence + 1, f"{first} does not follow {self._end.sequence}"
        assert len(data) <= MAX_BATCH_BYTES, f"a batch of {len(data)} bytes"
        try:
            if self._end.end >= self._segment_bytes:
                self._begin_segment()
            self._disk.write(self._fd, data)
            self._disk.sync(self._fd)
            _, segment, end, crc = self._end
            self._set_mark(Mark(last, segment, end + len(data), extend(crc, data)))
        except OSError as error:
            self._failure = error  # a second sync could report success for pages that were dropped
            raise JournalWriteFailed(f"{self._path()}: {error}") from error

    def close(self) -> None:
        """Close the files; harmless twice."""
        for fd in (self._fd, self._mark_fd):
            if fd >= 0:
                os.close(fd)
        self._fd = self._mark_fd = -1
        if self._lock is not None:
            self._lock.close()

    def _path(self) -> Path:
        return segment_path(self._folder, self._end.segment)

    def _begin_segment(self) -> None:
        """Start the next segment: it appears whole, header included, or not at all."""
        first = self._end.sequence + 1
        path = segment_path(self._folder, first)
        unfinished = path.with_suffix(_UNFINISHED)
        header = encode_segment_header(
            SegmentHeader(self.venue_id, first, self._end.end, self._end.crc)
        )
        fd = self._disk.create(unfinished)
        try:
            self._disk.write(fd, header)
            self._disk.sync(fd)
            self._disk.rename(unfinished, path)
            self._disk.sync_folder(self._folder)
        except BaseException:
            os.close(fd)
            raise
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = fd
        self._end = Mark(first - 1, first, SEGMENT_HEADER_SIZE, extend(0, header))

    def _take_over(self, found: Found) -> None:
        """Go on where the journal ends; what is kept of the last segment is synced first."""
        self._venue_id = found.venue_id
        path = segment_path(self._folder, found.mark.segment)
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        if found.torn is not None:
            self._disk.truncate(self._fd, found.mark.end)
        self._disk.sync(self._fd)
        self._disk.sync_folder(self._folder)
        self._set_mark(found.mark)

    def _open_mark(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._mark_fd = os.open(self._folder / NAME, flags, 0o600)

    def _set_mark(self, mark: Mark) -> None:
        self._disk.write_at(self._mark_fd, encode_mark(mark), 0)
        self._end = mark

    def _remove_unfinished(self) -> tuple[str, ...]:
        leftovers = sorted(self._folder.glob(f"*{_UNFINISHED}"))
        for path in leftovers:
            self._disk.remove(path)
        return tuple(map(str, leftovers))

    def __enter__(self) -> Self:
        """Use as a context manager: closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()
