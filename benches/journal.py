"""Durable append from an event loop: the Python thread and the native one, on the same batches and disk.

A batch is handed over when the one before it came back, as the sequencer does. The loop is idle meanwhile, or
busy in Python for as long as applying a small batch takes: then it has to share the GIL with a Python thread.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import uvloop

from benches.report import Figure
from cse.adapters.journal.writer import FileJournal, committer_of
from cse.engine.backend import native_module
from cse.messages.codec import encode_frame
from cse.messages.commands import PlaceOrder
from cse.messages.wire import OrderType, SelfTradePrevention, Side, TimeInForce
from cse.sequencer.commit import Batch

SIZES: Final = (1, 10, 100, 1_000)
_BUSY_S: Final = 100e-6
_ORDER: Final = PlaceOrder(
    1_000,
    1,
    Side.BUY,
    OrderType.LIMIT,
    TimeInForce.GTC,
    SelfTradePrevention.NONE,
    False,
    10_000,
    0,
    5,
    0,
    0,
    "",
)


class Cost(NamedTuple):
    """What one batch costs, in microseconds."""

    cpu: float
    """Of the loop's thread, without what the loop was busy with."""
    process: float
    """Of all threads of the process, without that."""
    p50: float
    p99: float
    """From handing it over until the loop is told."""


def run(*, quick: bool) -> list[Figure]:
    """Measure in turns, baseline and native, and take medians."""
    count, rounds = (50, 1) if quick else (500, 5)
    figures = []
    for busy in (False, True):
        for size in SIZES:
            costs: dict[str, list[Cost]] = {"python": [], "native": []}
            for _ in range(rounds):
                for appender, found in costs.items():
                    found.append(_measure(appender, size, count, busy=busy))
            figures += _figures(f"batch of {size:,}, {'busy' if busy else 'idle'} loop", costs)
    return figures


def _figures(title: str, costs: dict[str, list[Cost]]) -> list[Figure]:
    def figure(what: str, of: Callable[[Cost], float]) -> Figure:
        native, python = (
            statistics.median(of(cost) for cost in costs[name]) for name in ("native", "python")
        )
        return Figure(f"{title}: {what}", native, "us", "a Python thread", python)

    return [
        figure("CPU of the loop's thread", lambda cost: cost.cpu),
        figure("CPU of the process", lambda cost: cost.process),
        figure("durable p50", lambda cost: cost.p50),
        figure("durable p99", lambda cost: cost.p99),
    ]


def _measure(appender: str, size: int, count: int, *, busy: bool) -> Cost:
    native = native_module("native").JournalAppender if appender == "native" else None  # type: ignore[union-attr]  # "native" gives a module or an error
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder,
        FileJournal(Path(folder), native=native) as journal,
    ):
        return uvloop.run(_append(journal, size, count, busy=busy))


async def _append(journal: FileJournal, size: int, count: int, *, busy: bool) -> Cost:
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    handed, latencies, worked = 0.0, [], 0.0
    batches = [
        b"".join(encode_frame(_ORDER, first + n, 1) for n in range(size))
        for first in range(1, 1 + count * size, size)
    ]

    def hand() -> None:
        nonlocal handed, worked
        handed = time.perf_counter()
        committer.hand(Batch(1, [], batches[len(latencies)]))
        if busy:
            began = time.thread_time()
            while time.perf_counter() - handed < _BUSY_S:
                pass
            worked += time.thread_time() - began

    def done(_: Batch, error: Exception | None) -> None:
        if error is not None:
            over.set_exception(error)
            return
        latencies.append(time.perf_counter() - handed)
        if len(latencies) < count:
            hand()
        else:
            over.set_result(None)

    committer = committer_of(journal, loop, done)
    began, process = time.thread_time(), time.process_time()
    hand()
    await over
    cpu = (time.thread_time() - began - worked) / count
    process = (time.process_time() - process - worked) / count
    committer.close()
    latencies.sort()
    return Cost(
        cpu * 1e6, process * 1e6, latencies[count // 2] * 1e6, latencies[count * 99 // 100] * 1e6
    )
