"""Takes the frames out of whole records, many at once: for whoever feeds them to an engine as they are.

The native module has the same function (`cse_native.strip_records`); what is not whole is left to the
record cursor, which knows why.
"""

from collections.abc import Callable
from typing import NamedTuple

from google_crc32c import value as crc32c

from cse.adapters.journal.format import HEAD_SIZE, PREFIX
from cse.messages.codec import HEADER, HEADER_SIZE, MAX_FRAME_SIZE


class Stripped(NamedTuple):
    """What was taken out of a row of records."""

    frames: bytes
    """One after the other; checksums, sequences and times are right, their fields were not looked at."""
    taken: int
    position: int
    """Behind the last record taken."""
    time_ms: int
    """The time of the last one (where there is none: the one that was given)."""


Strip = Callable[[bytes, int, int, int, int], tuple[bytes, int, int, int]]
"""As `strip_records`."""


def strip_records(data: bytes, at: int, limit: int, sequence: int, time_ms: int) -> Stripped:
    """Take at most `limit` whole records from `at` on, the first of which must be `sequence`.

    It ends before the first record that is cut off, damaged, skips a sequence or goes back in time.
    """
    frames: list[bytes] = []
    end = len(data)
    while len(frames) < limit and end - at >= HEAD_SIZE:
        head_crc, frame_crc, _ = PREFIX.unpack_from(data, at)
        start = at + PREFIX.size
        length, _, _, _, number, time = HEADER.unpack_from(data, start)
        if number != sequence or time < time_ms or not HEADER_SIZE <= length <= MAX_FRAME_SIZE:
            break
        frame = data[start : start + length]
        if (
            len(frame) < length
            or head_crc != crc32c(data[at + 4 : at + HEAD_SIZE])
            or frame_crc != crc32c(frame)
        ):
            break
        frames.append(frame)
        at = start + length
        sequence, time_ms = sequence + 1, time
    return Stripped(b"".join(frames), len(frames), at, time_ms)
