"""`make soak-web`: a trade page of a living exchange for half an hour; its memory must not grow.

Every minute garbage is collected and what the page holds is counted: bytes of its objects, strings, arrays and closures
(by a heap snapshot), nodes and listeners. The heap as a whole is told, too, but judged by nobody: for a long time the
browser adds machine code and shaped glyphs of its own, as it sees fit. The first five minutes fill caches; after them
the trend of what is held (least squares) must stay under 2 % in ten minutes, and nodes and listeners within 10 %.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from playwright.async_api import CDPSession
from rich.console import Console

from tests.browser.chromium import chromium
from tests.browser.web import watched_page
from tests.integration.exchange import Exchange

WARM_MINUTES: Final = 5
HELD_TREND: Final = 0.02
"""Growth in ten minutes, as a share of what is held."""
OTHERS: Final = 0.10
MARKET: Final = "NOVA-USDC"
# Of V8's own: compiled code, shapes of objects, what hangs on the browser's side.
_NOT_HELD: Final = frozenset({"code", "hidden", "native", "object shape", "synthetic"})


class Sample(NamedTuple):
    """One minute's counts, after garbage was collected."""

    minute: float
    heap_bytes: float
    held_bytes: float
    nodes: float
    listeners: float


def main() -> None:
    """Soak for so many minutes; exit 1 if something grew."""
    parser = argparse.ArgumentParser(prog="make soak-web", description=__doc__)
    parser.add_argument("--minutes", type=int, default=30)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="cse-soak-") as name,
        Exchange(Path(name), "--port", "0") as exchange,
    ):
        samples = asyncio.run(_soak(exchange.base, arguments.minutes))
    grown = verdict(samples)
    Console().print("\n".join(grown) if grown else "memory is flat")
    sys.exit(bool(grown))


async def _soak(base: str, minutes: int) -> list[Sample]:
    console, samples = Console(), []
    async with chromium() as browser, watched_page(browser, base) as watched:
        page = watched.page
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable")
        await session.send("HeapProfiler.enable")
        await page.goto(f"/trade/{MARKET}")
        for minute in range(minutes + 1):
            samples.append(await _sample(session, minute))
            last = samples[-1]
            console.print(
                f"minute {minute:3}: {last.held_bytes / 1e6:.3f} MB held, heap {last.heap_bytes / 1e6:.1f} MB, "
                f"{last.nodes:.0f} nodes, {last.listeners:.0f} listeners"
            )
            if minute < minutes:
                await page.wait_for_timeout(60_000)
    return samples


async def _sample(session: CDPSession, minute: int) -> Sample:
    await session.send("HeapProfiler.collectGarbage")
    held = await _held_bytes(session)
    told = await session.send("Performance.getMetrics")
    found = {each["name"]: float(each["value"]) for each in told["metrics"]}
    return Sample(minute, found["JSHeapUsedSize"], held, found["Nodes"], found["JSEventListeners"])


async def _held_bytes(session: CDPSession) -> int:
    """Add up a heap snapshot's nodes, but for V8's own. Its form: v8/include/v8-profiler.h, `HeapSnapshot`."""
    pieces: list[str] = []

    def keep(event: dict[str, str]) -> None:
        pieces.append(event["chunk"])

    session.on("HeapProfiler.addHeapSnapshotChunk", keep)
    await session.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    session.remove_listener("HeapProfiler.addHeapSnapshotChunk", keep)
    snapshot = json.loads("".join(pieces))
    meta, nodes = snapshot["snapshot"]["meta"], snapshot["nodes"]
    fields, names = meta["node_fields"], meta["node_types"][0]
    kind, size, step = fields.index("type"), fields.index("self_size"), len(fields)
    kinds, sizes = nodes[kind::step], nodes[size::step]
    return sum(of for at, of in zip(kinds, sizes, strict=True) if names[at] not in _NOT_HELD)


def verdict(samples: list[Sample]) -> list[str]:
    """Say what grew; nothing if all is flat. Raises ValueError where there are too few samples to tell."""
    warm = [each for each in samples if each.minute >= WARM_MINUTES]
    if len(warm) < 5:
        raise ValueError(
            f"memory is told by five minutes after the first {WARM_MINUTES}, not by {len(warm)}"
        )
    trend = _slope([(each.minute, each.held_bytes) for each in warm]) * 10 / warm[0].held_bytes
    grown = [f"what is held grows by {trend:.1%} in ten minutes"] if trend > HELD_TREND else []
    for name in ("nodes", "listeners"):
        first, last = getattr(warm[0], name), getattr(warm[-1], name)
        if last > first * (1 + OTHERS):
            grown.append(f"{name} grew from {first:.0f} to {last:.0f}")
    return grown


def _slope(points: list[tuple[float, float]]) -> float:
    """Return the slope of the line of least squares, per unit of x."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


if __name__ == "__main__":
    main()
