"""What portfolios read of history, over SQLite and PostgreSQL, against plain sums over the entries themselves."""

import random
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql import portfolio, tables
from cse.adapters.sql.bulk import write_rows
from cse.adapters.sql.portfolio import SqlPortfolioReader
from cse.adapters.sql.portfolio_prices import prices_query
from cse.adapters.sql.rows import RowSet
from cse.portfolio.model import Moved
from cse.portfolio.ports import Close, Moment
from cse.projections.ledger import Bucket, Reason
from tests.contract.projecting import database

COMMANDS, ME, PER_MS = 6_000, 3, 10
KINDS = {1: "deposit", 3: "withdrawal", 5: "transfer", 8: "trade", 9: "fee"}
TRADES = [(number, number * 7 % 90 + 10, number * 4) for number in range(1, 1_000)]
"""(trade id, price, sequence); ten commands share a millisecond."""


def entries() -> list[tuple[int, ...]]:
    """Rows of the ledger: every account's balances follow from them, in two buckets, and never fall below zero."""
    pick, left = random.Random(5), defaultdict[Any, int](int)
    rows: list[tuple[int, ...]] = []
    for sequence in range(1, COMMANDS):
        account, asset = pick.randrange(1, 6), pick.randrange(1, 4)
        bucket = pick.choice([Bucket.AVAILABLE, Bucket.HELD])
        reason = pick.choice(list(Reason))
        has = left[account, asset, bucket]
        amount = pick.choice([-pick.randrange(has + 1), 2**40 + pick.randrange(2**40)])
        left[account, asset, bucket] += amount
        row = (account, sequence, 0, 0, asset, int(bucket), amount)
        balance = left[account, asset, bucket]
        rows.append((*row, balance, int(reason), 0, 0, sequence // PER_MS))
    return rows


ENTRIES = entries()


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Any) -> AsyncIterator[AsyncEngine]:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'cse.db'}" if sqlite else request.getfixturevalue("postgres_url")
    async with database(url) as made:
        async with made.begin() as connection:
            owned = [(ME, asset, 0, 0, COMMANDS) for asset in (1, 2, 3)]
            await write_rows(connection, RowSet(tables.balances, owned, ()))
            await write_rows(connection, RowSet(tables.ledger_entries, ENTRIES, ()))
            trades = [(1, t, p, 1, p, 1, 1, 1, s // PER_MS, s) for t, p, s in TRADES]
            await write_rows(connection, RowSet(tables.trades, trades, ()))
        if made.dialect.name == "postgresql":
            loose = made.execution_options(isolation_level="AUTOCOMMIT")
            async with loose.connect() as connection:
                await connection.execute(text("VACUUM ANALYZE"))
        yield made


async def test_moves_come_once_and_in_order(engine: AsyncEngine) -> None:
    """Deposits, withdrawals that went out, and transfers of one account, page by page, with their kinds."""
    reader, after = SqlPortfolioReader(engine), 700
    found: list[Moved] = []
    while page := await reader.moves_after(ME, after, 5_000, 50):
        found += page
        after = page[-1].sequence
    expected = [
        (row[1], KINDS[row[8]], row[4], row[6])
        for row in ENTRIES
        if row[0] == ME and row[8] in {1, 3, 5} and 700 < row[1] <= 5_000
    ]
    assert [(m.sequence, m.kind, m.asset_id, m.amount) for m in found] == expected


async def test_a_price_is_of_the_last_trade_before_a_command(engine: AsyncEngine) -> None:
    """Not of the command itself, nor of a later one in the same millisecond; none before the first trade."""
    moments = [Moment(s, s // PER_MS) for s in [1, 4, 5, 8, 9, 801, 3_996, 5_000]]
    found = await SqlPortfolioReader(engine).prices_before(1, moments)
    expected = [
        next((price for _, price, at in reversed(TRADES) if at < moment.sequence), None)
        for moment in moments
    ]
    assert found == expected
    assert found[:2] == [None, None]
    assert found[2] is not None
    assert await SqlPortfolioReader(engine).prices_before(2, moments) == [None] * len(moments)


async def test_a_time_divides_the_ledger(engine: AsyncEngine) -> None:
    """Whatever the time: entries before the command are of before it, all others are not."""
    reader = SqlPortfolioReader(engine)
    own = [row for row in ENTRIES if row[0] == ME]
    for time_ms in [0, 1, 37, 300, COMMANDS // PER_MS - 1, COMMANDS]:
        sequence = await reader.sequence_at(ME, time_ms)
        assert all((row[1] < sequence) == (row[11] < time_ms) for row in own), time_ms
    assert await reader.sequence_at(99, 5) == 0


async def test_balances_and_sums_agree(engine: AsyncEngine, monkeypatch: Any) -> None:
    """Opening + what moved = closing for all reasons together; sums of kinds are plain sums, chunk by chunk."""
    monkeypatch.setattr(portfolio, "CHUNK", 100)
    reader, begin, end = SqlPortfolioReader(engine), 1_000, 4_321
    opening = await reader.balances_before(ME, begin)
    closing = await reader.balances_before(ME, end)
    own = [row for row in ENTRIES if row[0] == ME]
    for asset in (1, 2, 3):
        amounts = [row[6] for row in own if row[4] == asset and row[1] < begin]
        assert opening[asset] == sum(amounts)
        within = [row[6] for row in own if row[4] == asset and begin <= row[1] < end]
        assert closing[asset] == opening[asset] + sum(within)
    found = {(s.asset_id, s.reason): s for s in await reader.sums(ME, begin, end)}
    expected = defaultdict[Any, list[int]](list)
    for row in own:
        if begin <= row[1] < end and row[8] in KINDS:
            expected[row[4], KINDS[row[8]]].append(row[6])
    assert found.keys() == expected.keys()
    for key, amounts in expected.items():
        assert found[key].received == sum(amount for amount in amounts if amount > 0)
        assert found[key].paid == -sum(amount for amount in amounts if amount < 0)
        assert found[key].entries == len(amounts)


async def test_sums_may_be_larger_than_64_bits(engine: AsyncEngine) -> None:
    """What moves in a year may be more than an amount can be."""
    huge = [(7, n, 0, 0, 1, 1, 2**63 - 1, 0, 8, 0, 0, n) for n in range(1, 4)]
    gone = [(7, n, 1, 0, 1, 1, -(2**63) + 1, 0, 8, 0, 0, n) for n in range(1, 4)]
    async with engine.begin() as connection:
        await write_rows(connection, RowSet(tables.ledger_entries, [*huge, *gone], ()))
    [found] = await SqlPortfolioReader(engine).sums(7, 0, 10)
    assert found == (1, "trade", 3 * (2**63 - 1), 3 * (2**63 - 1), 6)


async def test_closes_come_with_the_last_one_before(engine: AsyncEngine) -> None:
    """Of the markets that were asked for: the window's candles, and what they closed at before it."""
    listed = [(n, f"M{n}", 1, 2, 4, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1) for n in (1, 2, 3)]
    values = (0, 1, 0, 1, 1, 1)
    candles = [(1, 60_000, t * 60_000, 5, 5, 5, t, *values) for t in (1, 4, 5, 9)]
    candles += [(2, 60_000, 2 * 60_000, 5, 5, 5, 7, *values), (1, 180_000, 0, 5, 5, 5, 8, *values)]
    async with engine.begin() as connection:
        assets = [(1, "A", 4, 1), (2, "B", 6, 1)]
        await write_rows(connection, RowSet(tables.assets, assets, ()))
        await write_rows(connection, RowSet(tables.markets, listed, ()))
        await write_rows(connection, RowSet(tables.candles, candles, ()))
    reader = SqlPortfolioReader(engine)
    found = await reader.closes([1, 2, 3], 60_000, 5 * 60_000, 9 * 60_000)
    assert found == [Close(1, 240_000, 4), Close(1, 300_000, 5), Close(2, 120_000, 7)]
    assert await reader.closes([2], 60_000, 0, 60_000) == []


READS: dict[str, Select[Any]] = {
    "moves": portfolio.moves_page(ME, COMMANDS // 2, COMMANDS, 50),
    "balances": portfolio.balances_query(ME, COMMANDS // 2),
    "prices": prices_query(1, [Moment(900, 90), Moment(905, 90)]),
}


@pytest.mark.parametrize("name", READS)
async def test_reads_walk_indexes(engine: AsyncEngine, name: str) -> None:
    """Nothing is sorted and no large table is gone through."""
    async with engine.connect() as connection:
        words = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
        shown = READS[name].compile(engine, compile_kwargs={"literal_binds": True})
        rows = await connection.exec_driver_sql(f"{words} {shown}")
        plan = "\n".join(str(row[-1]) for row in rows)
    large = ("ledger_entries", "trades")
    assert not any(f"SCAN {table}" in plan or f"Seq Scan on {table}" in plan for table in large)
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
