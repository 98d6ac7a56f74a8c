"""Projecting the mixed load into SQL: rows per second, indexes and position included, fold included."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, Table
from sqlalchemy.ext.asyncio import AsyncEngine

from benches.mixed_load import MixedLoad
from benches.report import Figure
from cse.adapters.sql.bulk import write_rows
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.projection_store import SqlProjectionStore
from cse.adapters.sql.rows import RowSet, row_sets
from cse.adapters.sql.schema import migrate
from cse.adapters.sql.tables import ledger_entries
from cse.engine.backend import new_engine
from cse.messages.events import Applied
from cse.projections.changes import Changes
from cse.projections.projector import Pace, Projector
from tests.servers import PrivatePostgres
from tests.servers.databases import fresh_database

BATCH = Pace().max_commands


def run(*, quick: bool) -> list[Figure]:
    """Measure both databases, each beside a table without any key or index that takes the same ledger."""
    count, rounds = (5_000, 1) if quick else (100_000, 3)
    applied = _applied(count)
    with tempfile.TemporaryDirectory(prefix="cse-bench-") as folder:
        sqlite = [_measure(f"sqlite:///{folder}/{number}.db", applied) for number in range(rounds)]
        server = PrivatePostgres(Path(folder) / "postgres", fsync=True)
        server.start()
        try:
            postgres = []
            for _ in range(rounds):
                with fresh_database(server.url) as url:
                    postgres.append(_measure(url, applied))
        finally:
            server.stop()
    return [_figure("SQLite", sqlite, ""), _figure("PostgreSQL", postgres, ">= 20,000")]


def _applied(count: int) -> list[Applied]:
    load, engine = MixedLoad(seed=4), new_engine()
    load.grow(count)
    return [
        Applied(sequence, sequence // 10, command, engine.apply(sequence, sequence // 10, command))
        for sequence, command in enumerate(load.commands, 1)
    ]


class _Counting(SqlProjectionStore):
    """Counts rows, and keeps the ledger's for the baseline."""

    rows = 0

    async def write(self, changes: Changes) -> None:
        """Count and write."""
        self.rows += changes.rows
        self.ledger: list[RowSet] = getattr(self, "ledger", [])
        self.ledger += [rows for rows in row_sets(changes) if rows.table is ledger_entries]
        await super().write(changes)


def _measure(url: str, applied: Sequence[Applied]) -> tuple[float, float, float]:
    """Return rows/s, commands/s, and the baseline's rows/s."""
    return asyncio.run(_project(url, applied))


async def _project(url: str, applied: Sequence[Applied]) -> tuple[float, float, float]:
    await migrate(url)
    engine = make_engine(url, durable=False, pool_size=2)
    try:
        store = _Counting(engine, bytes(16))
        projector = Projector(store, list(new_engine().records()))
        await projector.start()
        started = time.perf_counter()
        await projector.run(_batches(applied))
        seconds = time.perf_counter() - started
        bare = await _bare(engine, store.ledger)
    finally:
        await engine.dispose()
    return store.rows / seconds, len(applied) / seconds, bare


async def _batches(applied: Sequence[Applied]) -> AsyncIterator[Sequence[Applied]]:
    for start in range(0, len(applied), BATCH):
        yield applied[start : start + BATCH]


async def _bare(engine: AsyncEngine, ledger: Sequence[RowSet]) -> float:
    """The least that this database does: the ledger's rows, ready made, into a table without any index."""
    columns: list[Any] = [column._copy() for column in ledger_entries.columns]
    for column in columns:
        column.primary_key = False
    bare = Table("bare", MetaData(), *columns)
    async with engine.begin() as connection:
        await connection.run_sync(bare.create)
    started = time.perf_counter()
    for rows in ledger:
        async with engine.begin() as connection:
            await write_rows(connection, RowSet(bare, rows.rows, ()))
    return sum(len(rows.rows) for rows in ledger) / (time.perf_counter() - started)


def _figure(name: str, measured: Sequence[tuple[float, float, float]], target: str) -> Figure:
    rows, commands, bare = (statistics.median(column) for column in zip(*measured, strict=True))
    return Figure(
        f"projection into {name}",
        rows,
        "rows/s",
        "ledger rows, ready made, into a table without index",
        bare,
        target,
        f"{commands:,.0f} commands/s; {len(measured)} rounds",
    )
