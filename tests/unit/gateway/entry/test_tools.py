"""EntryTools, the Python and the native ones: the same verdict on any bytes, and no account sees another's."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.engine.backend import native_module
from cse.gateway.entry.tools import ALLOWED, EntryTools, PythonTools
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages.codec import LAYOUTS, Field, decode_frames, encode_frame
from cse.messages.registry import TYPE_NUMBERS
from cse.messages.session import Fill, SessionError
from cse.messages.wire import Message, Side
from tests.engines import ENGINES

OWN, OTHER = 1001, 1002
PYTHON = PythonTools()


def tools_of(name: Any) -> EntryTools:
    module = native_module(name)
    return PYTHON if module is None else module


@pytest.fixture(params=ENGINES)
def tools(request: pytest.FixtureRequest) -> EntryTools:
    """Both implementations, one after the other."""
    return tools_of(request.param)


def _values(field: Field) -> st.SearchStrategy[Any]:
    if field.name in {"account_id", "maker_account_id", "taker_account_id"}:
        return st.sampled_from((OWN, OTHER))
    if field.wire.kind == "enum":
        return st.sampled_from(list(field.value_type))  # type: ignore[call-overload]  # an IntEnum class
    if field.wire.kind == "bool":
        return st.booleans()
    if field.wire.kind == "text":
        return st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=field.size)
    if field.wire.kind == "key":
        return st.binary(min_size=16, max_size=16)
    if field.wire.format == "q":
        return st.integers(-(2**63), 2**63 - 1)
    return st.integers(0, 2 ** (8 * field.size) - 1)


def _some(numbers: Sequence[int]) -> st.SearchStrategy[Message]:
    layouts = [LAYOUTS[number] for number in numbers]
    return st.one_of(
        st.builds(layout.cls, **{f.name: _values(f) for f in layout.fields}) for layout in layouts
    )


COMMANDS = _some([number for number in LAYOUTS if number < 64])
SUBMITTED = _some([TYPE_NUMBERS[cls] for cls in ALLOWED])
EVENTS = _some([number for number in LAYOUTS if 64 <= number < 128])


def frames_of(messages: Sequence[Message]) -> bytes:
    return b"".join(map(encode_frame, messages))


def own(message: type[Message], **fields: Any) -> Message:
    return message(**fields)


CANCEL = c.CancelOrder(OWN, 9, "")


def test_commands_of_the_account_are_taken(tools: EntryTools) -> None:
    """Every type that may be submitted, in one batch."""
    batch = [
        CANCEL,
        c.AmendOrder(OWN, 9, "", 1, 2, 3),
        c.CancelAll(OWN, 1),
        c.SetCancelAfter(OWN, 1_000),
    ]
    assert tools.check_batch(frames_of(batch), OWN, 4) == (0, 0)


@pytest.mark.parametrize(
    ("frames", "code", "place"),
    [
        (frames_of([CANCEL, c.CancelOrder(OTHER, 9, "")]), SessionError.FOREIGN_ACCOUNT, 1),
        (frames_of([CANCEL]), SessionError.INVALID_COUNT, 1),
        (b"", SessionError.INVALID_COUNT, 0),
        (frames_of([CANCEL] * 3), SessionError.INVALID_COUNT, 2),
        (frames_of([CANCEL, c.Tick()]), SessionError.COMMAND_NOT_ALLOWED, 1),
        (
            frames_of([c.CreditDeposit(OWN, 1, 1, bytes(16)), CANCEL]),
            SessionError.COMMAND_NOT_ALLOWED,
            0,
        ),
        (frames_of([CANCEL, CANCEL])[:-1], SessionError.INVALID_COMMAND, 1),
        (frames_of([CANCEL])[:20], SessionError.INVALID_COMMAND, 0),
        (frames_of([CANCEL]) + encode_frame(CANCEL, 5), SessionError.INVALID_COMMAND, 1),
        (frames_of([CANCEL]) + encode_frame(CANCEL, 0, 5), SessionError.INVALID_COMMAND, 1),
        (frames_of([CANCEL]) + encode_frame(CANCEL, 0, 0, 5), SessionError.INVALID_COMMAND, 1),
        (b"\xff" * 200, SessionError.INVALID_COMMAND, 0),
    ],
)
def test_what_may_not_be_submitted_is_named_by_its_place(
    tools: EntryTools, frames: bytes, code: SessionError, place: int
) -> None:
    """Foreign accounts, wrong counts, other commands, cut or numbered frames, nonsense."""
    assert tools.check_batch(frames, OWN, 2) == (code, place)


@given(st.lists(st.one_of(SUBMITTED, COMMANDS), max_size=4), st.integers(0, 5), st.data())
def test_both_judge_any_batch_alike(
    commands: list[Message], count: int, data: st.DataObject
) -> None:
    """Real commands of any kind, one byte changed or not, any count: the same code at the same place."""
    frames = bytearray(frames_of(commands))
    if frames and data.draw(st.booleans()):
        frames[data.draw(st.integers(0, len(frames) - 1))] = data.draw(st.integers(0, 255))
    expected = PYTHON.check_batch(bytes(frames), OWN, count)
    for name in ENGINES:
        assert tools_of(name).check_batch(bytes(frames), OWN, count) == expected


@given(st.binary(max_size=300), st.integers(0, 3))
def test_both_judge_any_bytes_alike(data: bytes, count: int) -> None:
    """Bytes that nobody meant as commands."""
    expected = PYTHON.check_batch(data, OWN, count)
    for name in ENGINES:
        assert tools_of(name).check_batch(data, OWN, count) == expected


@given(
    st.lists(EVENTS, max_size=6),
    st.sampled_from(((), (OWN,), (OTHER,), (OTHER, OWN))),
    st.sampled_from((0, OWN, OTHER)),
)
def test_both_pick_the_same_events(
    events: list[Message], accounts: tuple[int, ...], owner: int
) -> None:
    """Any events, any listeners: byte for byte the same, and nothing but what names the account."""
    frames = b"".join(encode_frame(event, 7, 8, index) for index, event in enumerate(events))
    expected = PYTHON.own_events(frames, accounts, owner)
    for name in ENGINES:
        assert tools_of(name).own_events(frames, accounts, owner) == expected
    assert set(expected) <= set(accounts)
    for account, (picked, count) in expected.items():
        shown = list(decode_frames(picked))
        assert len(shown) == count
        for frame in shown:
            assert (frame.sequence, frame.time_ms) == (7, 8)
            if not isinstance(frame.message, Fill):
                assert frame.message == events[frame.event_index]
                assert frame.message.account_id == account  # type: ignore[attr-defined]  # every other one has it


TRADE = e.Trade(
    market_id=1,
    trade_id=2,
    price=3,
    quantity=4,
    base_amount=5,
    quote_amount=6,
    taker_side=Side.SELL,
    maker_order_id=70,
    taker_order_id=80,
    maker_account_id=OWN,
    taker_account_id=OTHER,
    maker_fee=9,
    taker_fee=10,
    buyer_released=11,
)


def test_a_trade_is_told_as_the_own_side_of_it(tools: EntryTools) -> None:
    """The maker bought and was given back the improvement; the taker sold. Neither learns who the other is."""
    picked = tools.own_events(encode_frame(TRADE, 7, 8, 3), (OWN, OTHER), 0)
    (mine, ours), (theirs, others) = picked[OWN], picked[OTHER]
    assert (ours, others) == (1, 1)
    maker = Fill(70, 1, 2, Side.BUY, False, 3, 4, 5, 6, fee=9, released=11)
    taker = Fill(80, 1, 2, Side.SELL, True, 3, 4, 5, 6, fee=10, released=0)
    assert mine == encode_frame(maker, 7, 8, 3)
    assert theirs == encode_frame(taker, 7, 8, 3)


def test_a_trade_with_oneself_is_both_sides(tools: EntryTools) -> None:
    """Two fills, the resting order's first."""
    trade = e.Trade(*(OWN if f in {OWN, OTHER} else f for f in _fields(TRADE)))
    picked, count = tools.own_events(encode_frame(trade, 7, 8), (OWN,), OWN)[OWN]
    fills = [frame.message for frame in decode_frames(picked)]
    assert count == 2
    assert [fill.order_id for fill in fills if isinstance(fill, Fill)] == [70, 80]


def _fields(message: Message) -> list[Any]:
    return [getattr(message, name) for name in message.__struct_fields__]


def test_public_events_are_nobodys(tools: EntryTools) -> None:
    """Levels and market changes are told by market data, not by sessions."""
    level = e.LevelChanged(1, Side.BUY, 1, OWN, 1)
    assert tools.own_events(encode_frame(level), (OWN, 1), OWN) == {}
