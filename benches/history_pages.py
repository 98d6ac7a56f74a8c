"""Pages of a long history: 1,000 candles or trades from anywhere, by the reader and by the API's handler.

Beside each database its own driver: the same rows by a bare SELECT ... LIMIT, in the same run.
"""

import asyncio
import gc
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import asyncpg
import msgspec
from rich.progress import track
from sqlalchemy import make_url

from benches.history_load import (
    MARKET,
    NOW_MS,
    THIN,
    YEAR_MS,
    counts,
    fill_postgres,
    fill_sqlite,
)
from benches.report import Figure
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.history import SqlHistoryReader
from cse.adapters.sql.schema import migrate
from cse.gateway.http.candles import CandleCalls
from cse.gateway.http.operations import Call
from cse.market_data import INTERVALS
from cse.market_data.candles import open_time
from tests.servers import PrivatePostgres
from tests.servers.databases import fresh_database
from tests.unit.gateway.world import MARKET as SYMBOL
from tests.unit.gateway.world import World

PAGE: Final = 1_000
_CANDLES: Final = (
    "SELECT * FROM candles WHERE market_id = {0} AND interval_ms = {1} AND open_time_ms < {2} "
    "ORDER BY open_time_ms DESC LIMIT 1000"
)
_TRADES: Final = "SELECT * FROM trades WHERE market_id = {0} AND trade_id < {1} ORDER BY trade_id DESC LIMIT 1000"
Query = Callable[[str], Awaitable[object]]


class Size(NamedTuple):
    """How much there is and how often it is asked."""

    rows: int
    pages: int
    """Of each interval."""


def run(*, quick: bool) -> list[Figure]:
    """Measure SQLite and PostgreSQL."""
    size = Size(60_000, 5) if quick else Size(1_000_000, 250)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="cse-bench-") as folder:
        path = Path(folder) / "cse.db"
        url = f"sqlite:///{path}"
        asyncio.run(migrate(url))
        fill_sqlite(path, size.rows)
        figures += asyncio.run(_measure("SQLite", url, size))
        server = PrivatePostgres(Path(folder) / "postgres")
        server.start()
        try:
            with fresh_database(server.url) as url:
                asyncio.run(migrate(url))
                asyncio.run(fill_postgres(url, size.rows))
                figures += asyncio.run(_measure("PostgreSQL", url, size))
        finally:
            server.stop()
    return figures


async def _measure(name: str, url: str, size: Size) -> list[Figure]:
    engine = make_engine(url)
    query, close = await _driver(url)
    try:
        reader = SqlHistoryReader(engine)
        calls = _handler(reader, size.rows)
        for _ in range(
            10
        ):  # connections are open and statements known, as in a process that serves
            await calls.candles(_call(SYMBOL, "1m", NOW_MS))
            await query(_CANDLES.format(MARKET, INTERVALS["1m"], NOW_MS))
        gc.collect()
        gc.freeze()  # as every process of the exchange does once it stands
        return [
            *await _candle_figures(name, reader, calls, query, size),
            await _trade_figure(name, reader, query, size),
        ]
    finally:
        await close()
        await engine.dispose()


async def _candle_figures(
    name: str, reader: SqlHistoryReader, calls: CandleCalls, query: Query, size: Size
) -> list[Figure]:
    read: dict[str, list[float]] = {}
    handled: dict[str, list[float]] = {}
    bare: dict[str, list[float]] = {}
    depth: list[tuple[float, float]] = []
    for interval in track(INTERVALS, description=f"{name}: candles", transient=True):
        step_ms = INTERVALS[interval]
        for back, to_ms in _anywhere(interval, size):
            page = reader.candles_until(MARKET, step_ms, 0, to_ms, PAGE)
            took = await _timed(page)
            read.setdefault(interval, []).append(took)
            depth.append((back, took))
            asked = calls.candles(_call(SYMBOL, interval, to_ms))
            handled.setdefault(interval, []).append(await _timed(asked))
            rows = query(_CANDLES.format(MARKET, step_ms, to_ms))
            bare.setdefault(interval, []).append(await _timed(rows))
    thin = [
        await _timed(calls.candles(_call("THIN-USDC", "1s", NOW_MS - n * YEAR_MS // size.pages)))
        for n in range(size.pages)
    ]
    target, driver = "< 20 ms", "the same rows by the bare driver"
    about = f"{size.rows:,} candles, {size.pages} random pages per interval"
    return [
        _figure(f"1,000 candles, reader, {name}", read, bare, target, driver, about),
        _figure(f"1,000 candles, API handler, {name}", handled, bare, target, driver, about),
        _by_depth(name, depth),
        Figure(
            f"1,000 filled 1s candles of a thin market, {name}",
            _p99(thin),
            "ms p99",
            target=target,
            note="it traded once a year ago and once now; pages from all over the year",
        ),
    ]


async def _trade_figure(name: str, reader: SqlHistoryReader, query: Query, size: Size) -> Figure:
    pick = random.Random(3)
    read, bare = [], []
    for _ in range(4 * size.pages):
        before = pick.randrange(PAGE, size.rows)
        read.append(await _timed(reader.trades(MARKET, before=before, after=None, limit=PAGE)))
        bare.append(await _timed(query(_TRADES.format(MARKET, before))))
    about = f"{size.rows:,} trades, {len(read)} random pages; p50 {statistics.median(read):.1f} ms"
    driver = "the same rows by the bare driver"
    return Figure(
        f"1,000 trades, reader, {name}", _p99(read), "ms p99", driver, _p99(bare), "", about
    )


def _anywhere(interval: str, size: Size) -> list[tuple[float, int]]:
    """Return random page ends: how far back (0 newest, 1 oldest) and the time (Unix ms)."""
    pick, step_ms = random.Random(interval), INTERVALS[interval]
    deepest = max(1, counts(size.rows)[interval] - PAGE)
    found = [pick.randrange(deepest) for _ in range(size.pages)]
    return [(n / deepest, open_time(NOW_MS, step_ms) - n * step_ms) for n in found]


def _figure(
    name: str,
    read: dict[str, list[float]],
    bare: dict[str, list[float]],
    target: str,
    driver: str,
    about: str,
) -> Figure:
    worst = max(read, key=lambda interval: _p99(read[interval]))
    median = statistics.median(took for found in read.values() for took in found)
    bare_median = statistics.median(took for found in bare.values() for took in found)
    note = f"{about}; the worst interval's ({worst}); p50 of all {median:.1f} ms, bare {bare_median:.1f} ms"
    return Figure(name, _p99(read[worst]), "ms p99", driver, _p99(bare[worst]), target, note)


def _by_depth(name: str, depth: Sequence[tuple[float, float]]) -> Figure:
    """Compare the tenth of the pages that lie furthest back with the newest tenth."""
    old = [took for back, took in depth if back >= 0.9]
    new = [took for back, took in depth if back <= 0.1]
    if not old or not new:
        old = new = [took for _, took in depth]
    return Figure(
        f"1,000 candles, oldest tenth of the pages, {name}",
        statistics.median(old),
        "ms p50",
        "newest tenth",
        statistics.median(new),
        "as quick",
    )


def _handler(reader: SqlHistoryReader, rows: int) -> CandleCalls:
    """Return the API's calls on an exchange that has just started: all candles are history."""
    world = World()
    world.clock.time_ms = NOW_MS
    for market_id in (MARKET, THIN):
        if market_id == THIN:
            _list_thin(world)
        data = world.hub.market(market_id)
        data.seed_to, data.seeded = rows, True  # type: ignore[misc]  # as a market's record says after a restart
    world.deps.history = reader
    world.deps.gate._history = reader
    return CandleCalls(world.deps)


def _list_thin(world: World) -> None:
    known = world.catalog.markets[MARKET]
    thin = msgspec.structs.replace(known, market_id=THIN, symbol="THIN-USDC")
    world.catalog.markets[THIN] = world.catalog.markets_by_symbol["THIN-USDC"] = thin
    if THIN not in world.hub:
        world.hub._add(THIN)


def _call(symbol: str, interval: str, to_ms: int) -> Call:
    query = f"interval={interval}&to={to_ms}&limit={PAGE}".encode()
    context: Any = SimpleNamespace(path_params={"market": symbol}, query_string=query)
    nobody: Any = None
    return Call(context, nobody)


async def _driver(url: str) -> tuple[Query, Callable[[], Awaitable[None]]]:
    """Return what runs a query, and what ends it."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        file = sqlite3.connect(str(parsed.database))

        async def select(query: str) -> object:
            return file.execute(query).fetchall()

        async def end() -> None:
            file.close()

        return select, end
    dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(dsn)
    return connection.fetch, connection.close


async def _timed(work: Awaitable[object]) -> float:
    """Return how many milliseconds it took."""
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1_000


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * 99 // 100)]
