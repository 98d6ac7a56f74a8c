"""What an account missed since a command, over SQLite and PostgreSQL: against lists, and as one walk along an index."""

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql import tables
from cse.adapters.sql.bulk import write_rows
from cse.adapters.sql.changes_since import closed_orders_page, fills_after_page, open_orders_page
from cse.adapters.sql.history import SqlHistoryReader
from cse.adapters.sql.rows import RowSet
from cse.projections.views import FillView, OrderView, PageKey
from tests.contract.projecting import database

ROWS, ME, LIMIT = 8_000, 5, 50
PICK = random.Random(3)
ORDERS = [(PICK.randrange(20), number, PICK.randrange(1, ROWS)) for number in range(ROWS)]
"""(account, order id, sequence of the last change)"""
OPEN = set(PICK.sample(range(ROWS), 40 * 20))
FILLS = [(PICK.randrange(20), sequence, place) for sequence in range(ROWS // 2) for place in (0, 1)]
"""(account, sequence, position)"""


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Any) -> AsyncIterator[AsyncEngine]:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'cse.db'}" if sqlite else request.getfixturevalue("postgres_url")
    head, tail = (1, 1, 1, 1, 1, False, 5, 0, 9, 0, 0, 1), (0, 0, False)
    async with database(url) as made:
        async with made.begin() as connection:
            orders = [
                (w, n, *head, "", n, n, s, *tail, 0 if n in OPEN else 2) for w, n, s in ORDERS
            ]
            await write_rows(connection, RowSet(tables.orders, orders, ()))
            fills = [(w, s, p, 1, s, s, 1, 5, 5, 25, 1, 1, True, s) for w, s, p in FILLS]
            await write_rows(connection, RowSet(tables.fills, fills, ()))
        if made.dialect.name == "postgresql":
            loose = made.execution_options(isolation_level="AUTOCOMMIT")
            async with loose.connect() as connection:
                await connection.execute(text("VACUUM ANALYZE"))
        yield made


@pytest.mark.parametrize(("since", "until"), [(0, ROWS), (ROWS // 3, ROWS // 2), (ROWS, ROWS * 2)])
async def test_pages_hold_all_that_was_missed(engine: AsyncEngine, since: int, until: int) -> None:
    """Every order changed and every fill made in (since, until], each once, oldest first."""
    history = SqlHistoryReader(engine)
    orders: list[OrderView] = []
    after = PageKey(since, 2**63 - 1)
    while page := await history.orders_changed(ME, after=after, until=until, limit=LIMIT):
        assert len(page) <= LIMIT
        orders += page
        after = PageKey(page[-1].sequence, page[-1].order_id)
    expected = sorted((s, n) for who, n, s in ORDERS if who == ME and since < s <= until)
    assert [(order.sequence, order.order_id) for order in orders] == expected
    fills: list[FillView] = []
    after = PageKey(since, 2**31 - 1)
    while found := await history.fills_after(ME, after=after, until=until, limit=LIMIT):
        fills += found
        after = found[-1].key
    made = sorted((s, p) for who, s, p in FILLS if who == ME and since < s <= until)
    assert [fill.key for fill in fills] == made


@pytest.mark.parametrize("page", [closed_orders_page, fills_after_page])
async def test_a_page_is_one_walk_along_an_index(engine: AsyncEngine, page: Any) -> None:
    """No sort, no table gone through, next to nothing read that is not returned, wherever the page begins."""
    query: Select[Any] = page(ME, PageKey(ROWS // 4, 0), ROWS, LIMIT)
    async with engine.connect() as connection:
        compiled = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        if connection.dialect.name == "sqlite":
            [step] = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")
            assert step.detail.startswith("SEARCH"), step
            assert "ix_orders_closed" in step.detail or "PRIMARY KEY" in step.detail
            return
        asked = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {compiled}"
        [[answer]] = await connection.exec_driver_sql(asked)
    limit = answer[0]["Plan"]
    [walk] = limit["Plans"]
    assert (limit["Node Type"], walk["Node Type"]) == ("Limit", "Index Scan"), answer
    assert walk.get("Rows Removed by Filter", 0) == 0, answer
    assert limit["Shared Hit Blocks"] + limit["Shared Read Blocks"] < 12 * LIMIT


async def test_open_orders_are_looked_at_by_their_own_index(engine: AsyncEngine) -> None:
    """However many closed orders an account has: its open ones are found among the open ones."""
    query = open_orders_page(ME, PageKey(ROWS // 4, 0), ROWS, LIMIT)
    async with engine.connect() as connection:
        compiled = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        plan = str(list(await connection.exec_driver_sql(f"{explain} {compiled}")))
    assert "ix_orders_open" in plan, plan
