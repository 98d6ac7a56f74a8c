"""The bytes of a journal as docs/reference/journal.md describes them, written out by hand."""

import struct

import pytest
from google_crc32c import value as crc32c

from cse.adapters.journal.format import (
    HEAD_SIZE,
    PREFIX,
    Mark,
    SegmentHeader,
    decode_mark,
    decode_segment_header,
    encode_batch,
    encode_mark,
    encode_segment_header,
    read_command,
    read_head,
)
from cse.messages.codec import HEADER_SIZE, LAYOUTS, encode_frame
from cse.messages.commands import OpenAccount, Tick
from cse.messages.events import AccountOpened

VENUE = bytes(range(16))


def test_a_segment_header_byte_by_byte() -> None:
    """Field by field as the page says."""
    raw = encode_segment_header(SegmentHeader(VENUE, 77, 1_234, 0xDEADBEEF))
    fields = struct.pack("<8sHH16sQQI", b"CSEJRNL\n", 1, 52, VENUE, 77, 1_234, 0xDEADBEEF)
    assert raw == fields + struct.pack("<I", crc32c(fields))
    assert decode_segment_header(raw) == SegmentHeader(VENUE, 77, 1_234, 0xDEADBEEF)


def test_a_header_of_another_format_is_refused() -> None:
    """Also when its checksum is right."""
    fields = struct.pack("<8sHH16sQQI", b"CSEJRNL\n", 2, 52, VENUE, 1, 0, 0)
    with pytest.raises(ValueError, match="format 1"):
        decode_segment_header(fields + struct.pack("<I", crc32c(fields)))


def test_records_of_a_batch_byte_by_byte() -> None:
    """Head CRC, frame CRC, place, frame; the place counts up within the batch."""
    frames = [encode_frame(OpenAccount(9, 0), 5, 1_000), encode_frame(Tick(), 6, 1_000)]
    expected = b""
    for place, frame in enumerate(frames):
        rest = struct.pack("<II", crc32c(frame), place) + frame[:24]
        expected += struct.pack("<I", crc32c(rest)) + rest[:8] + frame
    assert encode_batch(b"".join(frames)) == (expected, 5, 6)
    head = read_head(expected, 0)
    assert (head.sequence, head.place, head.length) == (5, 0, len(frames[0]))
    assert read_command(expected, 0, head).message == OpenAccount(9, 0)
    second = read_head(expected, PREFIX.size + head.length)
    assert (second.sequence, second.place) == (6, 1)


def test_a_batch_is_whole_frames_in_sequence() -> None:
    """Anything else is a bug of the caller and is refused as one, before a byte is written."""
    one, two, four = (encode_frame(Tick(), sequence, 1_000) for sequence in (1, 2, 4))
    for wrong in (b"", one[:-1], one + two[:5], one + b"\0" * 24, one + four, two + one, one + one):
        with pytest.raises(AssertionError):
            encode_batch(wrong)


def test_only_commands_are_records() -> None:
    """A frame of an event has no place in a journal, however right its checksums are."""
    data, _, _ = encode_batch(encode_frame(AccountOpened(9, 0), 5, 1_000))
    with pytest.raises(ValueError, match="no command"):
        read_command(data, 0, read_head(data, 0))


def test_a_mark_byte_by_byte() -> None:
    """And nothing else is one."""
    raw = encode_mark(Mark(9, 5, 600, 0xCAFE))
    fields = struct.pack("<QQQI", 9, 5, 600, 0xCAFE)
    assert raw == fields + struct.pack("<I", crc32c(fields))
    assert decode_mark(raw) == Mark(9, 5, 600, 0xCAFE)
    for nothing in (b"", raw[:-1], raw + b"\0", bytes(len(raw)), raw[:-1] + b"\0"):
        assert decode_mark(nothing) is None


def test_no_record_holds_a_sector_of_zeros() -> None:
    """What the rule about blocks that were never written rests on: a record is shorter than a sector and
    a bit, and within its first bytes there is always one that is not zero (version, type).
    """
    longest = max(layout.body.size for number, layout in LAYOUTS.items() if number < 64)
    zeros_at_most = longest + (HEAD_SIZE - HEADER_SIZE) + HEADER_SIZE
    assert zeros_at_most < 512
