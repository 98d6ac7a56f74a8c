"""Projecting into a database for tests, and reading back all that is in it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql import tables
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.projection_store import SqlProjectionStore
from cse.engine.backend import new_engine
from cse.messages.events import Applied
from cse.messages.wire import Record
from cse.projections.projector import Pace, Projector
from tests.servers.migrated import migrated

VENUE = b"the test's venue"
QUICK = Pace(max_commands=50, max_delay_s=0.01, retry_s=0.001, max_retry_s=0.01)
TABLES = (
    tables.projection_positions,
    tables.assets,
    tables.fee_tiers,
    tables.markets,
    tables.accounts,
    tables.orders,
    tables.balances,
    tables.trades,
    tables.candles,
    tables.candle_positions,
    tables.fills,
    tables.ledger_entries,
)


def genesis() -> list[Record]:
    return list(new_engine().records())


@asynccontextmanager
async def database(url: str) -> AsyncIterator[AsyncEngine]:
    """A migrated database's engine, as a projector has one."""
    await migrated(url)
    engine = make_engine(url, durable=False, pool_size=2)
    try:
        yield engine
    finally:
        await engine.dispose()


def projector(engine: AsyncEngine, pace: Pace = QUICK) -> Projector:
    return Projector(SqlProjectionStore(engine, VENUE), genesis(), pace)


async def batches(applied: Sequence[Applied], size: int = 70) -> AsyncIterator[Sequence[Applied]]:
    for start in range(0, len(applied), size):
        yield applied[start : start + size]


async def contents(engine: AsyncEngine) -> dict[str, list[Any]]:
    """Every row of every projection's table, in the order of its key."""
    async with engine.connect() as connection:
        return {
            table.name: [
                tuple(row)
                for row in await connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in TABLES
        }


async def rebuilt(url: str, applied: Sequence[Applied]) -> dict[str, list[Any]]:
    """What a projector that is never disturbed makes of these commands in an empty database."""
    async with database(url) as engine:
        await projector(engine).run(batches(applied))
        return await contents(engine)
