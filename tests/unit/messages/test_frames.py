"""Rows of command frames: what is counted was checked to the last byte, and sealing writes two numbers only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.core.errors import CodecError
from cse.messages.codec import HEADER, decode_frames, encode_frame
from cse.messages.frames import FrameTools, PythonFrames, seal_one
from tests.simulation.flow import commands

FLOW = commands(seed=5, count=200)
FRAMES = b"".join(map(encode_frame, FLOW))


@pytest.fixture
def tools() -> FrameTools:
    return PythonFrames()


def test_commands_are_counted(tools: FrameTools) -> None:
    """All kinds, in any mixture."""
    assert tools.count_commands(FRAMES) == len(FLOW)
    assert tools.count_commands(encode_frame(FLOW[0])) == 1


@given(at=st.integers(0, len(FRAMES) - 1), value=st.integers(0, 255))
def test_another_byte_is_refused_or_another_row_of_commands(at: int, value: int) -> None:
    """Whatever is accepted decodes to as many commands, none of which has a number yet."""
    changed = FRAMES[:at] + bytes([value]) + FRAMES[at + 1 :]
    try:
        count = PythonFrames().count_commands(changed)
    except CodecError:
        return
    frames = list(decode_frames(changed))
    assert len(frames) == count
    assert {(f.event_index, f.sequence, f.time_ms) for f in frames} == {(0, 0, 0)}


@given(cut=st.integers(0, len(FRAMES) - 1))
def test_a_row_cut_off_is_refused_or_ends_at_a_frame(cut: int) -> None:
    """Half a command is none."""
    ends = {0}
    for command in FLOW:
        ends.add(max(ends) + len(encode_frame(command)))
    if cut in ends and cut:
        assert PythonFrames().count_commands(FRAMES[:cut]) == sorted(ends).index(cut)
    else:
        with pytest.raises(CodecError):
            PythonFrames().count_commands(FRAMES[:cut])


def test_sealing_numbers_and_changes_nothing_else(tools: FrameTools) -> None:
    """Consecutive sequences, one time, the same commands."""
    sealed = list(decode_frames(tools.seal(FRAMES, 77, 123_456)))
    assert [f.message for f in sealed] == FLOW
    assert [f.sequence for f in sealed] == list(range(77, 77 + len(FLOW)))
    assert {f.time_ms for f in sealed} == {123_456}


def test_one_is_sealed_as_many_are(tools: FrameTools) -> None:
    """The short way for single commands gives the same bytes."""
    for number, command in enumerate(FLOW, start=1):
        frame = encode_frame(command)
        assert len(frame) >= HEADER.size
        assert seal_one(frame, number, 99) == tools.seal(frame, number, 99)
