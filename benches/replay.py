"""Replaying a journal of commands: decode, apply; and restoring a snapshot's records."""

import time

from benches.mixed_load import MixedLoad, apply_all
from benches.report import Figure
from cse.engine.backend import new_engine, restore_engine
from cse.messages.codec import decode_frames, encode_frame
from cse.messages.wire import Command


def run(*, quick: bool) -> list[Figure]:
    """Measure the way back from bytes to state."""
    count = 20_000 if quick else 1_000_000
    load = MixedLoad(seed=3)
    load.grow(count)
    data = b"".join(encode_frame(command, n, 1) for n, command in enumerate(load.commands, 1))
    seconds = _replay(data)
    return [
        Figure(
            f"replay of {count:,} commands",
            seconds,
            "s",
            "the same commands applied without decoding",
            _apply(load.commands),
            "1,000,000 in < 30 s",
        ),
        _restore(load),
    ]


def _replay(data: bytes) -> float:
    engine = new_engine("python")
    started = time.perf_counter()
    for frame in decode_frames(data):
        command = frame.message
        assert isinstance(command, Command)
        engine.apply(frame.sequence, frame.time_ms, command)
    return time.perf_counter() - started


def _apply(commands: list[Command]) -> float:
    engine = new_engine("python")
    started = time.perf_counter()
    apply_all(engine, commands)
    return time.perf_counter() - started


def _restore(load: MixedLoad) -> Figure:
    started = time.perf_counter()
    records = list(load.engine.records())
    dumped = time.perf_counter()
    restore_engine(records, "python")
    restored = time.perf_counter() - dumped
    return Figure(
        "restore of a snapshot's records",
        restored,
        "s",
        "dumping them",
        dumped - started,
        note=f"{len(records):,} records",
    )
