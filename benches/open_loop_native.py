"""A million orders a second in one process, by the clock: the native engine and its journal, without Python.

native/examples/open_loop paces the mixed load by a schedule that waits for nobody; a command's time counts from
when it was due until it is durable and applied. The baseline is what the disk alone took, in the same process,
a second before.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from benches.report import Figure

_RATE: Final = 1_000_000
_MANIFEST: Final = Path(__file__).parent.parent / "native" / "Cargo.toml"
_DISK: Final = "writing and syncing 32 KiB, one after the other"


def run(*, quick: bool) -> list[Figure]:
    """Build the driver and run it where the journal of a benchmark belongs: on this folder's disk."""
    seconds = 2 if quick else 60
    cargo = shutil.which("cargo") or str(Path.home() / ".cargo" / "bin" / "cargo")
    arguments = [str(_RATE), str(seconds)]
    command = [cargo, "run", "--quiet", "--release", "--locked", "--example", "open_loop"]
    done = subprocess.run(
        [*command, "--manifest-path", str(_MANIFEST), "--", str(Path.cwd()), *arguments],
        stdout=subprocess.PIPE,
        env=os.environ,
        check=True,
    )
    found: dict[str, int] = json.loads(done.stdout)
    title = f"in process, {_RATE:,} commands/s for {seconds} s, durable and applied"
    return [
        _time(f"{title}: p50", found["p50_us"], found["floor_p50_us"], "<= 0.5 ms", ""),
        _time(
            f"{title}: p99",
            found["p99_us"],
            found["floor_p99_us"],
            "<= 3 ms",
            f"p99.9 {found['p999_us'] / 1e3:.3g} ms, longest {found['max_us'] / 1e3:.3g} ms; a batch was"
            f" durable in {found['durable_p50_us'] / 1e3:.3g} ms, p99 {found['durable_p99_us'] / 1e3:.3g} ms",
        ),
        Figure(
            "processor time per command of the three threads",
            found["engine_cpu_ns"] + found["journal_cpu_ns"] + found["arrivals_cpu_ns"],
            "ns",
            note=f"engine {found['engine_cpu_ns']}, journal {found['journal_cpu_ns']},"
            f" arrivals {found['arrivals_cpu_ns']}; {found['rejected']:,} of"
            f" {found['commands']:,} commands were refused, most cancels of filled orders",
        ),
    ]


def _time(name: str, us: int, baseline_us: int, target: str, note: str) -> Figure:
    return Figure(name, us / 1e3, "ms", _DISK, baseline_us / 1e3, target, note)
