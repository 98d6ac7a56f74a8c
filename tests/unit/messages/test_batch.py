"""Batches as frames and as objects: each form is made from the other, without loss, when it is first asked for."""

from cse.engine.backend import new_engine
from cse.messages.batch import AppliedBatch, Outcome, Sealed
from cse.messages.codec import decode_frames, encode_frame
from cse.messages.events import Applied
from cse.messages.frames import PythonFrames
from tests.simulation.flow import commands

FLOW = commands(seed=4, count=500)
FRAMES = b"".join(map(encode_frame, FLOW))
TIME_MS = 1_700_000_000_000


def applied() -> list[Applied]:
    engine = new_engine("python")
    return [
        Applied(i, TIME_MS, command, engine.apply(i, TIME_MS, command))
        for i, command in enumerate(FLOW, start=1)
    ]


def test_commands_are_the_same_from_either_form() -> None:
    """Sealed frames decode to the commands, and commands encode to the sealed frames."""
    sealed = PythonFrames().seal(FRAMES, 1, TIME_MS)
    assert list(Sealed(1, TIME_MS, len(FLOW), frames=sealed).commands) == FLOW
    assert Sealed(1, TIME_MS, len(FLOW), commands=FLOW).frames == sealed
    assert [(f.sequence, f.time_ms) for f in decode_frames(sealed)] == [
        (i, TIME_MS) for i in range(1, len(FLOW) + 1)
    ]


def test_events_are_the_same_from_either_form() -> None:
    """An outcome of objects gives the frames from which another outcome gives the same objects."""
    items = applied()
    of_objects = Outcome.of(items)
    of_frames = Outcome(of_objects.sealed, events=of_objects.events)
    assert list(of_frames) == items
    assert len(of_frames) == len(FLOW)
    assert (of_frames[7], of_frames[7:9], of_frames[-1]) == (items[7], items[7:9], items[-1])
    indexes = [f.event_index for f in decode_frames(of_objects.events) if f.sequence == 9]
    assert indexes == list(range(len(items[8].events)))


def test_a_batch_is_its_outcomes_in_a_row() -> None:
    """Length and last sequence are known without decoding; iterating gives every command once."""
    items = applied()
    batch = AppliedBatch([Outcome.of(items[:3]), Outcome.of(items[3:4]), Outcome.of(items[4:])])
    assert (len(batch), batch.last_sequence) == (len(FLOW), len(FLOW))
    assert list(batch) == items
    assert batch[3] == items[3]
    assert batch[-2:] == items[-2:]
