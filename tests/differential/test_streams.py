"""The native engine does what the Python engine does: the same commands into both, event bytes and state hashes
compared after every batch. 100,000 commands in CI, a million with seeds of their own in `make soak`.
"""

import random
import secrets
from collections import Counter

import pytest

from cse.engine.backend import Choice, new_engine
from cse.messages import commands, events
from cse.messages.codec import decode_frames, encode_frame
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import CloseReason, Command, Event
from tests.differential.streams import batches, venues
from tests.differential.twins import Twins
from tests.engines import ENGINES, running_on
from tests.simulation import flow as other_flow
from tests.unit.engine.test_model import classes

PARTS = 4
COMMANDS = 100_000
SOAK_PARTS = 10
SOAK_COMMANDS = 1_000_000
SWAP_EVERY = 10
"""Batches until both go on from the other's snapshot."""

NEVER = {
    RejectCode.ORDER_CLOSED.name,  # the gateway's answer; the engine forgets closed orders
    f"closed {CloseReason.TRIGGER_UNFUNDED.name}",  # too rare; tests/unit/engine/test_model_stories.py tells of one
}


@pytest.fixture(autouse=True)
def native() -> object:
    """Both engines are needed."""
    with running_on("native"):
        yield


def compare(seed: int, count: int) -> Counter[str]:
    """Compare so many commands; returns what was seen how often."""
    seen: Counter[str] = Counter()
    for flow in venues(seed, count):
        twins = Twins()
        for number, (part, times) in enumerate(batches(seed, flow)):
            try:
                note(seen, part, twins.do(part, times))
                if number % SWAP_EVERY == SWAP_EVERY - 1:
                    twins.swap()
            except AssertionError as error:
                error.add_note(f"stream of seed {seed}, batch {number} of its venue")
                raise
    return seen


def note(seen: Counter[str], part: list[Command], frames: bytes) -> None:
    seen.update(type(command).__name__ for command in part)
    for frame in decode_frames(frames):
        seen[type(frame.message).__name__] += 1
        if isinstance(frame.message, events.Rejected):
            seen[frame.message.code.name] += 1
        elif isinstance(frame.message, events.OrderClosed):
            seen[f"closed {frame.message.reason.name}"] += 1


@pytest.mark.parametrize("part", range(PARTS))
def test_both_engines_do_the_same(part: int) -> None:
    """Event bytes, state hash, sequence, time and next Tick are equal after every batch of 100,000 commands."""
    seen = compare(1_000 + part, COMMANDS // PARTS)
    accepted = sum(seen[kind] for kind in ("OrderAccepted", "OrderAmended", "OrderClosed"))
    assert accepted > COMMANDS // PARTS // 3, "too little of it was accepted to prove much"


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("part", range(SOAK_PARTS))
def test_both_engines_do_the_same_over_a_million_commands(part: int) -> None:
    """The same with seeds that no run has had before; a failure tells its seed."""
    compare(secrets.randbits(32), SOAK_COMMANDS // SOAK_PARTS)


def test_the_streams_reach_everything() -> None:
    """They meet every command, every event, every reason for an end and every refusal that can be met."""
    wanted = {cls.__name__ for cls in [*classes(Command, commands), *classes(Event, events)]}
    wanted |= {f"closed {reason.name}" for reason in CloseReason}
    wanted |= {code.name for code in RejectCode}
    missing = wanted - NEVER
    for part in range(3 * PARTS):
        missing -= set(compare(1_000 + part, COMMANDS // PARTS))
        if not missing:
            return
    assert not missing


def test_an_exchange_as_it_is_used() -> None:
    """20,000 commands of the simulation's flow, with amounts, prices and times as they are in real life."""
    flow = other_flow.commands(seed=77, count=20_000)
    twins = Twins()
    for at in range(0, len(flow), 500):
        part = flow[at : at + 500]
        twins.do(part, range(other_flow.START_MS + at, other_flow.START_MS + at + len(part)))
    twins.swap()


@pytest.mark.parametrize("choice", ENGINES)
def test_where_the_stream_is_cut_does_not_matter(choice: Choice) -> None:
    """All at once, one by one, and cut at random places: the same event bytes and the same state."""
    flow = next(venues(5, 4_000))
    frames = [encode_frame(command, n, n) for n, command in enumerate(flow, 1)]
    outcomes = set()
    for seed in range(4):
        engine, rng, at, told = new_engine(choice), random.Random(seed), 0, b""
        while at < len(frames):
            size = (len(frames), 1)[seed] if seed < 2 else rng.randrange(1, 300)
            told += engine.apply_batch(b"".join(frames[at : at + size]))
            at += size
        outcomes.add((told, engine.state_hash()))
    assert len(outcomes) == 1


@pytest.mark.parametrize("choice", ENGINES)
def test_what_was_replayed_is_what_was_applied(choice: Choice) -> None:
    """`replay` and `apply` differ from `apply_batch` in nothing but their answer."""
    flow = next(venues(6, 2_000))
    frames = b"".join(encode_frame(command, n, n) for n, command in enumerate(flow, 1))
    whole, replayed, single = (new_engine(choice) for _ in range(3))
    told = [frame.message for frame in decode_frames(whole.apply_batch(frames))]
    replayed.replay(frames)
    one_by_one = [
        event for n, command in enumerate(flow, 1) for event in single.apply(n, n, command)
    ]
    assert told == one_by_one
    assert whole.state_hash() == replayed.state_hash() == single.state_hash()
