"""Proves history reading over SQLite and PostgreSQL against a naive model: the rows, in lists, filtered."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import pytest
from sqlalchemy import text

from cse.adapters.sql.bulk import write_rows
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.history import SqlHistoryReader
from cse.adapters.sql.rows import row_sets
from cse.core.errors import Unavailable
from cse.core.money import MAX_AMOUNT
from cse.market_data import INTERVALS
from cse.messages import events as e
from cse.messages.wire import Side
from cse.projections.changes import Changes, TradeRow
from cse.projections.fold import Fold
from cse.projections.views import CandleView, OrderView, TradeView
from tests.contract.projecting import batches, database, genesis, projector
from tests.servers import PrivatePostgres
from tests.unit.projections.flow import ACCOUNTS, MARKETS, START_MS, Flow
from tests.waiting import wait_until_async

Item = TypeVar("Item")
DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS


class Past(NamedTuple):
    """A projected database and, in memory, all that is in it."""

    url: str
    rows: Changes


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def past(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Past]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('history') / 'cse.db'}"
    else:
        url = request.getfixturevalue("module_postgres_url")
    applied = list(Flow(31).run(2_500))
    fold = Fold.genesis(genesis())
    for one in applied:
        fold.apply(one)

    async def project() -> None:
        async with database(url) as engine:
            await projector(engine).run(batches(applied))

    asyncio.run(project())
    return Past(url, fold.take())


@pytest.fixture
async def history(past: Past) -> AsyncIterator[SqlHistoryReader]:
    engine = make_engine(past.url)
    yield SqlHistoryReader(engine)
    await engine.dispose()


async def pages(
    read: Callable[[Any], Awaitable[Sequence[Item]]], key: Callable[[Item], Any]
) -> list[Item]:
    """All pages, each asked for with the key of the last item of the one before."""
    found: list[Item] = []
    before = None
    while page := await read(before):
        found.extend(page)
        before = key(page[-1])
    return found


async def test_the_position_is_the_last_command(history: SqlHistoryReader, past: Past) -> None:
    """How far history goes is the last command that was projected."""
    assert await history.position() == past.rows.sequence


@pytest.mark.parametrize("closed", [None, True, False])
@pytest.mark.parametrize("market_id", [None, *MARKETS])
async def test_orders(
    history: SqlHistoryReader, past: Past, closed: bool | None, market_id: int | None
) -> None:
    """Every order of an account comes once, newest first, whatever the filter and the page size."""

    def wanted(order: OrderView, account_id: int) -> bool:
        return (
            order.account_id == account_id
            and market_id in {None, order.market_id}
            and closed in {None, order.close_reason is not None}
        )

    for account_id in ACCOUNTS:
        expected = [o for o in reversed(past.rows.orders.values()) if wanted(o, account_id)]
        found = await pages(
            lambda before, account_id=account_id: history.orders(
                account_id, closed=closed, market_id=market_id, before=before, limit=37
            ),
            lambda order: order.order_id,
        )
        assert found == expected


async def test_one_order(history: SqlHistoryReader, past: Past) -> None:
    """By id, and the newest by client order id, of its owner only."""
    newest: dict[tuple[int, str], OrderView] = {}
    for order in past.rows.orders.values():
        assert await history.order(order.order_id) == order
        if order.client_order_id:
            newest[order.account_id, order.client_order_id] = order
    assert len(newest) > 20
    for (account_id, name), order in newest.items():
        assert await history.order_by_client_id(account_id, name) == order
    assert await history.order_by_client_id(account_id + 10, name) is None
    assert await history.order_by_client_id(1000, "") is None
    assert await history.order(10**9) is None


@pytest.mark.parametrize("market_id", [None, *MARKETS])
async def test_fills(history: SqlHistoryReader, past: Past, market_id: int | None) -> None:
    """Every fill of an account comes once, newest first; both sides of a trade with oneself too."""
    for account_id in ACCOUNTS:
        found = await pages(
            lambda before, account_id=account_id: history.fills(
                account_id, market_id=market_id, before=before, limit=7
            ),
            lambda fill: fill.key,
        )
        expected = [
            fill
            for fill in reversed(past.rows.fills)
            if fill.account_id == account_id and market_id in {None, fill.market_id}
        ]
        assert found == expected
        assert expected


async def test_fills_of_one_order(history: SqlHistoryReader, past: Past) -> None:
    """All fills of an order, oldest first, and they sum to what the order says."""
    traded = [order for order in past.rows.orders.values() if order.filled_quantity]
    for order in traded[:100]:
        fills = await history.order_fills(order.order_id)
        assert fills == [fill for fill in past.rows.fills if fill.order_id == order.order_id]
        assert sum(fill.quantity for fill in fills) == order.filled_quantity
        assert sum(fill.quote_amount for fill in fills) == order.quote_filled


@pytest.mark.parametrize("asset_id", [None, 1, 2])
async def test_ledger(history: SqlHistoryReader, past: Past, asset_id: int | None) -> None:
    """Every leg of an account comes once, newest first; pages may end in the middle of a movement."""
    for account_id in (0, 1, *ACCOUNTS):
        found = await pages(
            lambda before, account_id=account_id: history.ledger(
                account_id, asset_id=asset_id, before=before, limit=101
            ),
            lambda entry: entry.key,
        )
        expected = [
            entry
            for entry in reversed(past.rows.ledger)
            if entry.account_id == account_id and asset_id in {None, entry.asset_id}
        ]
        assert found == expected
        assert expected


def all_trades(past: Past, market_id: int) -> list[TradeView]:
    return [
        TradeView(
            market_id,
            row.trade.trade_id,
            row.trade.price,
            row.trade.quantity,
            row.trade.quote_amount,
            row.trade.taker_side,
            row.time_ms,
            row.sequence,
        )
        for row in past.rows.trades
        if row.trade.market_id == market_id
    ]


async def test_trades(history: SqlHistoryReader, past: Past) -> None:
    """A market's trades in pages, between two ids, and from a time on."""
    for market_id in MARKETS:
        expected = all_trades(past, market_id)
        found = await pages(
            lambda before, market_id=market_id: history.trades(
                market_id, before=before, after=None, limit=30
            ),
            lambda trade: trade.trade_id,
        )
        assert found == expected[::-1]
        between = await history.trades(market_id, before=20, after=10, limit=100)
        assert [trade.trade_id for trade in between] == list(range(19, 10, -1))
        since = await history.trades_since(market_id, expected[9].time_ms, 1_000)
        assert since == [trade for trade in expected if trade.time_ms >= expected[9].time_ms]


def naive_candles(trades: list[TradeView], interval_ms: int, shift: int = 0) -> list[CandleView]:
    groups: dict[int, list[TradeView]] = {}
    for trade in trades:
        began = (trade.time_ms - shift) // interval_ms * interval_ms + shift
        groups.setdefault(began, []).append(trade)
    return [
        CandleView(
            market_id=group[0].market_id,
            open_time_ms=began,
            interval_ms=interval_ms,
            open=group[0].price,
            high=max(trade.price for trade in group),
            low=min(trade.price for trade in group),
            close=group[-1].price,
            volume=sum(trade.quantity for trade in group),
            quote_volume=sum(trade.quote_amount for trade in group),
            trades=len(group),
        )
        for began, group in groups.items()
    ]


@pytest.mark.parametrize("interval_ms", INTERVALS.values())
async def test_candles(history: SqlHistoryReader, past: Past, interval_ms: int) -> None:
    """Candles add up all trades, whatever the interval; a limit cuts off the latest ones, or the first."""
    for market_id in MARKETS:
        shift = 4 * DAY_MS if interval_ms == WEEK_MS else 0
        expected = naive_candles(all_trades(past, market_id), interval_ms, shift)
        end = START_MS * 2
        assert await history.candles_since(market_id, interval_ms, 0, end, 10_000) == expected
        assert await history.candles_until(market_id, interval_ms, 0, end, 10_000) == expected
        for limit in (1, 3):
            found = await history.candles_since(market_id, interval_ms, 0, end, limit)
            assert found == expected[:limit]
            found = await history.candles_until(market_id, interval_ms, 0, end, limit)
            assert found == expected[-limit:]


async def test_only_intervals_of_the_api_have_candles(history: SqlHistoryReader) -> None:
    """Another length is a mistake of the caller, not an empty answer."""
    with pytest.raises(ValueError, match="no candles of 250 ms"):
        await history.candles_since(1, 250, 0, START_MS, 1)


async def test_candles_between_two_times(history: SqlHistoryReader, past: Past) -> None:
    """They open at or after the first time's interval and before the second time."""
    expected = naive_candles(all_trades(past, 1), 1_000)
    first, last = expected[2].open_time_ms, expected[6].open_time_ms
    for read in (history.candles_since, history.candles_until):
        assert await read(1, 1_000, first + 100, last, 100) == expected[2:6]
        assert await read(1, 1_000, first, last + 1, 100) == expected[2:7]
        assert await read(1, 1_000, first, first, 100) == []


async def test_weeks_begin_on_mondays(history: SqlHistoryReader, past: Past) -> None:
    """2023-11-14, when the flow begins, lies in the week of Monday 2023-11-13."""
    [candle] = await history.candles_since(1, WEEK_MS, START_MS, START_MS + WEEK_MS, 10)
    assert candle.open_time_ms == 1_699_833_600_000


async def test_volumes_beyond_64_bits(history: SqlHistoryReader, past: Past) -> None:
    """A candle's turnover may be more than any one amount: it is kept and added up exactly."""
    engine = make_engine(past.url)
    far = START_MS * 3
    huge = [
        TradeRow(
            e.Trade(77, n, 5, MAX_AMOUNT, 1, MAX_AMOUNT, Side.BUY, 1, 2, 1000, 1001, 0, 0, 0),
            far + n,
            9,
        )
        for n in (1, 2, 3)
    ]
    async with engine.begin() as connection:
        for trade in huge:  # one batch each: later ones are added to the candle that is there
            for rows in row_sets(Changes(0, 0, 0, trades=[trade])):
                await write_rows(connection, rows)
    for interval_ms in (1_000, 60_000, 3_600_000):
        start = far // interval_ms * interval_ms
        [candle] = await history.candles_since(77, interval_ms, start, far + 1_000, 10)
        assert (candle.volume, candle.quote_volume) == (3 * MAX_AMOUNT, 3 * MAX_AMOUNT)
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM trades WHERE market_id = 77"))
        await connection.execute(text("DELETE FROM candles WHERE market_id = 77"))
        await connection.execute(text("DELETE FROM candle_positions WHERE market_id = 77"))
    await engine.dispose()


async def test_an_empty_database_has_an_empty_history(tmp_path: Any) -> None:
    """Before the projector's first start there is a position, 0, and nothing else."""
    async with database(f"sqlite:///{tmp_path / 'new.db'}") as engine:
        history = SqlHistoryReader(engine)
        assert await history.position() == 0
        assert await history.trades(1, before=None, after=None, limit=10) == []
        assert await history.candles_since(1, 60_000, 0, START_MS, 10) == []


async def test_a_database_that_is_away_is_unavailable(private_postgres: PrivatePostgres) -> None:
    """Killed, still down, and up again: Unavailable twice, with its cause; then it answers again."""
    async with database(private_postgres.url) as engine:
        history = SqlHistoryReader(engine)
        assert await history.position() == 0
        private_postgres.kill()
        for _ in range(2):
            with pytest.raises(Unavailable, match="out of reach") as raised:
                await history.position()
            assert raised.value.__cause__ is not None
        private_postgres.start()
        assert await history.position() == 0


async def test_a_broken_file_is_no_outage(tmp_path: Any) -> None:
    """A database without our tables is a fault to be seen, not one to be waited out."""
    engine = make_engine(f"sqlite:///{tmp_path / 'bare.db'}")
    with pytest.raises(Exception, match="no such table"):
        await SqlHistoryReader(engine).position()
    await engine.dispose()


async def test_a_directory_that_is_not_there_is_an_outage(tmp_path: Any) -> None:
    """SQLite that cannot open its file (a disk that is not mounted) is Unavailable."""
    before = set(threading.enumerate())
    engine = make_engine(f"sqlite:///{tmp_path / 'nowhere' / 'cse.db'}")
    with pytest.raises(Unavailable, match="unable to open"):
        await SqlHistoryReader(engine).position()
    await engine.dispose()
    # aiosqlite ends the thread of a connection that failed without waiting for it.
    await wait_until_async(
        lambda: set(threading.enumerate()) <= before, what="the connection's thread to end"
    )
