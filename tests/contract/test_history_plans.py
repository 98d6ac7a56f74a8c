"""Proves that a page of history costs the same however much history there is: EXPLAIN, on both databases.

Every read walks an index from where the page begins: nothing is sorted, no table is gone through, and
next to nothing is read that is not returned.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from cse.adapters.sql import history, tables
from cse.adapters.sql.bulk import write_rows
from cse.adapters.sql.candles import candles_query
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.rows import RowSet
from cse.adapters.sql.schema import migrate
from cse.projections.views import PageKey

ROWS = 40_000
ME = 5
LIMIT = 50
KEY = PageKey(ROWS // 2, 0)

PAGES: dict[str, Select[Any]] = {
    "order_by_client_id": history.orders_by_client_id(ME, "name-5"),
    "order_fills": history.fills_of_order(ROWS // 2),
    "trades": history.trades_page(1, None, None, LIMIT),
    "trades before": history.trades_page(1, ROWS // 2, None, LIMIT),
    "trades between": history.trades_page(1, ROWS // 2, ROWS // 3, LIMIT),
    "trades since": history.trades_from(1, ROWS // 2, LIMIT),
    **{
        f"orders closed={closed} market={market} before={before}": history.orders_page(
            ME, closed=closed, market_id=market, before=before, limit=LIMIT
        )
        for closed in (None, True, False)
        for market in (None, 1)
        for before in (None, ROWS // 2)
    },
    **{
        f"{name} filter={filtered} before={before}": page(ME, filtered, before, LIMIT)
        for name, page in (("fills", history.fills_page), ("ledger", history.ledger_page))
        for filtered in (None, 1)
        for before in (None, KEY)
    },
}


def some_rows() -> Iterator[RowSet]:
    """Many accounts, two markets, five open orders each; numbers go up as they do in life."""
    pick = random.Random(1)
    who = [pick.randrange(40) for _ in range(ROWS)]
    head, tail = (1, 1, 1, 1, False, 5, 0, 9, 0, 0, 1), (0, 0, False)
    orders = [
        (w, n, n % 2, *head, f"name-{n % 50}", n, n, n, *tail, 0 if n > ROWS - 200 else 2)
        for n, w in enumerate(who)
    ]
    yield RowSet(tables.orders, orders, ())
    yield RowSet(tables.trades, [(n % 2, n, 5, 5, 25, 1, n, n, n, n) for n in range(ROWS)], ())
    yield RowSet(
        tables.fills,
        [(w, n, 0, n % 2, n, n, 1, 5, 5, 25, 1, 1, True, n) for n, w in enumerate(who)],
        (),
    )
    yield RowSet(
        tables.ledger_entries,
        [(w, n, 0, 0, n % 2, 1, 5, 5, 1, 1, n, n) for n, w in enumerate(who)],
        (),
    )


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    found: str
    if request.param == "sqlite":
        found = f"sqlite:///{tmp_path_factory.mktemp('plans') / 'cse.db'}"
    else:
        found = request.getfixturevalue("module_postgres_url")

    async def fill() -> None:
        await migrate(found)
        engine = make_engine(found)
        async with engine.begin() as connection:
            for rows in some_rows():
                await write_rows(connection, rows)
        if engine.dialect.name == "postgresql":
            loose = engine.execution_options(isolation_level="AUTOCOMMIT")
            async with loose.connect() as connection:
                await connection.execute(text("VACUUM ANALYZE"))
        await engine.dispose()

    asyncio.run(fill())
    return found


async def sqlite_plan(connection: AsyncConnection, query: Select[Any]) -> list[str]:
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")
    return [row.detail for row in rows]


async def postgres_plan(connection: AsyncConnection, query: Select[Any]) -> list[dict[str, Any]]:
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    asked = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {compiled}"
    [[answer]] = await connection.exec_driver_sql(asked)
    nodes = [answer[0]["Plan"]]
    for node in nodes:
        nodes.extend(node.get("Plans", []))
    return nodes


@pytest.fixture
async def connection(url: str) -> AsyncIterator[AsyncConnection]:
    engine = make_engine(url)
    async with engine.connect() as connected:
        yield connected
    await engine.dispose()


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_one_walk_along_an_index(connection: AsyncConnection, name: str) -> None:
    """No sort, no scan of a table; rows read and thrown away are fewer than a handful of pages."""
    if connection.dialect.name == "sqlite":
        [step] = await sqlite_plan(connection, PAGES[name])
        assert step.startswith("SEARCH"), step
        assert "INDEX" in step or "PRIMARY KEY" in step, step
    else:
        plan = await postgres_plan(connection, PAGES[name])
        kinds = {node["Node Type"] for node in plan}
        if (
            "closed=False" in name
        ):  # there are few open orders: to sort them is fine, if that is all
            kinds -= {"Sort", "Bitmap Heap Scan", "Bitmap Index Scan"}
            assert {node.get("Index Name") for node in plan} <= {None, "ix_orders_open"}
        assert kinds <= {"Limit", "Index Scan"}, plan
        thrown_away = sum(node.get("Rows Removed by Filter", 0) for node in plan)
        assert thrown_away <= 4 * LIMIT, plan
        assert plan[0]["Shared Hit Blocks"] + plan[0]["Shared Read Blocks"] < 12 * LIMIT


async def test_a_projector_that_starts_reads_open_orders_only(connection: AsyncConnection) -> None:
    """Coming back does not take longer the more orders there have ever been."""
    orders = tables.orders
    query = select(orders).where(tables.IS_OPEN).order_by(*orders.primary_key)
    if connection.dialect.name == "sqlite":
        [step] = await sqlite_plan(connection, query)
        assert "INDEX ix_orders_open" in step
    else:
        plan = await postgres_plan(connection, query)
        assert {node.get("Index Name") for node in plan} - {None} == {"ix_orders_open"}


async def test_short_candles_are_added_up_within_an_index(connection: AsyncConnection) -> None:
    """The trades of a candle are read from the index alone, and only those of its interval."""
    query = candles_query(1, 1_000, 10_000, 12_000)
    if connection.dialect.name == "sqlite":
        plan = await sqlite_plan(connection, query)
        walks = [step for step in plan if "ix_trades_candles" in step]
        assert ["COVERING INDEX" in step for step in walks] == [True], plan
    else:
        nodes = await postgres_plan(connection, query)
        reads = [node for node in nodes if node.get("Index Name") == "ix_trades_candles"]
        assert [node["Node Type"] for node in reads] == ["Index Only Scan"], nodes
        assert reads[0]["Actual Rows"] == 1_000
        assert "Seq Scan" not in {node["Node Type"] for node in nodes}, nodes
