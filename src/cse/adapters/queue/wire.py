"""What goes over the engine's socket: messages of codec frames, each with a kind and a number.

    client: HELLO, then SUBMIT ...
    server: IMAGE ... READY, then APPLIED and, right behind the one that holds its commands, ANSWER ...

A message is `<IBQ`: its length with this header, its kind, a number; then its payload. The number is the
protocol version (HELLO), the correlation (SUBMIT, ANSWER, REFUSED), or a sequence (READY, APPLIED).
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from cse.core.errors import CodecError, CseError, OutcomeUnknown, Unavailable
from cse.messages.batch import AppliedBatch
from cse.messages.codec import decode_frames
from cse.messages.events import Applied
from cse.messages.framed import FramedRecords
from cse.messages.registry import CODEC_VERSION
from cse.messages.wire import Command, Event, Record

PROTOCOL_VERSION: Final = 1
HEADER: Final = struct.Struct("<IBQ")
ANSWER: Final = struct.Struct("<QI")
"""Sequence of the first of the commands, and how many there were."""
MAX_SUBMIT: Final = 16 * 1024 * 1024
MAX_MESSAGE: Final = 1024 * 1024 * 1024
IMAGE_CHUNK: Final = 1 << 18


class Kind(IntEnum):
    """What a message is."""

    HELLO = 1
    SUBMIT = 2
    IMAGE = 16
    READY = 17
    APPLIED = 18
    ANSWER = 19
    REFUSED = 20


class Envelope(NamedTuple):
    """One message off the socket."""

    kind: int
    number: int
    payload: bytes


_ERRORS: Final[dict[int, type[CseError]]] = {1: Unavailable, 2: OutcomeUnknown, 3: CodecError}
_ERROR_NUMBERS: Final = {error: number for number, error in _ERRORS.items()}


def envelope(kind: Kind, number: int, payload: bytes = b"") -> bytes:
    """Return a message's bytes."""
    return HEADER.pack(HEADER.size + len(payload), kind, number) + payload


class Incoming:
    """Puts messages together from the bytes of a stream."""

    def __init__(self, largest: int) -> None:
        """Refuse messages longer than `largest` bytes."""
        self._largest = largest
        self._data = bytearray()
        self._needed = HEADER.size

    def feed(self, data: bytes) -> None:
        """Take what came in."""
        self._data += data

    def messages(self) -> Iterator[Envelope]:
        """Yield the messages that are whole by now.

        Raises:
            CodecError: this is no message of this protocol.
        """
        at = 0
        try:
            while len(self._data) - at >= max(self._needed, HEADER.size):
                length, kind, number = HEADER.unpack_from(self._data, at)
                if not HEADER.size <= length <= self._largest:
                    raise CodecError(f"a message of {length} bytes")
                if len(self._data) - at < length:
                    self._needed = length
                    return
                payload = bytes(self._data[at + HEADER.size : at + length])
                at += length
                self._needed = HEADER.size
                yield Envelope(kind, number, payload)
        finally:
            del self._data[:at]


def encode_hello() -> bytes:
    """Return the first message of a client."""
    return envelope(Kind.HELLO, PROTOCOL_VERSION, bytes([CODEC_VERSION]))


def check_hello(message: Envelope) -> None:
    """Check the first message of a client.

    Raises:
        CodecError: it speaks something else.
    """
    if message.kind != Kind.HELLO or message.number != PROTOCOL_VERSION:
        raise CodecError(f"this engine speaks queue protocol {PROTOCOL_VERSION}")
    if message.payload != bytes([CODEC_VERSION]):
        raise CodecError(f"this engine speaks codec version {CODEC_VERSION}")


def encode_submit(number: int, frames: bytes) -> bytes:
    """Return a message that hands in frames of commands."""
    return envelope(Kind.SUBMIT, number, frames)


def encode_applied(batch: AppliedBatch) -> bytes:
    """Return a message with what was applied: commands handed in together, followed by their events."""
    parts: list[bytes] = []
    for outcome in batch.outcomes:
        parts += (outcome.sealed.frames, outcome.events)
    return envelope(Kind.APPLIED, batch.last_sequence, b"".join(parts))


def decode_applied(payload: bytes) -> list[Applied]:
    """Return what was applied, in sequence.

    Raises:
        CodecError: it does not begin with a command, or holds something else.
    """
    batch: list[Applied] = []
    first = 0
    for message, _, sequence, time_ms in decode_frames(payload):
        if isinstance(message, Command):
            first = first or sequence
            if sequence != first + len(batch):
                raise CodecError(f"command {sequence} where {first + len(batch)} should be")
            batch.append(Applied(sequence, time_ms, message, []))
        elif isinstance(message, Event) and first <= sequence < first + len(batch):
            batch[sequence - first].events.append(message)
        else:
            raise CodecError(f"a {type(message).__name__} where a command or event should be")
    if not batch:
        raise CodecError("nothing in a message of what was applied")
    return batch


def encode_image(records: Iterable[Record]) -> Iterator[bytes]:
    """Yield messages that carry these records, in pieces that end anywhere."""
    frames = FramedRecords.of(records).frames
    for at in range(0, len(frames), IMAGE_CHUNK):
        yield envelope(Kind.IMAGE, 0, frames[at : at + IMAGE_CHUNK])


def decode_image(pieces: Sequence[bytes]) -> FramedRecords:
    """Return the records of an image; going through them raises CodecError if something else is in it."""
    return FramedRecords(b"".join(pieces))


def encode_refused(number: int, error: BaseException) -> bytes:
    """Return a message that says why there is no answer; what we do not know is reported as unknown."""
    kind = _ERROR_NUMBERS.get(type(error), _ERROR_NUMBERS[OutcomeUnknown])  # type: ignore[arg-type]  # any may come
    return envelope(Kind.REFUSED, number, bytes([kind]) + str(error).encode())


def decode_refused(payload: bytes) -> CseError:
    """Return the error that a REFUSED message carries."""
    error = _ERRORS.get(payload[0] if payload else 0, OutcomeUnknown)
    return error(payload[1:].decode(errors="replace"))
