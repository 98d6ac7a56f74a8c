"""Appending to a journal's files: one write and one sync per batch, segments of bounded size.

`PythonAppender` is the specification; native.py has the same in a thread of the native module, with the
same bytes and the same calls of the disk in the same order.
"""

import os
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from google_crc32c import extend

from cse.adapters.journal.disk import Disk
from cse.adapters.journal.format import (
    MAX_BATCH_BYTES,
    SEGMENT_HEADER_SIZE,
    Mark,
    SegmentHeader,
    encode_batch,
    encode_mark,
    encode_segment_header,
)
from cse.adapters.journal.mark import NAME
from cse.adapters.journal.segments import segment_path
from cse.sequencer.ports import JournalWriteFailed

UNFINISHED: Final = ".new"


class Place(NamedTuple):
    """Where a journal is and how it goes on."""

    folder: Path
    venue_id: bytes
    segment_bytes: int
    """The size from which on the next batch begins a segment of its own."""
    end: Mark
    """Behind the last whole record."""


class Appender(Protocol):
    """Appends to a journal whose files are in order; the files are its own until it is closed."""

    @property
    def last_sequence(self) -> int:
        """Return the last durable command."""
        ...

    def append(self, frames: bytes) -> None:
        """Write and sync one batch; see the port Journal."""
        ...

    def close(self) -> None:
        """Close the files; harmless twice."""
        ...


def open_mark(folder: Path) -> int:
    """Return a descriptor of the mark's file, which is made if need be."""
    return os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def begin_segment(disk: Disk, place: Place) -> tuple[int, Mark]:
    """Start the next segment: it appears whole, header included, or not at all.

    Returns its descriptor, open for writing, and where the journal ends now.
    """
    first = place.end.sequence + 1
    path = segment_path(place.folder, first)
    unfinished = path.with_suffix(UNFINISHED)
    header = encode_segment_header(
        SegmentHeader(place.venue_id, first, place.end.end, place.end.crc)
    )
    fd = disk.create(unfinished)
    try:
        disk.write(fd, header)
        disk.sync(fd)
        disk.rename(unfinished, path)
        disk.sync_folder(place.folder)
    except BaseException:
        os.close(fd)
        raise
    return fd, Mark(first - 1, first, SEGMENT_HEADER_SIZE, extend(0, header))


class PythonAppender:
    """The Appender in Python."""

    def __init__(self, place: Place, disk: Disk) -> None:
        """Go on at `place`.

        Raises:
            OSError: the system refuses.
        """
        self._place = place
        self._disk = disk
        self._failure: OSError | None = None
        path = segment_path(place.folder, place.end.segment)
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._mark_fd = open_mark(place.folder)

    @property
    def last_sequence(self) -> int:
        """The last durable command."""
        return self._place.end.sequence

    def append(self, frames: bytes) -> None:
        """Write and sync one batch."""
        if self._failure is not None:
            raise JournalWriteFailed(f"the journal failed earlier: {self._failure}")
        data, first, last = encode_batch(frames)
        assert first == self.last_sequence + 1, f"{first} does not follow {self.last_sequence}"
        assert len(data) <= MAX_BATCH_BYTES, f"a batch of {len(data)} bytes"
        try:
            self._write(data, last)
        except OSError as error:
            self._failure = error  # a second sync could report success for pages that were dropped
            path = segment_path(self._place.folder, self._place.end.segment)
            raise JournalWriteFailed(f"{path}: {error}") from error

    def _write(self, data: bytes, last: int) -> None:
        if self._place.end.end >= self._place.segment_bytes:
            fd, end = begin_segment(self._disk, self._place)
            os.close(self._fd)
            self._fd, self._place = fd, self._place._replace(end=end)
        self._disk.write(self._fd, data)
        self._disk.sync(self._fd)
        _, segment, end_at, crc = self._place.end
        end = Mark(last, segment, end_at + len(data), extend(crc, data))
        self._disk.write_at(self._mark_fd, encode_mark(end), 0)
        self._place = self._place._replace(end=end)

    def close(self) -> None:
        """Close the files."""
        for fd in (self._fd, self._mark_fd):
            if fd >= 0:
                os.close(fd)
        self._fd = self._mark_fd = -1
