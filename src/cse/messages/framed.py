"""Records that lie as frames in memory: whoever wants bytes pays for no object, whoever wants objects iterates."""

import struct
from collections.abc import Iterable, Iterator
from typing import Final

from cse.core.errors import CodecError
from cse.messages.codec import HEADER_SIZE, decode_frames, encode_frame
from cse.messages.wire import Record

_LENGTH: Final = struct.Struct("<I")
_PLACE: Final = struct.Struct("<QQ")
_PLACE_AT: Final = HEADER_SIZE - _PLACE.size


class FramedRecords(Iterable[Record]):
    """Record frames, one after the other. Iterating decodes and raises CodecError for what is no record."""

    __slots__ = ("frames",)

    def __init__(self, frames: bytes) -> None:
        """Take frames, which nobody has looked at yet."""
        self.frames: Final = frames

    @classmethod
    def of(cls, records: Iterable[Record]) -> "FramedRecords":
        """Return records as frames, with sequence, time and index 0 in their headers."""
        if isinstance(records, FramedRecords):
            return records
        return cls(b"".join(map(encode_frame, records)))

    def count(self) -> int:
        """Return how many frames there are.

        Raises:
            CodecError: the bytes are no row of frames.
        """
        frames, count, at, end = self.frames, 0, 0, len(self.frames)
        while at < end:
            length = _LENGTH.unpack_from(frames, at)[0] if end - at >= HEADER_SIZE else 0
            if not HEADER_SIZE <= length <= end - at:
                raise CodecError(f"no whole frame at offset {at}")
            at += length
            count += 1
        return count

    def stamped(self, sequence: int, time_ms: int) -> bytes:
        """Return the frames, which `count` has found whole, with this sequence and time in their headers."""
        stamped = bytearray(self.frames)
        place, at = _PLACE.pack(sequence, time_ms), 0
        while at < len(stamped):
            stamped[at + _PLACE_AT : at + HEADER_SIZE] = place
            at += _LENGTH.unpack_from(stamped, at)[0]
        return bytes(stamped)

    def __iter__(self) -> Iterator[Record]:
        for frame in decode_frames(self.frames):
            if not isinstance(frame.message, Record):
                raise CodecError(f"a {type(frame.message).__name__} is no record")
            yield frame.message
