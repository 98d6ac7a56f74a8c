"""Rows of command frames as bytes: counted and checked where they come in, numbered where they are sequenced.

Nothing here makes an object per command; the native engine brings the same two functions.
"""

import struct
from typing import Final, Protocol

from cse.core.errors import CodecError
from cse.messages.codec import HEADER, HEADER_SIZE, LAYOUTS, decode_frame
from cse.messages.wire import Command

_PLACE: Final = struct.Struct("<QQ")
"""Sequence and time, the part of a frame's header that sealing fills in."""
_PLACE_AT: Final = HEADER_SIZE - _PLACE.size


class FrameTools(Protocol):
    """What the sequencer does with frames of commands; `PythonFrames` here, or the native module's."""

    def count_commands(self, frames: bytes) -> int:
        """Return how many commands lie in `frames`, which were checked one by one.

        Raises:
            CodecError: these are not whole command frames, or none, or one has a sequence or time already.
        """
        ...

    def seal(self, frames: bytes, first_sequence: int, time_ms: int) -> bytes:
        """Return checked frames with consecutive sequences and one time in their headers."""
        ...


class PythonFrames:
    """FrameTools without the native module."""

    def count_commands(self, frames: bytes) -> int:
        """Check and count; see FrameTools."""
        offset = count = 0
        while offset < len(frames):
            message, index, sequence, time_ms = decode_frame(frames, offset)
            if not isinstance(message, Command):
                raise CodecError(f"a {type(message).__name__} at offset {offset} is no command")
            if index or sequence or time_ms:
                raise CodecError(f"the command at offset {offset} is numbered already")
            offset += frame_length(frames, offset)
            count += 1
        if not count:
            raise CodecError("no command was handed in")
        return count

    def seal(self, frames: bytes, first_sequence: int, time_ms: int) -> bytes:
        """Number; see FrameTools."""
        sealed = bytearray(frames)
        offset, sequence = 0, first_sequence
        while offset < len(sealed):
            _PLACE.pack_into(sealed, offset + _PLACE_AT, sequence, time_ms)
            offset += frame_length(sealed, offset)
            sequence += 1
        return bytes(sealed)


def seal_one(frame: bytes, sequence: int, time_ms: int) -> bytes:
    """Return a single command's frame with its sequence and time."""
    return frame[:_PLACE_AT] + _PLACE.pack(sequence, time_ms) + frame[HEADER_SIZE:]


def frame_length(frames: bytes | bytearray, offset: int) -> int:
    """Return the length in bytes of the frame at `offset`, which was checked before."""
    return HEADER_SIZE + LAYOUTS[HEADER.unpack_from(frames, offset)[2]].body.size
