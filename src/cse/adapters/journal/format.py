"""The bytes of a journal: segment header, record, synced mark (docs/reference/journal.md).

A record is `head CRC | frame CRC | place in its batch | frame`. The head CRC vouches for the frame's
length, so that a record that was cut off is told apart from one that was damaged: only where a file
ends before the end that an intact head announces was a write incomplete.
"""

import struct
from typing import Final, NamedTuple

from google_crc32c import value as crc32c

from cse.core.errors import CodecError
from cse.messages.codec import HEADER, HEADER_SIZE, MAX_FRAME_SIZE, Frame, decode_frame
from cse.messages.wire import Command

MAGIC: Final = b"CSEJRNL\n"
FORMAT_VERSION: Final = 1
SEGMENT_HEADER: Final = struct.Struct("<8sHH16sQQII")
"""Magic, format version, header size, venue id, first sequence, size and CRC32C of the segment before
this one (0, 0 in the very first), CRC32C of all of this header before it."""
SEGMENT_HEADER_SIZE: Final = SEGMENT_HEADER.size

PREFIX: Final = struct.Struct("<III")
"""CRC32C of the 32 bytes behind it (the other two fields and the frame's header), CRC32C of the frame,
number of records of the same batch that stand before this one."""
HEAD_SIZE: Final = PREFIX.size + HEADER_SIZE
_REST: Final = struct.Struct("<II")
_CRC: Final = struct.Struct("<I")

MARK: Final = struct.Struct("<QQQII")
"""The fields of `Mark`, then CRC32C of them."""

MAX_BATCH_BYTES: Final = 16 * 1024 * 1024
"""No batch is larger, and so no tear is longer."""


class Mark(NamedTuple):
    """How far the journal is known to be durable."""

    sequence: int
    segment: int
    """First sequence of the segment it is in."""
    end: int
    """Byte offset in that segment right behind the last durable record."""
    crc: int
    """CRC32C of the segment up to there."""


class SegmentHeader(NamedTuple):
    """What a segment says of itself and of the one before it."""

    venue_id: bytes
    first_sequence: int
    previous_size: int
    previous_crc: int


class RecordHead(NamedTuple):
    """What stands before a record's body, once its CRC was found right."""

    frame_crc: int
    place: int
    """Records of the same batch before this one."""
    length: int
    """Bytes of the frame."""
    sequence: int


def encode_segment_header(header: SegmentHeader) -> bytes:
    """Return the first bytes of a segment."""
    raw = SEGMENT_HEADER.pack(MAGIC, FORMAT_VERSION, SEGMENT_HEADER_SIZE, *header, 0)[: -_CRC.size]
    return raw + _CRC.pack(crc32c(raw))


def decode_segment_header(raw: bytes) -> SegmentHeader:
    """Return what the first bytes of a segment say.

    Raises:
        ValueError: these are no bytes of a segment of this format.
    """
    if len(raw) < SEGMENT_HEADER_SIZE:
        raise ValueError("the segment header is cut off")
    raw = raw[:SEGMENT_HEADER_SIZE]
    magic, version, _, *fields, crc = SEGMENT_HEADER.unpack(raw)
    if crc != crc32c(raw[: -_CRC.size]):
        raise ValueError("the checksum of the segment header is wrong")
    if magic != MAGIC or version != FORMAT_VERSION:
        raise ValueError(f"not a journal of format {FORMAT_VERSION}")
    return SegmentHeader(*fields)


class Records(NamedTuple):
    """One batch as it is written."""

    data: bytes
    """Its records, one after the other."""
    first_sequence: int
    last_sequence: int


def encode_batch(frames: bytes) -> Records:
    """Return the records of one batch, whose command frames stand one after the other.

    Frames that are not whole, or whose sequences skip, are a bug of the caller: AssertionError.
    """
    parts: list[bytes] = []
    at, place, first, end = 0, 0, 0, len(frames)
    while at < end:
        assert end - at >= HEADER_SIZE, f"{end - at} bytes behind the last frame"
        length, _, _, _, sequence, _ = HEADER.unpack_from(frames, at)
        assert HEADER_SIZE <= length <= min(MAX_FRAME_SIZE, end - at), f"a frame of {length} bytes"
        first = first or sequence
        assert sequence == first + place, f"{sequence} does not follow {first + place - 1}"
        frame = frames[at : at + length]
        rest = _REST.pack(crc32c(frame), place)
        parts += (_CRC.pack(crc32c(rest + frame[:HEADER_SIZE])), rest, frame)
        at += length
        place += 1
    assert place, "a batch of nothing"
    return Records(b"".join(parts), first, first + place - 1)


def read_head(data: bytes, offset: int) -> RecordHead:
    """Return the checked head of the record at `offset`, where at least HEAD_SIZE bytes stand.

    Raises:
        ValueError: its checksum is wrong, or it announces what no record can be.
    """
    head_crc, frame_crc, place = PREFIX.unpack_from(data, offset)
    if head_crc != crc32c(data[offset + _CRC.size : offset + HEAD_SIZE]):
        raise ValueError("the checksum of the record's head is wrong")
    length, _, _, _, sequence, _ = HEADER.unpack_from(data, offset + PREFIX.size)
    if not HEADER_SIZE <= length <= MAX_FRAME_SIZE:
        raise ValueError(f"a record of {length} bytes")
    return RecordHead(frame_crc, place, length, sequence)


def read_command(data: bytes, offset: int, head: RecordHead) -> Frame:
    """Return the command of the record at `offset`, all of whose bytes are there.

    Raises:
        ValueError: its checksum is wrong, or it is no command of this codec.
    """
    start = offset + PREFIX.size
    if head.frame_crc != crc32c(data[start : start + head.length]):
        raise ValueError("the record's checksum is wrong")
    try:
        frame = decode_frame(data, start)
    except CodecError as error:
        raise ValueError(str(error)) from error
    if not isinstance(frame.message, Command):
        text = f"a {type(frame.message).__name__} is no command"
        raise ValueError(text)  # noqa: TRY004  # about bytes, not about an argument of ours
    return frame


def encode_mark(mark: Mark) -> bytes:
    """Return a mark's bytes."""
    raw = MARK.pack(*mark, 0)[: -_CRC.size]
    return raw + _CRC.pack(crc32c(raw))


def decode_mark(raw: bytes) -> Mark | None:
    """Return the mark, or None where the bytes are none (read while written, or damaged)."""
    if len(raw) != MARK.size:
        return None
    *fields, crc = MARK.unpack(raw)
    return Mark(*fields) if crc == crc32c(raw[: -_CRC.size]) else None
