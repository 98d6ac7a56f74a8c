"""Segment files: their names, their headers, and a cursor that walks the records of one."""

import os
from pathlib import Path
from typing import Final

from google_crc32c import extend

from cse.adapters.journal.format import (
    HEAD_SIZE,
    PREFIX,
    SEGMENT_HEADER_SIZE,
    RecordHead,
    SegmentHeader,
    decode_segment_header,
    read_command,
    read_head,
)
from cse.adapters.journal.strip import Strip
from cse.messages.codec import Frame
from cse.sequencer.ports import JournalDamaged, JournalError

SUFFIX: Final = ".seg"
_CHUNK: Final = 1 << 20


def segment_path(folder: Path, first_sequence: int) -> Path:
    """Return the file of the segment that begins with this sequence."""
    return folder / f"{first_sequence:020d}{SUFFIX}"


def list_segments(folder: Path) -> list[int]:
    """Return the first sequences of all segments, oldest first.

    Raises:
        JournalError: a segment's name is not a sequence.
    """
    names = [path.name for path in folder.glob(f"*{SUFFIX}")]
    for name in names:
        if not name[: -len(SUFFIX)].isdigit() or len(name) != 20 + len(SUFFIX):
            raise JournalError(f"{folder / name}: this is no name of a segment")
    return sorted(int(name[: -len(SUFFIX)]) for name in names)


def read_segment_header(path: Path, first_sequence: int) -> SegmentHeader:
    """Return a segment's header.

    Raises:
        JournalDamaged: it is not whole, or not that of the segment with this name.
    """
    try:
        with path.open("rb") as file:
            header = decode_segment_header(file.read(SEGMENT_HEADER_SIZE))
    except FileNotFoundError:
        raise JournalDamaged(str(path), 0, "the segment is missing") from None
    except ValueError as error:
        raise JournalDamaged(str(path), 0, str(error)) from error
    if header.first_sequence != first_sequence:
        reason = f"the header says that it begins with {header.first_sequence}"
        raise JournalDamaged(str(path), 0, reason)
    return header


def file_crc(path: Path, end: int) -> int:
    """Return the CRC32C of a file's first `end` bytes (of all, where it is shorter)."""
    crc = 0
    with path.open("rb") as file:
        while end > 0 and (chunk := file.read(min(_CHUNK, end))):
            crc = extend(crc, chunk)
            end -= len(chunk)
    return crc


class BrokenRecord(Exception):
    """No whole record stands where one should."""

    def __init__(self, offset: int, reason: str, *, incomplete: bool) -> None:
        """Take the place, the reason, and whether the file merely ends too early."""
        super().__init__(reason)
        self.offset = offset
        self.reason = reason
        self.incomplete = incomplete


class RecordCursor:
    """Walks the records of one segment; `position` is the byte behind the last one taken."""

    def __init__(self, path: Path, next_sequence: int, position: int = SEGMENT_HEADER_SIZE) -> None:
        """Begin before the record `next_sequence`, which stands at `position`."""
        self.path = path
        self.position = position
        self.next_sequence = next_sequence
        self.time_ms = 0
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._data = b""
        self._base = position

    def size(self) -> int:
        """Return how long the file is now."""
        return os.fstat(self._fd).st_size

    def take(self, limit: int, end: int) -> list[Frame]:
        """Return the next records, at most `limit`, that lie before byte `end`.

        Raises:
            BrokenRecord: the very next one is not whole.
        """
        frames: list[Frame] = []
        try:
            while len(frames) < limit and self.position < end:
                head = self._head(end)
                frames.append(self._command(head, end))
        except BrokenRecord:
            if not frames:
                raise
        return frames

    def take_frames(self, strip: Strip, limit: int, end: int) -> bytes:
        """Return the frames of the next records that lie before byte `end`, at most `limit` of them.

        Raises:
            BrokenRecord: the very next one is not whole.
        """
        if self.position >= end:
            return b""
        at = self._buffered(HEAD_SIZE, end, "the file ends within a record's head")
        frames = self._strip(strip, at, limit)
        if (
            not frames
        ):  # the buffer ends within the record, or the record is broken: `take` says why
            self._data = b""
            at = self._buffered(HEAD_SIZE, end, "the file ends within a record's head")
            frames = self._strip(strip, at, limit)
        if not frames:
            self.take(1, end)
            raise AssertionError("what cannot be taken in a row cannot be taken alone either")
        return frames

    def _strip(self, strip: Strip, at: int, limit: int) -> bytes:
        frames, count, behind, self.time_ms = strip(
            self._data, at, limit, self.next_sequence, self.time_ms
        )
        self.position += behind - at
        self.next_sequence += count
        return frames

    def skip_to(self, sequence: int, end: int) -> None:
        """Move on until the record `sequence` is the next, without looking at bodies.

        Raises:
            BrokenRecord: as `take`.
        """
        while self.next_sequence < sequence and self.position < end:
            head = self._head(end)
            self.position += PREFIX.size + head.length
            self.next_sequence += 1

    def _head(self, end: int) -> RecordHead:
        at = self._buffered(HEAD_SIZE, end, "the file ends within a record's head")
        try:
            head = read_head(self._data, at)
        except ValueError as error:
            raise BrokenRecord(self.position, str(error), incomplete=False) from None
        if head.sequence != self.next_sequence:
            reason = f"sequence {head.sequence} where {self.next_sequence} should be"
            raise BrokenRecord(self.position, reason, incomplete=False)
        return head

    def _command(self, head: RecordHead, end: int) -> Frame:
        at = self._buffered(PREFIX.size + head.length, end, "the file ends within a record")
        try:
            frame = read_command(self._data, at, head)
        except ValueError as error:
            raise BrokenRecord(self.position, str(error), incomplete=False) from None
        if frame.time_ms < self.time_ms:
            reason = f"time {frame.time_ms} after {self.time_ms}"
            raise BrokenRecord(self.position, reason, incomplete=False)
        self.time_ms = frame.time_ms
        self.position += PREFIX.size + head.length
        self.next_sequence += 1
        return frame

    def _buffered(self, count: int, end: int, otherwise: str) -> int:
        """Return where in the buffer `position` stands, with `count` bytes behind it."""
        at = self.position - self._base
        if at + count <= len(self._data):
            return at
        self._base = self.position
        self._data = os.pread(self._fd, min(_CHUNK, end - self.position), self.position)
        if len(self._data) < count:
            raise BrokenRecord(self.position, otherwise, incomplete=True)
        return 0

    def close(self) -> None:
        """Close the file; harmless twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
