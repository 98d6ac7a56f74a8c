"""The native engine: through its door from Python, and alone (native/benches/engine, which this runs).

Baselines of the same run: the Python engine and Liquibook's wheel on the same stream from Python; in Rust a plain
book (levels in a BTreeMap, orders in a fast hash table) without money, checks or events.
"""

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benches import liquibook_peer
from benches.mixed_load import MixedLoad
from benches.report import Figure
from cse.engine.backend import Engine, new_engine
from cse.messages.codec import encode_frame
from cse.messages.wire import Command

_MANIFEST: Final = Path(__file__).parent.parent / "native" / "Cargo.toml"
_BATCHES: Final = (1, 64, 1_000)

_ASKED_FOR: Final = {
    "mixed load, batches of 1000": ">= 10,000,000",
    "mixed load, p99 of single commands": "<= 500 ns",
    "one order through 5000 at 1 levels, settled": "<= 100 us",
    "replay of 10000000 commands": "< 15 s",
    "memory of 1000 markets with 100000 orders": "< 100 MB",
}
_BESIDE_MIXED: Final = "<= 3x the mixed load's"

_TRIED: Final = "docs/decisions/0030 tells what was tried"
_NOTES: Final = {
    "mixed load, batches of 1000": _TRIED,
    "mixed load, p99 of single commands": "crossing orders, with several trades each, are a tenth",
    "one order through 5000 at 1 levels, settled": _TRIED,
    "snapshot of 1000000 orders": "of a follower or the journal: the writer does not stop for it",
}
"""By figure, what to know where it is missed or looks odd."""


def run(*, quick: bool) -> list[Figure]:
    """Measure through the door first, then the engine alone."""
    count, rounds = (20_000, 1) if quick else (200_000, 5)
    load = MixedLoad()
    load.grow(count)
    opened = len(load.commands) - count
    frames = [encode_frame(command, n, 1) for n, command in enumerate(load.commands, 1)]
    slow = [
        Figure(
            "Python engine, mixed load",
            _median(_python, frames, opened, 1_000, 1),
            "commands/s",
            note=f"{count:,} commands through the same door",
        )
    ]
    slow += _liquibook(load.commands[opened:])
    base = slow[-1]
    door = [
        Figure(
            f"native engine from Python, batches of {batch:,}",
            _median(_native, frames, opened, batch, rounds),
            "commands/s",
            base.name,
            base.value,
            note=f"{count:,} commands, {rounds} rounds; frames in, frames out",
        )
        for batch in _BATCHES
    ]
    return [*slow, *door, *_alone(quick=quick)]


def _native() -> Engine:
    """Return an empty native engine."""
    return new_engine("native")


def _python() -> Engine:
    """Return an empty Python engine."""
    return new_engine("python")


def _median(
    new: Callable[[], Engine], frames: list[bytes], opened: int, batch: int, rounds: int
) -> float:
    """Return commands per second over all but the opening."""
    rates = []
    for _ in range(rounds):
        engine = new()
        engine.apply_batch(b"".join(frames[:opened]))
        batches = [b"".join(frames[at : at + batch]) for at in range(opened, len(frames), batch)]
        started = time.perf_counter()
        for each in batches:
            engine.apply_batch(each)
        rates.append((len(frames) - opened) / (time.perf_counter() - started))
    return statistics.median(rates)


def _liquibook(commands: list[Command]) -> list[Figure]:
    if not liquibook_peer.is_there():
        return []
    rate = liquibook_peer.rate(commands)
    note = "one call per order, nobody listens; no money, checks or events"
    return [Figure("Liquibook's wheel, mixed load", rate, "commands/s", note=note)]


def _alone(*, quick: bool) -> list[Figure]:
    cargo = shutil.which("cargo") or str(Path.home() / ".cargo" / "bin" / "cargo")
    command = [cargo, "bench", "--quiet", "--locked", "--manifest-path", str(_MANIFEST)]
    command += ["--bench", "engine", "--", *(["--quick"] if quick else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, env=os.environ, check=True, text=True)
    return [_figure(line) for line in done.stdout.splitlines() if "\t" in line]


def _figure(line: str) -> Figure:
    name, value, unit, baseline, baseline_value, note = line.split("\t")
    target = _ASKED_FOR.get(name, _BESIDE_MIXED if baseline == "the mixed load" else "")
    note = "; ".join(part for part in (note, _NOTES.get(name, "")) if part)
    if not baseline:
        return Figure(name, float(value), unit, target=target, note=note)
    return Figure(name, float(value), unit, baseline, float(baseline_value), target, note)
