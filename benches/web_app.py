"""The web app in Debian's Chromium: its build, its size, how soon it shows itself, what a busy book costs."""

import asyncio
import gzip
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

from playwright.async_api import Browser, CDPSession, Page, ViewportSize

from benches.exchange import Exchange
from benches.report import Figure
from benches.web_flow import busy_book
from tests.browser.chromium import chromium

ROOT: Final = Path(__file__).parents[1]
MARKET: Final = "NOVA-USDC"
SIZE: Final = ViewportSize(width=1440, height=900)
_FRAMES: Final = """(ms) => new Promise((done) => {
  let frames = 0, longest = 0, begun = 0, last = 0;
  const each = (now) => {
    if (begun) { frames++; longest = Math.max(longest, now - last); } else begun = now;
    last = now;
    if (now - begun < ms) requestAnimationFrame(each);
    else done({perSecond: frames / (now - begun) * 1000, longestMs: longest});
  };
  requestAnimationFrame(each);
})"""
# A level of the book is there, and no longer a skeleton: what a trader came for.
_USEFUL: Final = (
    "() => document.querySelectorAll('[data-side] [role=option]:not([data-empty])').length > 5"
)


def run(*, quick: bool) -> list[Figure]:
    """Build, then measure the app as it is served by a real exchange."""
    built = _build(2 if quick else 5)
    return [*built, *asyncio.run(_measure(3 if quick else 9, 5.0 if quick else 20.0))]


def _build(rounds: int) -> list[Figure]:
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        subprocess.run(
            ["npm", "run", "-s", "build"], cwd=ROOT / "web", check=True, capture_output=True
        )
        taken.append(time.perf_counter() - started)
    return [
        Figure(
            "build of the web app",
            median(taken),
            "s",
            target="< 15 s",
            note="npm run build; dependencies are there",
        )
    ]


async def _measure(rounds: int, load_s: float) -> list[Figure]:
    async with chromium() as browser:
        with _exchange() as exchange:
            figures = await _paints(browser, exchange, rounds)
            figures += await _book(browser, exchange, load_s)
    return figures


@contextmanager
def _exchange() -> Iterator[Exchange]:
    with Exchange(CSE_LIMITS_KEY_PER_SECOND="1000000000") as exchange:
        yield exchange


async def _paints(browser: Browser, exchange: Exchange, rounds: int) -> list[Figure]:
    """First paint of home, and the trade page until its book shows levels; an empty cache each time."""
    async with busy_book(exchange.url, per_second=1):
        home = [await _first_paint(browser, exchange.url + "/") for _ in range(rounds)]
        blank = [await _first_paint(browser, exchange.url + "/api/docs") for _ in range(rounds)]
        trade = [await _useful(browser, f"{exchange.url}/trade/{MARKET}") for _ in range(rounds)]
        sizes = await _javascript(browser, f"{exchange.url}/trade/{MARKET}")
    note = f"{rounds} starts with an empty cache; 2 cores shared with the exchange and the browser"
    return [
        Figure(
            "home: first contentful paint",
            median(home),
            "ms",
            "Swagger UI's page",
            median(blank),
            "< 1,500 ms",
            note,
        ),
        Figure(
            "trade page: until the book shows",
            median(each for each, _ in trade),
            "ms",
            "its first contentful paint",
            median(first for _, first in trade),
            "< 1,500 ms",
            note,
        ),
        Figure(
            "trade page: JavaScript",
            sizes / 1000,
            "kB gzipped",
            target="< 300 kB",
            note="every script that it loads until it is idle",
        ),
    ]


async def _first_paint(browser: Browser, url: str) -> float:
    context = await browser.new_context(viewport=SIZE)
    try:
        page = await context.new_page()
        await page.goto(url)
        return await contentful(page)
    finally:
        await context.close()


async def contentful(page: Page) -> float:
    """When the page first showed something, ms after it was asked for."""
    seen = await page.wait_for_function(
        "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
    )
    return float(await seen.json_value())


async def _useful(browser: Browser, url: str) -> tuple[float, float]:
    context = await browser.new_context(viewport=SIZE)
    try:
        page = await context.new_page()
        await page.goto(url, wait_until="commit")
        await page.wait_for_function(_USEFUL, polling="raf")
        return float(await page.evaluate("performance.now()")), await contentful(page)
    finally:
        await context.close()


async def _javascript(browser: Browser, url: str) -> int:
    """Bytes of all scripts of a page, each gzipped."""
    context = await browser.new_context(viewport=SIZE)
    try:
        page = await context.new_page()
        names: set[str] = set()
        page.on(
            "response", lambda answer: names.add(answer.url) if answer.url.endswith(".js") else None
        )
        await page.goto(url, wait_until="networkidle")
        await page.wait_for_function(_USEFUL)
        bodies = [await page.request.get(name) for name in sorted(names)]
        return sum([len(gzip.compress(await body.body(), 9)) for body in bodies])
    finally:
        await context.close()


async def _book(browser: Browser, exchange: Exchange, load_s: float) -> list[Figure]:
    """Frames and main thread of the trade page: once quiet, once under 100 messages a second of 10 changes."""
    context = await browser.new_context(viewport=SIZE)
    try:
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        await session.send("Performance.enable")
        async with busy_book(exchange.url, per_second=1):
            await page.goto(f"{exchange.url}/trade/{MARKET}")
            await page.wait_for_function(_USEFUL)
            quiet = await watch(page, session, load_s)
        async with busy_book(exchange.url, per_second=100) as flow:
            before = flow.sent
            busy = await watch(page, session, load_s)
            rate = (flow.sent - before) / busy["seconds"]
    finally:
        await context.close()
    note = f"{rate:.0f} batches of 10 changes a second reached the book; {load_s:.0f} s"
    return [
        Figure(
            "trade page, busy book: frames",
            busy["frames"],
            "1/s",
            "a quiet book",
            quiet["frames"],
            "60/s",
            note,
        ),
        Figure(
            "trade page, busy book: main thread",
            busy["share"] * 100,
            "% of a core",
            "a quiet book",
            quiet["share"] * 100,
            "< 35 %",
            note,
        ),
        Figure(
            "trade page, busy book: longest frame",
            busy["longest"],
            "ms",
            "a quiet book",
            quiet["longest"],
            note=note,
        ),
    ]


async def watch(page: Page, session: CDPSession, seconds: float) -> dict[str, float]:
    """Frames a second, the longest frame (ms), and the share of the main thread's time that tasks took."""
    began, task = time.perf_counter(), await _task_s(session)
    frames: dict[str, Any] = await page.evaluate(_FRAMES, seconds * 1000)
    wall = time.perf_counter() - began
    used = await _task_s(session) - task
    return {
        "frames": frames["perSecond"],
        "longest": frames["longestMs"],
        "share": used / wall,
        "seconds": wall,
    }


async def _task_s(session: CDPSession) -> float:
    """Seconds that the main thread spent in tasks so far."""
    told = await session.send("Performance.getMetrics")
    return float(next(each["value"] for each in told["metrics"] if each["name"] == "TaskDuration"))
