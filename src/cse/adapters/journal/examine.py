"""What state a journal's files are in: whole, ending in a torn write, or damaged.

Torn means that a write was cut short before its sync returned, so nobody was told that its commands are
durable. Everything else that is not whole is damage, and damage is never mended by guessing. The rules,
with their reasons, are in docs/reference/journal.md, "Torn or damaged".
"""

from pathlib import Path
from typing import Final, NamedTuple

from cse.adapters.journal.format import (
    HEAD_SIZE,
    MAX_BATCH_BYTES,
    PREFIX,
    SEGMENT_HEADER_SIZE,
    Mark,
    read_head,
)
from cse.adapters.journal.segments import (
    BrokenRecord,
    RecordCursor,
    file_crc,
    list_segments,
    read_segment_header,
    segment_path,
)
from cse.messages.registry import CODEC_VERSION
from cse.sequencer.ports import JournalDamaged, TornTail

_SECTOR: Final = 512
_VERSION_AT: Final = PREFIX.size + 4
_MANY: Final = 4096


class Found(NamedTuple):
    """Where a journal ends."""

    venue_id: bytes
    mark: Mark
    """Behind the last whole record."""
    torn: TornTail | None
    lost_after: int | None


def examine(folder: Path, mark: Mark | None) -> Found | None:
    """Check every byte of a journal and return where it ends; None when there is none yet.

    Sealed segments and what `mark` covers are compared with the checksums taken when they were written;
    records are walked one by one only behind the mark, and where a checksum is wrong, to find the place.

    Raises:
        JournalDamaged: something is missing or not what was written; names file and offset.
    """
    firsts = list_segments(folder)
    if not firsts:
        if mark is not None:
            raise JournalDamaged(
                str(segment_path(folder, mark.segment)), 0, "the segment is missing"
            )
        return None
    if mark is not None and mark.segment not in firsts:
        path = str(segment_path(folder, mark.segment))
        raise JournalDamaged(path, 0, f"the segment is missing; it held command {mark.sequence}")
    venue_id = _check_sealed(folder, firsts)
    return _examine_last(segment_path(folder, firsts[-1]), firsts[-1], venue_id, mark)


def _check_sealed(folder: Path, firsts: list[int]) -> bytes:
    """Check all segments but the last against what the header of their successor says of them."""
    headers = [read_segment_header(segment_path(folder, first), first) for first in firsts]
    if firsts[0] != 1:
        raise JournalDamaged(str(segment_path(folder, 1)), 0, "the segment is missing")
    for i, header in enumerate(headers[1:], start=1):
        path, own = segment_path(folder, firsts[i - 1]), segment_path(folder, firsts[i])
        if header.venue_id != headers[0].venue_id:
            raise JournalDamaged(str(own), 0, "the segment belongs to another venue")
        size = path.stat().st_size
        if size != header.previous_size or file_crc(path, size) != header.previous_crc:
            raise _find_damage(path, firsts[i - 1], firsts[i], header.previous_size)
    return headers[0].venue_id


def _find_damage(path: Path, first: int, next_first: int, size: int) -> JournalDamaged:
    """Say where a segment is damaged whose checksum says that it is."""
    cursor = RecordCursor(path, first)
    actual = cursor.size()
    try:
        while cursor.take(_MANY, actual):
            continue
    except BrokenRecord as broken:
        return JournalDamaged(str(path), broken.offset, broken.reason)
    finally:
        cursor.close()
    if cursor.next_sequence != next_first:
        reason = f"the segment ends; command {cursor.next_sequence} is missing"
        return JournalDamaged(str(path), cursor.position, reason)
    reason = f"not the {size} bytes that its successor's header vouches for"
    return JournalDamaged(str(path), min(size, actual), reason)


def _examine_last(path: Path, first: int, venue_id: bytes, mark: Mark | None) -> Found:
    known = mark if mark is not None and mark.segment == first else None
    cursor = _start(path, first, known)
    size = cursor.size()
    torn: TornTail | None = None
    try:
        while cursor.take(_MANY, size):
            continue
    except BrokenRecord as broken:
        durable = known is not None and broken.offset < known.end
        reason = broken.reason
        if not broken.incomplete:
            if durable or not _never_written(path, broken.offset, cursor.next_sequence):
                raise JournalDamaged(str(path), broken.offset, reason) from None
            reason = "a part of the file was never written"
        torn = TornTail(str(path), broken.offset, size - broken.offset, reason)
    finally:
        cursor.close()
    last = cursor.next_sequence - 1
    lost = mark.sequence if mark is not None and mark.sequence > last else None
    end = Mark(last, first, cursor.position, file_crc(path, cursor.position))
    return Found(venue_id, end, torn, lost)


def _start(path: Path, first: int, mark: Mark | None) -> RecordCursor:
    """Return a cursor behind what the mark's checksum proves whole, else at the first record."""
    reaches = mark is not None and path.stat().st_size >= mark.end > SEGMENT_HEADER_SIZE
    if mark is not None and reaches and file_crc(path, mark.end) == mark.crc:
        return RecordCursor(path, mark.sequence + 1, mark.end)
    return RecordCursor(path, first)


def _never_written(path: Path, offset: int, expected: int) -> bool:
    """Whether the record at `offset` is broken because blocks of its batch never reached the disk.

    After a power cut a file may be as long as the write made it while some of its blocks still read as
    zeros. No valid record holds a sector of zeros, and no damage of a few bits makes one.
    """
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(MAX_BATCH_BYTES + 1)
    if len(data) > MAX_BATCH_BYTES:
        return False
    if len(data) >= HEAD_SIZE and not any(data):
        return True
    return _has_zero_sector(data, -offset % _SECTOR) and _all_of_one_batch(data, expected)


def _has_zero_sector(data: bytes, first_sector: int) -> bool:
    blank = bytes(_SECTOR)
    return any(
        data[at : at + _SECTOR] == blank
        for at in range(first_sector, len(data) - _SECTOR + 1, _SECTOR)
    )


def _all_of_one_batch(data: bytes, expected: int) -> bool:
    """Whether every record that can still be read belongs to the batch that holds the broken one.

    A later batch would prove that the broken one had been synced: batches are written one by one.
    """
    for at in range(1, len(data) - HEAD_SIZE + 1):
        if data[at + _VERSION_AT] != CODEC_VERSION:
            continue
        try:
            head = read_head(data, at)
        except ValueError:
            continue
        if head.sequence - head.place > expected:
            return False
    return True
