"""Reads a journal's files, also while another process writes them: durable commands only."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from cse.adapters.journal.check import check_journal
from cse.adapters.journal.examine import examine
from cse.adapters.journal.format import SEGMENT_HEADER_SIZE, Mark
from cse.adapters.journal.mark import read_mark
from cse.adapters.journal.segments import (
    BrokenRecord,
    RecordCursor,
    list_segments,
    read_segment_header,
    segment_path,
)
from cse.adapters.journal.strip import Strip, strip_records
from cse.messages.codec import Frame
from cse.sequencer.ports import JournalCheck, JournalDamaged, JournalEnded, JournalError, Tail

_NOTHING: Final = Mark(0, 1, SEGMENT_HEADER_SIZE, 0)
Taken = TypeVar("Taken")


class FileJournalReader:
    """The JournalReader of a folder; needs no lock, and the folder need not exist yet."""

    def __init__(self, folder: Path, strip: Strip = strip_records) -> None:
        """Look at `folder`; nothing is opened before it is asked for. `strip` may be the native one."""
        self._folder = folder
        self._strip = strip
        self._venue_id = b""

    @property
    def venue_id(self) -> bytes:
        """The venue's name.

        Raises:
            JournalError: there is no journal yet.
        """
        if not self._venue_id:
            if not list_segments(self._folder):
                raise JournalError(f"{self._folder}: there is no journal here")
            self._venue_id = read_segment_header(segment_path(self._folder, 1), 1).venue_id
        return self._venue_id

    def synced_sequence(self) -> int:
        """The last durable command's sequence."""
        return self.mark().sequence

    def mark(self) -> Mark:
        """Return how far the journal is durable.

        Where the mark itself is lost (a power cut may take it) the files are examined instead.
        """
        if (mark := read_mark(self._folder)) is not None:
            return mark
        found = examine(self._folder, None)
        return found.mark if found is not None else _NOTHING

    def tail(self, after: int) -> Tail:
        """Return a place behind command `after`."""
        return FileTail(self, self._folder, after, self._strip)

    def verify(self) -> JournalCheck:
        """Walk over everything."""
        return check_journal(self._folder)


class FileTail:
    """A place in the segments; see the port Tail."""

    def __init__(self, journal: FileJournalReader, folder: Path, after: int, strip: Strip) -> None:
        """Stand behind command `after`; the files are opened by the first `take` that has something."""
        self._strip = strip
        self._journal = journal
        self._folder = folder
        self._next = after + 1
        self._cursor: RecordCursor | None = None

    def take(self, limit: int) -> list[Frame]:
        """Return the next durable commands; see the port."""
        return self._from_cursor(lambda cursor, end: cursor.take(limit, end), [])

    def take_frames(self, limit: int) -> bytes:
        """Return the next durable commands as frames; see the port."""
        return self._from_cursor(
            lambda cursor, end: cursor.take_frames(self._strip, limit, end), b""
        )

    def _from_cursor(self, take: Callable[[RecordCursor, int], Taken], nothing: Taken) -> Taken:
        mark = self._journal.mark()
        if mark.sequence < self._next - 1:
            raise JournalEnded(
                f"{self._folder}: the journal ends with command {mark.sequence},"
                f" but {self._next - 1} was in it before"
            )
        if mark.sequence < self._next:
            return nothing
        try:
            cursor = self._at_next(mark)
            taken = take(cursor, self._durable_end(cursor, mark))
            self._next = cursor.next_sequence
        except BrokenRecord as broken:
            assert self._cursor is not None
            path = str(self._cursor.path)
            raise JournalDamaged(path, broken.offset, broken.reason) from None
        return taken

    def _at_next(self, mark: Mark) -> RecordCursor:
        """Return a cursor that stands before the next command, in the segment that holds it."""
        cursor = self._cursor or self._open(mark)
        if cursor.position >= self._durable_end(cursor, mark):
            cursor.close()
            cursor = self._cursor = self._open_segment(self._next)
        return cursor

    def _durable_end(self, cursor: RecordCursor, mark: Mark) -> int:
        """Bytes behind it may still be cut off and written anew, so they are not even looked at."""
        last = cursor.path == segment_path(self._folder, mark.segment)
        return mark.end if last else cursor.size()

    def _open(self, mark: Mark) -> RecordCursor:
        """Open the segment that holds the next command and go to it."""
        firsts = [first for first in list_segments(self._folder) if first <= self._next]
        cursor = self._cursor = self._open_segment(firsts[-1] if firsts else 1)
        cursor.skip_to(self._next, self._durable_end(cursor, mark))
        return cursor

    def _open_segment(self, first: int) -> RecordCursor:
        path = segment_path(self._folder, first)
        header = read_segment_header(path, first)
        if header.venue_id != self._journal.venue_id:
            raise JournalDamaged(str(path), 0, "the segment belongs to another venue")
        return RecordCursor(path, first)

    def close(self) -> None:
        """Close the file."""
        if self._cursor is not None:
            self._cursor.close()
            self._cursor = None
