"""No input, however malformed, panics, aborts or leaks through the door: a typed error, state untouched, and the
same verdict as the Python engine's.
"""

import gc
import random
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from cse.core.errors import CodecError, OutOfSequence
from cse.engine.backend import Choice, Engine, frame_tools, new_engine, restore_engine
from cse.engine.limits import MAX_TIME_MS
from cse.messages.codec import HEADER, HEADER_SIZE, encode_frame
from cse.messages.framed import FramedRecords
from cse.messages.frames import FrameTools
from tests.differential.streams import venues, wild
from tests.differential.twins import Twins
from tests.engines import ENGINES, running_on
from tests.unit.engine.flow import any_command

ROUNDS = 3_000
MORE = 20
"""How many times as many in a soak."""


@pytest.fixture(autouse=True)
def native() -> Iterator[None]:
    """Both engines are needed."""
    with running_on("native"):
        yield


def damaged(rng: random.Random, data: bytes) -> bytes:
    """The bytes with something changed, cut out, doubled, put in or swapped."""
    spoilt = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(spoilt) + 1)
        end = min(len(spoilt), at + rng.choice((1, 4, 8, 24, 100)))
        part = spoilt[at:end]
        kind = rng.randrange(7)
        if kind == 0:
            spoilt[at:end] = rng.randbytes(end - at)
        elif kind == 1:
            del spoilt[at:end]
        elif kind == 2:
            spoilt[at:at] = part
        elif kind == 3:
            spoilt[at:end] = bytes(end - at)
        elif kind == 4:
            spoilt[at:end] = b"\xff" * (end - at)
        elif kind == 5:
            del spoilt[at:]
        elif at < len(spoilt):
            spoilt[at] ^= 1 << rng.randrange(8)
    return bytes(spoilt)


def aimed(rng: random.Random, data: bytes) -> bytes:
    """Row of frames with one header field set to an edge: length, version, type, index, sequence or time."""
    spoilt = bytearray(data)
    places = list(frame_places(data))
    at = rng.choice(places)
    fields = list(HEADER.unpack_from(spoilt, at))
    sizes = (4, 1, 1, 2, 8, 8)
    which = rng.randrange(len(fields))
    top = 2 ** (8 * sizes[which]) - 1
    fields[which] = (
        rng.choice((0, 1, fields[which] + 1, fields[which] - 1, top, rng.randrange(top))) & top
    )
    HEADER.pack_into(spoilt, at, *fields)
    return bytes(spoilt)


def frame_places(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        yield at
        at += int.from_bytes(data[at : at + 4], "little")


def mixed_up(rng: random.Random, data: bytes) -> bytes:
    """The frames themselves left out, doubled or swapped."""
    places = [*frame_places(data), len(data)]
    frames = [data[a:b] for a, b in pairwise(places)]
    one, other = rng.randrange(len(frames)), rng.randrange(len(frames))
    kind = rng.randrange(3)
    if kind == 0:
        del frames[one]
    elif kind == 1:
        frames.insert(one, frames[rng.choice((one, other))])
    else:
        frames[one], frames[other] = frames[other], frames[one]
    return b"".join(frames)


def spoil(rng: random.Random, data: bytes) -> bytes:
    return rng.choices((aimed, damaged, mixed_up), (4, 5, 1))[0](rng, data)


def played() -> Twins:
    """Both engines with a busy venue."""
    twins = Twins()
    flow = next(venues(9, 1_500))
    twins.do(flow, range(1, len(flow) + 1))
    return twins


def check_commands(seed: int, rounds: int) -> int:
    """Hand spoilt batches to both; returns how many were refused."""
    rng, twins, refused = random.Random(seed), played(), 0
    for _ in range(rounds):
        first, now = twins.next_sequence, twins.now
        frames = b"".join(
            encode_frame(wild(rng), first + n, now) for n in range(rng.randrange(1, 5))
        )
        before = twins.next_sequence
        twins.apply(
            spoil(rng, frames) if rng.random() < 0.95 else rng.randbytes(rng.randrange(300))
        )
        refused += twins.next_sequence == before
    return refused


def test_malformed_commands_are_refused_alike() -> None:
    """Most are refused, both engines say the same of each, and a refusal changes nothing."""
    assert check_commands(1, ROUNDS // 2) > ROUNDS // 4


def restored(records: FramedRecords, choice: Choice) -> Engine | None:
    """The engine, or nothing where the records are refused. Anything else that is raised goes on."""
    try:
        return restore_engine(records, choice)
    except CodecError:
        return None


def check_records(seed: int, rounds: int) -> int:
    """Restore spoilt snapshots in both, and where they are believed go on; returns how many were refused."""
    rng, refused = random.Random(seed), 0
    states = [twins_state(count) for count in (20, 60, 400)]
    for number in range(rounds):
        records = FramedRecords(spoil(rng, rng.choice(states)))
        python, native = (restored(records, choice) for choice in ENGINES)
        assert (python is None) == (native is None), f"round {number} of seed {seed}"
        if python and native:
            twins = Twins(python, native)
            twins.compare()
            commands = [any_command(rng, twins.next_sequence + n + 1) for n in range(30)]
            twins.do(commands, [min(twins.now + 100, MAX_TIME_MS)] * len(commands))
        else:
            refused += 1
    return refused


def twins_state(count: int) -> bytes:
    engine = new_engine("native")
    flow = next(venues(13, count))
    engine.replay(b"".join(encode_frame(command, n, n) for n, command in enumerate(flow, 1)))
    return engine.snapshot().frames


def test_malformed_records_are_refused_alike() -> None:
    """Spoilt snapshots restore in both engines to the same state, or in none."""
    assert check_records(2, ROUNDS // 2) > ROUNDS // 4


def counted(tools: FrameTools, frames: bytes) -> int | None:
    try:
        return tools.count_commands(frames)
    except CodecError:
        return None


def test_malformed_submissions_are_refused_alike() -> None:
    """Rows of frames that come in for the sequencer: counted and sealed alike, or refused alike."""
    rng, ours, theirs = random.Random(3), frame_tools("python"), frame_tools("native")
    for _ in range(ROUNDS):
        frames = b"".join(encode_frame(wild(rng)) for _ in range(rng.randrange(1, 5)))
        if rng.random() < 0.8:
            frames = spoil(rng, frames)
        found = counted(theirs, frames)
        assert found == counted(ours, frames), frames.hex()
        if found:
            assert theirs.seal(frames, 7, 9) == ours.seal(frames, 7, 9)
    for data in (b"", bytes(HEADER_SIZE)):
        assert counted(theirs, data) is None
    with pytest.raises(CodecError):
        theirs.seal(b"no frames", 1, 1)


def resident() -> int:
    """Bytes of this process that are in memory."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4_096


def test_nothing_leaks_through_the_door() -> None:
    """Refused batches, refused snapshots, and engines that come and go: memory stays where it was."""
    rng = random.Random(4)
    state, engine = twins_state(1_000), new_engine("native")
    batch = b"".join(encode_frame(wild(rng), 1 + n, 1) for n in range(200))

    def rounds(count: int) -> int:
        for _ in range(count):
            for call in (engine.apply_batch, engine.replay):
                with suppress(CodecError, OutOfSequence):
                    call(batch[: rng.randrange(1, len(batch) - 1)] + b"\xff")
            restored(FramedRecords(spoil(rng, state)), "native")
            restore_engine(FramedRecords(state), "native").snapshot()
        gc.collect()
        return resident()

    before = rounds(100)
    assert rounds(1_000) - before < 16 * 2**20


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_much_more_malformed_input() -> None:
    """The same with many more rounds of each."""
    check_commands(101, ROUNDS * MORE)
    check_records(102, ROUNDS * MORE)
