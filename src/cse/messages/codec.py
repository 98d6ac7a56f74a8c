"""The binary codec: one frame layout for the journal, the wire, snapshots and the native engine.

Frame: a fixed header, then the message's fields one after the other, little-endian, no padding between
them. Everything is derived from the field annotations in commands, events and records;
docs/reference/codec.md shows the byte offsets and is generated from the same definition.
"""

import struct
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin, get_type_hints

from cse.core.errors import CodecError
from cse.messages.registry import CODEC_VERSION, MESSAGE_TYPES, TYPE_NUMBERS
from cse.messages.wire import Message, Wire

HEADER: Final = struct.Struct("<IBBHQQ")
"""Frame length in bytes (header included), codec version, message type, index, sequence, time in ms.

`index` numbers the events of one command from 0 (modulo 65,536); it is 0 for commands and records.
"""

HEADER_SIZE: Final = HEADER.size
MAX_FRAME_SIZE: Final = 1024
_TYPE_AT: Final = 5
"""Offset of the message type in a header."""
_SEQUENCE: Final = 4
"""Which of a header's fields the sequence is."""


class Frame(NamedTuple):
    """One decoded frame."""

    message: Message
    event_index: int
    sequence: int
    time_ms: int


class Field(NamedTuple):
    """One field's place in its message."""

    name: str
    wire: Wire
    value_type: type
    offset: int
    size: int


class Layout(NamedTuple):
    """How one message class lies in bytes, with its compiled codec."""

    number: int
    cls: type[Message]
    fields: tuple[Field, ...]
    body: struct.Struct
    encode: Callable[[Any], bytes]
    """Message to body bytes. Raises struct.error or UnicodeError for a value outside its field."""
    decode: Callable[[tuple[Any, ...]], Any]
    """Unpacked fields to message. Raises KeyError, ValueError or UnicodeError for a foreign value."""
    frame: struct.Struct
    """Header and body in one."""
    encode_frame: Callable[[Any, int, int, int], bytes]
    """Message, sequence, time and index to a whole frame; raises as `encode`."""
    decode_frame: Callable[[tuple[Any, ...]], Any]
    """Unpacked header and fields to message; raises as `decode`."""


_TO_WIRE: Final = {
    "int": "m.{0}",
    "bool": "m.{0}",
    "text": "text_out(m.{0}, {1})",
    "key": "key_out(m.{0}, {1})",
    "bytes": "key_out(m.{0}, {1})",
}
_FROM_WIRE: Final = {
    "int": "t[{0}]",
    "bool": "flags[t[{0}]]",
    "text": "text_in(t[{0}])",
    "key": "t[{0}]",
    "bytes": "t[{0}]",
}


def _text_in(raw: bytes) -> str:
    text = raw.rstrip(b"\0")
    if not text:
        return ""
    if b"\0" in text:
        raise ValueError("zero byte inside a text")
    return text.decode("ascii")


def _text_out(text: str, size: int) -> bytes:
    raw = text.encode("ascii")
    if len(raw) > size or b"\0" in raw:
        raise ValueError(f"text does not fit {size} bytes: {text!r}")
    return raw


def _key_out(key: bytes, size: int) -> bytes:
    if len(key) != size:
        raise ValueError(f"a key has exactly {size} bytes")
    return key


def _fields(cls: type[Message]) -> tuple[Field, ...]:
    fields: list[Field] = []
    offset = 0
    for name, annotation in get_type_hints(cls, include_extras=True).items():
        if name.startswith("__") or get_origin(annotation) is not Annotated:
            continue
        value_type, wire = get_args(annotation)[:2]
        size = struct.calcsize("<" + wire.format)
        fields.append(Field(name, wire, value_type, offset, size))
        offset += size
    return tuple(fields)


def _compile(number: int, cls: type[Message]) -> Layout:
    """Write the straight-line encoder and decoder of one class, as dataclasses and attrs do."""
    fields = _fields(cls)
    formats = "".join(field.wire.format for field in fields)
    body, frame = struct.Struct("<" + formats), struct.Struct(HEADER.format + formats)
    scope: dict[str, Any] = {
        "cls": cls,
        "pack": body.pack,
        "pack_frame": frame.pack,
        "text_in": _text_in,
        "text_out": _text_out,
        "key_out": _key_out,
        "flags": {0: False, 1: True},
    }
    out: list[str] = []
    back: list[str] = []
    for field in fields:
        if field.wire.kind == "enum":
            table = f"enum_{field.name}"
            scope[table] = {int(member): member for member in field.value_type}  # type: ignore[attr-defined]  # an IntEnum class, as the annotation says
            out.append(f"m.{field.name}")
            back.append(f"{table}[t[{{0}}]]")
        else:
            out.append(_TO_WIRE[field.wire.kind].format(field.name, field.size))
            back.append(_FROM_WIRE[field.wire.kind])

    def function(text: str) -> Callable[..., Any]:
        return eval(text, scope)  # type: ignore[no-any-return]  # noqa: S307  # our own text, made below

    def fields_from(start: int) -> str:
        return ", ".join(field.format(at) for at, field in enumerate(back, start))

    values = ", ".join(out)
    header = f"{frame.size}, {CODEC_VERSION}, {number}, index, sequence, time_ms"
    return Layout(
        number,
        cls,
        fields,
        body,
        function(f"lambda m: pack({values})"),
        function(f"lambda t: cls({fields_from(0)})"),
        frame,
        function(f"lambda m, sequence, time_ms, index: pack_frame({header}, {values})"),
        function(f"lambda t: cls({fields_from(len(HEADER.unpack(bytes(HEADER.size))))})"),
    )


LAYOUTS: Final = {number: _compile(number, cls) for number, cls in MESSAGE_TYPES.items()}
_BY_CLASS: Final = {layout.cls: layout for layout in LAYOUTS.values()}


def encode_body(message: Message) -> bytes:
    """Return a message's fields as bytes, without a header.

    Raises:
        CodecError: a value does not fit its field.
    """
    try:
        return _BY_CLASS[type(message)].encode(message)
    except (struct.error, ValueError) as error:
        raise CodecError(f"{type(message).__name__} does not fit its layout: {error}") from error


def encode_frame(message: Message, sequence: int = 0, time_ms: int = 0, index: int = 0) -> bytes:
    """Return a message as one frame.

    Raises:
        CodecError: a value does not fit its field.
    """
    try:
        return _BY_CLASS[type(message)].encode_frame(message, sequence, time_ms, index)
    except (struct.error, ValueError) as error:
        raise CodecError(f"{type(message).__name__} does not fit its layout: {error}") from error


def decode_frame(data: bytes | memoryview, offset: int = 0) -> Frame:
    """Decode the frame that begins at `offset`; it may be followed by others.

    Raises:
        CodecError: the bytes are no whole frame of this codec version.
    """
    if len(data) - offset < HEADER_SIZE:
        raise CodecError(f"frame header cut off at offset {offset}")
    length, version, number, index, sequence, time_ms = HEADER.unpack_from(data, offset)
    if version != CODEC_VERSION:
        raise CodecError(
            f"codec version {version} at offset {offset}; this software speaks {CODEC_VERSION}"
        )
    layout = LAYOUTS.get(number)
    if layout is None:
        raise CodecError(f"unknown message type {number} at offset {offset}")
    if length != HEADER_SIZE + layout.body.size or len(data) - offset < length:
        raise CodecError(f"wrong length {length} for message type {number} at offset {offset}")
    try:
        message = layout.decode(layout.body.unpack_from(data, offset + HEADER_SIZE))
    except (KeyError, ValueError) as error:
        raise CodecError(
            f"foreign value in message type {number} at offset {offset}: {error!r}"
        ) from error
    return Frame(message, index, sequence, time_ms)


def decode_frames(data: bytes | memoryview) -> Iterator[Frame]:
    """Decode frames that lie one after the other, to the end of the data.

    Raises:
        CodecError: somewhere the bytes are no whole frame.
    """
    offset = 0
    while offset < len(data):
        frame = decode_frame(data, offset)
        yield frame
        offset += HEADER_SIZE + LAYOUTS[TYPE_NUMBERS[type(frame.message)]].body.size


def decode_own(data: bytes) -> list[tuple[int, Message]]:
    """Return sequence and message of frames that this process has made itself, in a third of the time.

    Raises:
        CodecError: these are none, after all.
    """
    decoded: list[tuple[int, Message]] = []
    offset, end = 0, len(data)
    try:
        while offset < end:
            layout = LAYOUTS[data[offset + _TYPE_AT]]
            fields = layout.frame.unpack_from(data, offset)
            decoded.append((fields[_SEQUENCE], layout.decode_frame(fields)))
            offset += layout.frame.size
    except (KeyError, ValueError, IndexError, struct.error) as error:
        raise CodecError(f"no frame of ours at offset {offset}: {error!r}") from error
    return decoded
