"""Proves stored candles, over SQLite and PostgreSQL: whoever adds which trade, in whatever batches, and
wherever it is killed, they equal grouping all trades by the calendar, at all 13 intervals, to the same row.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql import candle_building, tables
from cse.adapters.sql.bulk import write_rows
from cse.adapters.sql.candle_building import EMPTYING, CandleBuilder, Progress
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.history import SqlHistoryReader
from cse.adapters.sql.projection_store import SqlProjectionStore
from cse.adapters.sql.rows import RowSet, row_sets
from cse.adapters.sql.schema import migrate
from cse.core.errors import Unavailable
from cse.gateway.market_history import as_candle
from cse.market_data import INTERVALS, CandleSeries, MarketData
from cse.market_data.tape import TapeTrade
from cse.projections.changes import Changes, TradeRow
from cse.projections.fold import Fold
from tests.contract.candle_model import MARKETS, Made, histories, rows_of, stored_rows
from tests.contract.projecting import VENUE
from tests.unit.adapters.sql.test_schema import config_of

FAR_MS = 2**52


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        found = f"sqlite:///{tmp_path_factory.mktemp('candles') / 'cse.db'}"
    else:
        found = request.getfixturevalue("module_postgres_url")
    asyncio.run(migrate(found))
    return found


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a build of a few trades takes many transactions."""
    monkeypatch.setattr(candle_building, "STEP_TRADES", 3)
    monkeypatch.setattr(candle_building, "STEP_DELETED", 7)


@asynccontextmanager
async def empty(url: str) -> AsyncIterator[AsyncEngine]:
    """The database with three markets and nothing else."""
    engine = make_engine(url, durable=False, pool_size=3)
    async with engine.begin() as connection:
        for table in (
            *(tables.candles, tables.candle_positions, tables.trades),
            *(tables.markets, tables.assets, tables.projection_positions),
        ):
            await connection.execute(delete(table))
        await write_rows(connection, RowSet(tables.assets, [(1, "USDC", 6, 0), (2, "X", 6, 0)], ()))
        sizes = (2, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0)
        markets = [(market_id, f"M{market_id}", 2, 1, *sizes[:9], 1, 0) for market_id in MARKETS]
        await write_rows(connection, RowSet(tables.markets, [(*row, 0) for row in markets], ()))
    try:
        yield engine
    finally:
        await engine.dispose()


async def stored(engine: AsyncEngine) -> list[tuple[int, ...]]:
    query = select(tables.candles).order_by(*tables.candles.primary_key)
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(query)]


class Projecting:
    """Writes trades as a projector does, from where the database stands."""

    def __init__(self, engine: AsyncEngine, rows: Sequence[TradeRow]) -> None:
        self.engine, self.rows, self.at = engine, rows, 0
        self.store = SqlProjectionStore(engine, VENUE)

    async def write(self, count: int) -> None:
        """Write the next trades as one batch."""
        batch = list(self.rows[self.at : self.at + count])
        if batch:
            await self.store.write(Changes(self.at, self.at + len(batch), 0, trades=batch))
            self.at += len(batch)

    async def crash(self, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """Be killed at the end of writing a batch: all of it is undone; another process goes on."""
        batch = list(self.rows[self.at : self.at + count])
        with monkeypatch.context() as patched:
            patched.setattr("cse.adapters.sql.projection_store.row_sets", _then_die)
            with suppress(RuntimeError):
                await self.store.write(Changes(self.at, self.at + len(batch), 0, trades=batch))
        self.store = SqlProjectionStore(self.engine, VENUE)
        await self.store.load(Fold())


def _then_die(changes: Changes, behind: Any) -> Any:
    yield from row_sets(changes, behind)
    raise RuntimeError("killed")


async def build_some(builder: CandleBuilder, market_id: int, steps: int) -> Progress:
    """A builder that is killed after some transactions; returns how far it came."""
    building = builder.build(market_id)
    async for progress in building:
        steps -= 1
        if steps <= 0 or progress.whole:
            break
    await building.aclose()  # type: ignore[attr-defined]  # an async generator
    return progress


async def whole(builder: CandleBuilder) -> None:
    for market in await builder.behind():
        async for _ in builder.build(market.market_id):
            pass
    assert await builder.behind() == []


async def live_through(
    engine: AsyncEngine, rows: list[TradeRow], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Write everything in random batches, with kills, rebuilds and half-done builds in between."""
    pick = random.Random(seed)
    projecting, builder = Projecting(engine, rows), CandleBuilder(engine)
    await projecting.store.load(Fold())
    while projecting.at < len(rows):
        match pick.randrange(6):
            case 0:
                await projecting.crash(pick.randrange(1, 9), monkeypatch)
            case 1:
                market_id = pick.choice(MARKETS)
                await builder.start_over(market_id)
                await build_some(builder, market_id, pick.randrange(1, 4))
            case 2:
                await build_some(builder, pick.choice(MARKETS), pick.randrange(1, 4))
            case _:
                await projecting.write(pick.choice([1, 2, 5, 20]))
    await whole(builder)


def in_memory(rows: list[TradeRow]) -> list[TapeTrade]:
    return [TapeTrade.of_event(row.trade, row.sequence, row.time_ms) for row in rows]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories(), seed=st.integers(0, 2**32))
def test_candles_are_what_all_trades_make(
    url: str, history: list[Made], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table equals brute force; so do a reader's candles; so do the candles in memory, which never saw a crash."""
    rows = rows_of(history)

    async def check() -> None:
        async with empty(url) as engine:
            await live_through(engine, rows, seed, monkeypatch)
            assert await stored(engine) == stored_rows(rows)
            reader = SqlHistoryReader(engine)
            for market_id in MARKETS:
                mine = [row for row in rows if row.trade.market_id == market_id]
                data = MarketData(market_id)
                for row in mine:
                    data.trade(row.trade, row.sequence, row.time_ms)
                for name, interval_ms in INTERVALS.items():
                    read = await reader.candles_since(market_id, interval_ms, 0, FAR_MS, 10_000)
                    series = CandleSeries(interval_ms)
                    for trade in in_memory(mine):
                        series.add(trade)
                    kept = list(series.latest())
                    assert kept == list(map(as_candle, read)), name
                    assert kept == list(data.candles(name).latest()), name

    asyncio.run(check())


def some_rows(count: int) -> list[TradeRow]:
    pick = random.Random(count)
    time_ms, history = 1_709_164_800_000, []
    for _ in range(count):
        time_ms += pick.choice([0, 1, 400, 20_000, 3_000_000])
        history.append(Made(pick.choice(MARKETS), time_ms, pick.randrange(1, 99), 7, 2**40))
    return rows_of(history)


async def test_a_rebuild_gives_the_same_bytes(url: str) -> None:
    """Of a whole table, of one with random rows gone or wrong, and again after that."""
    rows, pick = some_rows(120), random.Random(3)
    async with empty(url) as engine:
        await Projecting(engine, rows).store.load(Fold())
        await Projecting(engine, rows).write(len(rows))
        builder, before = CandleBuilder(engine), await stored(engine)
        assert before == stored_rows(rows)
        for damage in ("none", "random rows", "wrong values", "none"):
            async with engine.begin() as connection:
                for row in pick.sample(before, 50):
                    key = tables.candles.c
                    here = (key.market_id == row[0]) & (key.interval_ms == row[1])
                    here &= key.open_time_ms == row[2]
                    if damage == "random rows":
                        await connection.execute(delete(tables.candles).where(here))
                    elif damage == "wrong values":
                        wrong = tables.candles.update().where(here).values(trades=77)
                        await connection.execute(wrong)
            for market_id in MARKETS:
                await builder.start_over(market_id)
                async for _ in builder.build(market_id):
                    pass
            assert await stored(engine) == before, damage


async def test_a_half_built_market_is_left_to_the_builder(url: str) -> None:
    """Killed while it emptied, and while it built: a projector's batches do not make that look finished."""
    rows = some_rows(150)
    async with empty(url) as engine:
        projecting, builder = Projecting(engine, rows), CandleBuilder(engine)
        await projecting.store.load(Fold())
        await projecting.write(60)
        for killed_while_emptying in (True, False):
            await builder.start_over(1)
            while (await build_some(builder, 1, 1)).built < (-1 if killed_while_emptying else 1):
                pass
            await projecting.write(20)
            [behind] = await builder.behind()
            assert (behind.market_id, behind.symbol) == (1, "M1")
            assert (
                behind.built == EMPTYING
                if killed_while_emptying
                else 0 < behind.built < behind.last
            )
        await whole(builder)
        await projecting.write(50)
        assert await stored(engine) == stored_rows(rows)


async def test_nobody_reads_candles_that_are_being_built(url: str) -> None:
    """Unavailable from the moment a rebuild begins until the last trade is in; other markets answer."""
    rows = some_rows(60)
    async with empty(url) as engine:
        projecting = Projecting(engine, rows)
        await projecting.store.load(Fold())
        await projecting.write(50)
        reader, builder = SqlHistoryReader(engine), CandleBuilder(engine)
        before = await reader.candles_since(1, 60_000, 0, FAR_MS, 100)
        await builder.start_over(1)
        refused = 0
        async for progress in builder.build(1):
            if not progress.whole:
                refused += 1
                with pytest.raises(Unavailable, match="being built"):
                    await reader.candles_until(1, 60_000, 0, FAR_MS, 100)
        assert refused > 5
        assert await reader.candles_since(1, 60_000, 0, FAR_MS, 100) == before
        assert await reader.candles_since(2, 60_000, 0, FAR_MS, 1)


async def test_a_projector_goes_on_beside_two_builders(url: str) -> None:
    """All three at once, each in its own connections: nothing is lost, added twice or refused."""
    rows = some_rows(150)
    async with empty(url) as engine:
        projecting, builder = Projecting(engine, rows), CandleBuilder(engine)
        await projecting.store.load(Fold())
        await projecting.write(60)
        for market_id in MARKETS:
            await builder.start_over(market_id)

        async def project() -> None:
            while projecting.at < len(rows):
                await projecting.write(4)

        await asyncio.gather(project(), whole_once(builder), whole_once(CandleBuilder(engine)))
        await whole(builder)
        assert await stored(engine) == stored_rows(rows)


async def whole_once(builder: CandleBuilder) -> None:
    for market_id in MARKETS:
        async for _ in builder.build(market_id):
            pass


async def test_emptied_tables_begin_anew(url: str) -> None:
    """Who throws the projections away, but forgets how far candles were, gets them right all the same."""
    rows = some_rows(40)
    async with empty(url) as engine:
        for _ in range(2):
            projecting = Projecting(engine, rows)
            await projecting.store.load(Fold())
            await projecting.write(len(rows))
            assert await stored(engine) == stored_rows(rows)
            async with engine.begin() as connection:
                for table in (tables.candles, tables.trades, tables.projection_positions):
                    await connection.execute(delete(table))


async def test_a_database_of_before_gets_its_candles_from_its_trades(tmp_path: Path) -> None:
    """Migrated to 0004 the candles are empty and say so; what was stored per minute before is what is built."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    await migrate(url)
    rows = some_rows(80)
    async with empty(url) as engine:
        projecting = Projecting(engine, rows)
        await projecting.store.load(Fold())
        await projecting.write(len(rows))
        await engine.dispose()
        await to_revision(url, "0003")
        async with engine.connect() as connection:
            query = text("SELECT * FROM candles ORDER BY market_id, open_time_ms")
            minutes = [tuple(row) for row in await connection.execute(query)]
        await engine.dispose()
        assert minutes == [(r[0], *r[2:]) for r in stored_rows(rows) if r[1] == 60_000]
        await migrate(url)
        builder = CandleBuilder(engine)
        assert {market.built for market in await builder.behind()} == {EMPTYING}
        with pytest.raises(Unavailable, match="being built"):
            await SqlHistoryReader(engine).candles_since(1, 60_000, 0, FAR_MS, 1)
        await whole(builder)
        assert await stored(engine) == stored_rows(rows)
        async with engine.connect() as connection:
            count = await connection.execute(select(func.count()).select_from(tables.trades))
            assert count.scalar() == len(rows)


async def to_revision(url: str, revision: str) -> None:
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(lambda found: command.downgrade(config_of(found), revision))
    await engine.dispose()
