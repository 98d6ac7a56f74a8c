"""Proves that a page of history costs the same however much history there is: EXPLAIN, on both databases.

Every read walks an index from where the page begins: nothing is sorted, no table is gone through, and
next to nothing is read that is not returned.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from cse.adapters.sql import history, tables
from cse.adapters.sql.bulk import write_rows
from cse.adapters.sql.candle_building import trades_after
from cse.adapters.sql.candles import built_query, candles_page
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.rows import RowSet
from cse.adapters.sql.schema import migrate
from cse.projections.views import PageKey

ROWS = 40_000
ME = 5
LIMIT = 50
KEY = PageKey(ROWS // 2, 0)

DEEP = ROWS // 4 * 60_000
"""A minute in the middle of the candles."""

PAGES: dict[str, Select[Any]] = {
    "order_by_client_id": history.orders_by_client_id(ME, "name-5"),
    "order_fills": history.fills_of_order(ROWS // 2),
    "trades": history.trades_page(1, None, None, LIMIT),
    "trades before": history.trades_page(1, ROWS // 2, None, LIMIT),
    "trades between": history.trades_page(1, ROWS // 2, ROWS // 3, LIMIT),
    "trades since": history.trades_from(1, ROWS // 2, LIMIT),
    "trades after": trades_after(1, ROWS // 2, LIMIT),
    **{
        f"candles newest={newest}": candles_page(1, 60_000, DEEP, 2 * DEEP, LIMIT, newest=newest)
        for newest in (True, False)
    },
    "the last candle before": candles_page(1, 60_000, 0, DEEP, 1, newest=True),
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
    values = (5, 5, 5, 5, 0, 1, 0, 1, 1, 1)
    lengths = (60_000, 180_000)
    candles = [(n % 2, ms, n * ms, *values) for n in range(ROWS // 2) for ms in lengths]
    yield RowSet(tables.candles, candles, ())
    yield RowSet(tables.candle_positions, [(0, ROWS - 2), (1, ROWS - 1)], ())
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
        # What it is filtered by, the walk is along; of open orders there are few.
        if ("market=1" in name or "filter=1" in name) and "closed=False" not in name:
            assert "(account_id=? AND market_id=?" in step or "(account_id=? AND asset_id=?" in step
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


async def test_whether_candles_are_whole_takes_two_look_ups(connection: AsyncConnection) -> None:
    """Asked before every page of candles: one row of positions, the last trade by its index, nothing more."""
    query = built_query(1)
    if connection.dialect.name == "sqlite":
        steps = await sqlite_plan(connection, query)
        assert len([step for step in steps if step.startswith("SEARCH")]) == 2
        assert not [step for step in steps if step.startswith("SCAN") and "CONSTANT" not in step]
    else:
        plan = await postgres_plan(connection, query)
        assert {node.get("Index Name") for node in plan} >= {"pk_trades"}
        assert sum(node["Actual Rows"] for node in plan if "Index Name" in node) <= 2, plan
        # A table of a row per market may be read whole.
        assert {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"} <= {
            "candle_positions"
        }


SHOWN = {
    "newest trades of a market": "trades",
    "trades of a market, going on": "trades before",
    "candles, towards now": "candles newest=False",
    "candles, into the past": "candles newest=True",
    "the close before a page of candles": "the last candle before",
    "own orders": "orders closed=None market=None before=20000",
    "own orders of a market": "orders closed=None market=1 before=20000",
    "own fills": "fills filter=None before=PageKey(sequence=20000, position=0)",
    "own fills of a market": "fills filter=1 before=PageKey(sequence=20000, position=0)",
    "own ledger": "ledger filter=None before=PageKey(sequence=20000, position=0)",
    "own ledger of an asset": "ledger filter=1 before=PageKey(sequence=20000, position=0)",
}
"""The reads whose plans docs/reference/database.md shows, by what it calls them."""

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "database.md"


@pytest.mark.parametrize("what", SHOWN)
async def test_the_plans_in_the_documentation_are_the_plans(
    connection: AsyncConnection, what: str
) -> None:
    """The table in database.md says what EXPLAIN says, on both databases."""
    told = next(line for line in PAGE.read_text().splitlines() if line.startswith(f"| {what} |"))
    _, _, sqlite, postgres, _ = (cell.strip() for cell in told.split("|"))
    query = PAGES[SHOWN[what]]
    if connection.dialect.name == "sqlite":
        assert [sqlite.strip("`")] == await sqlite_plan(connection, query)
    else:
        plan = await postgres_plan(connection, query)
        assert postgres.strip("`") == ", ".join(
            " using ".join(filter(None, (node["Node Type"], node.get("Index Name"))))
            for node in plan
        )
