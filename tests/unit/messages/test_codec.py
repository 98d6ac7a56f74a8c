"""The codec: every message survives the way through bytes, and foreign bytes are refused with a typed error."""

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.core.errors import CodecError
from cse.messages import codec
from cse.messages.commands import CancelOrder, PlaceOrder, Tick
from cse.messages.reference import PAGES
from cse.messages.registry import MESSAGE_TYPES
from cse.messages.reject_codes import REFUSALS, RejectCode
from cse.messages.wire import Message, OrderType, SelfTradePrevention, Side, TimeInForce

DOCS = Path(__file__).parents[3] / "docs" / "reference"
ORDER = PlaceOrder(
    1,
    2,
    Side.SELL,
    OrderType.LIMIT,
    TimeInForce.GTD,
    SelfTradePrevention.DECREMENT,
    True,
    3,
    4,
    5,
    6,
    7,
    "abc",
)


def _values(field: codec.Field) -> st.SearchStrategy[Any]:
    if field.wire.kind == "enum":
        return st.sampled_from(list(field.value_type))  # type: ignore[call-overload]  # an IntEnum class
    if field.wire.kind == "bool":
        return st.booleans()
    if field.wire.kind in {"key", "bytes"}:
        return st.binary(min_size=field.size, max_size=field.size)
    if field.wire.kind == "text":
        return st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=field.size)
    if field.wire.format == "q":
        return st.integers(-(2**63), 2**63 - 1)
    return st.integers(0, 2 ** (8 * field.size) - 1)


def _messages() -> st.SearchStrategy[Message]:
    return st.one_of(
        st.builds(layout.cls, **{field.name: _values(field) for field in layout.fields})
        for layout in codec.LAYOUTS.values()
    )


@given(st.lists(_messages(), max_size=5), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_messages_survive_the_way_through_bytes(
    messages: list[Message], sequence: int, time_ms: int
) -> None:
    """Any messages with any field values come back equal, one after the other, with their headers."""
    data = b"".join(
        codec.encode_frame(message, sequence, time_ms, index)
        for index, message in enumerate(messages)
    )
    frames = list(codec.decode_frames(data))
    assert [frame.message for frame in frames] == messages
    assert all((frame.sequence, frame.time_ms) == (sequence, time_ms) for frame in frames)
    assert [frame.event_index for frame in frames] == list(range(len(messages)))


def test_bytes_of_an_order() -> None:
    """The layout itself, byte by byte, so that no later version moves a field unseen."""
    expected = struct.pack(
        "<IBBHQQ QI BBBBB QQQQQ 36s".replace(" ", ""),
        117,
        1,
        9,
        0,
        8,
        9,
        1,
        2,
        2,
        1,
        4,
        5,
        1,
        3,
        4,
        5,
        6,
        7,
        b"abc",
    )
    assert codec.encode_frame(ORDER, 8, 9) == expected


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_raise_the_typed_error(data: bytes) -> None:
    """Whatever the bytes, the decoder returns frames or raises CodecError, nothing else."""
    try:
        frames = list(codec.decode_frames(data))
    except CodecError:
        return
    assert (
        b"".join(
            codec.encode_frame(f.message, f.sequence, f.time_ms, f.event_index) for f in frames
        )
        == data
    )


@given(st.integers(0, 116), st.integers(0, 255))
def test_changed_bytes_decode_or_raise_the_typed_error(position: int, value: int) -> None:
    """One byte of a real frame changed: what comes back encodes to exactly these bytes, or CodecError."""
    data = bytearray(codec.encode_frame(ORDER, 8, 9))
    data[position] = value
    try:
        frame = codec.decode_frame(bytes(data))
    except CodecError:
        return
    assert codec.encode_frame(
        frame.message, frame.sequence, frame.time_ms, frame.event_index
    ) == bytes(data)


def test_every_cut_is_refused() -> None:
    """A frame cut off anywhere is refused."""
    data = codec.encode_frame(ORDER)
    for length in range(1, len(data)):
        with pytest.raises(CodecError):
            list(codec.decode_frames(data[:length]))


@pytest.mark.parametrize(
    "message",
    [
        CancelOrder(-1, 0, ""),
        CancelOrder(2**64, 0, ""),
        CancelOrder(1, 0, "x" * 37),
        CancelOrder(1, 0, "naïve"),
        CancelOrder(1, 0, "a\0b"),
    ],
)
def test_values_that_do_not_fit_are_refused(message: Message) -> None:
    """A value outside its field is an error, never cut or wrapped."""
    with pytest.raises(CodecError):
        codec.encode_frame(message)


def test_message_numbers_stay_in_their_families() -> None:
    """Commands, events and records have their own ranges, and every frame fits the size limit."""
    ranges = {
        "commands": range(1, 64),
        "events": range(64, 128),
        "records": range(128, 192),
        "session": range(192, 224),
    }
    for number, cls in MESSAGE_TYPES.items():
        assert number in ranges[cls.__module__.rsplit(".", 1)[1]]
        assert codec.HEADER_SIZE + codec.LAYOUTS[number].body.size <= codec.MAX_FRAME_SIZE
    assert len(codec.encode_frame(Tick())) == codec.HEADER_SIZE


def test_every_refusal_has_its_words() -> None:
    """No reject code is without an HTTP status and a message."""
    assert set(REFUSALS) == set(RejectCode)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_reference_pages_are_current(name: str) -> None:
    """docs/reference is what the definitions say; `tools/write_reference.py` mends it."""
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()
