"""Walks a whole journal, record by record, and says what is there; changes nothing."""

import time
from pathlib import Path
from typing import Final

from cse.adapters.journal.examine import Found, examine
from cse.adapters.journal.format import Mark
from cse.adapters.journal.mark import read_mark
from cse.adapters.journal.segments import (
    BrokenRecord,
    RecordCursor,
    list_segments,
    read_segment_header,
    segment_path,
)
from cse.sequencer.ports import JournalCheck, JournalDamaged, JournalError, SegmentCheck

_MANY: Final = 4096
_TRIES: Final = 5
_MOMENT_S: Final = 0.01


def check_journal(folder: Path) -> JournalCheck:
    """Check everything in a journal's folder.

    Raises:
        JournalError: there is no journal.
    """
    firsts = list_segments(folder)
    if not firsts:
        raise JournalError(f"{folder}: there is no journal here")
    mark, found, damage = _examined(folder)
    walk = _Walk()
    for first in firsts:
        if not walk.through(segment_path(folder, first), first):
            break
    torn = found.torn if found else None
    return JournalCheck(
        venue_id=walk.venue_id.hex(),
        segments=walk.segments,
        records=sum(part.last_sequence - part.first_sequence + 1 for part in walk.segments),
        first_sequence=firsts[0],
        last_sequence=walk.segments[-1].last_sequence if walk.segments else firsts[0] - 1,
        synced_sequence=mark.sequence if mark else 0,
        first_time_ms=walk.first_time_ms,
        last_time_ms=walk.last_time_ms,
        torn=torn,
        damage=damage or (walk.problem if torn is None else None),
        lost_after=found.lost_after if found else None,
    )


def _examined(folder: Path) -> tuple[Mark | None, Found | None, str | None]:
    """Examine the files; again, a moment later, where what looks torn may only be being written."""
    tries = 0
    while True:
        mark = read_mark(folder)
        try:
            found = examine(folder, mark)
        except JournalDamaged as error:
            return mark, None, str(error)
        tries += 1
        if found is None or found.torn is None or tries == _TRIES:
            return mark, found, None
        time.sleep(_MOMENT_S)


class _Walk:
    """What was seen up to the first record that is not whole."""

    def __init__(self) -> None:
        self.venue_id = b""
        self.segments: list[SegmentCheck] = []
        self.first_time_ms = 0
        self.last_time_ms = 0
        self.problem: str | None = None

    def through(self, path: Path, first: int) -> bool:
        """Walk one segment; False when there is no going on behind it."""
        try:
            self.venue_id = self.venue_id or read_segment_header(path, first).venue_id
        except JournalDamaged as damage:
            self.problem = str(damage)
            return False
        cursor = RecordCursor(path, first)
        cursor.time_ms = self.last_time_ms
        size = cursor.size()
        try:
            while frames := cursor.take(_MANY, size):
                self.first_time_ms = self.first_time_ms or frames[0].time_ms
        except BrokenRecord as broken:
            if not broken.incomplete:  # else it is torn, or grew since it was examined
                self.problem = str(JournalDamaged(str(path), broken.offset, broken.reason))
        finally:
            cursor.close()
        self.last_time_ms = cursor.time_ms
        self.segments.append(SegmentCheck(str(path), first, cursor.next_sequence - 1, size))
        return self.problem is None
