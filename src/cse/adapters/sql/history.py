"""History read back (port cse.projections.ports.HistoryReader), from SQLite and PostgreSQL.

Every page is one walk along an index, from where the last page ended: the thousandth page costs what the
first one costs.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Index, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql import tables
from cse.adapters.sql.candles import STORED, built_query, candles_page
from cse.adapters.sql.changes_since import (
    closed_orders_page,
    fills_after_page,
    open_orders_page,
)
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.projection_store import HISTORY
from cse.adapters.sql.views import candle_view, fill_view, ledger_entry, order_view, trade_view
from cse.core.errors import Unavailable
from cse.market_data.candles import open_time
from cse.projections.views import CandleView, FillView, LedgerEntry, OrderView, PageKey, TradeView

_orders = tables.orders.c
_fills = tables.fills.c
_trades = tables.trades.c
_ledger = tables.ledger_entries.c


class SqlHistoryReader:
    """Reads what the projector wrote. Never waits for it, and never holds it up."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take the database."""
        self._engine: Final = read_only(engine)
        self._frozen: Final = _one_moment(self._engine)

    async def position(self) -> int:
        """Return the sequence number up to which history is complete."""
        positions = tables.projection_positions
        rows = await self._rows(select(positions.c.sequence).where(positions.c.name == HISTORY))
        return rows[0].sequence if rows else 0

    async def order(self, order_id: int) -> OrderView | None:
        """Return one order."""
        rows = await self._rows(select(tables.orders).where(_orders.order_id == order_id))
        return order_view(rows[0]) if rows else None

    async def order_by_client_id(self, account_id: int, client_order_id: str) -> OrderView | None:
        """Return an account's newest order of this client order id."""
        rows = await self._rows(orders_by_client_id(account_id, client_order_id))
        return order_view(rows[0]) if rows else None

    async def orders(
        self,
        account_id: int,
        *,
        closed: bool | None,
        market_id: int | None,
        before: int | None,
        limit: int,
    ) -> Sequence[OrderView]:
        """Return a page of an account's orders."""
        query = orders_page(
            account_id, closed=closed, market_id=market_id, before=before, limit=limit
        )
        return [order_view(row) for row in await self._rows(query)]

    async def order_fills(self, order_id: int) -> Sequence[FillView]:
        """Return all fills of one order, oldest first."""
        return [fill_view(row) for row in await self._rows(fills_of_order(order_id))]

    async def fills(
        self, account_id: int, *, market_id: int | None, before: PageKey | None, limit: int
    ) -> Sequence[FillView]:
        """Return a page of an account's fills."""
        query = fills_page(account_id, market_id, before, limit)
        return [fill_view(row) for row in await self._rows(query)]

    async def orders_changed(
        self, account_id: int, *, after: PageKey, until: int, limit: int
    ) -> Sequence[OrderView]:
        """Return a page of an account's orders that changed; see the port."""
        asked = (account_id, after, until, limit)
        with database_errors("history"):
            async with self._frozen.connect() as connection:
                rows = [
                    *await connection.execute(closed_orders_page(*asked)),
                    *await connection.execute(open_orders_page(*asked)),
                ]
        rows.sort(key=lambda row: (row.sequence, row.order_id))
        return [order_view(row) for row in rows[:limit]]

    async def fills_after(
        self, account_id: int, *, after: PageKey, until: int, limit: int
    ) -> Sequence[FillView]:
        """Return a page of an account's later fills; see the port."""
        query = fills_after_page(account_id, after, until, limit)
        return [fill_view(row) for row in await self._rows(query)]

    async def ledger(
        self, account_id: int, *, asset_id: int | None, before: PageKey | None, limit: int
    ) -> Sequence[LedgerEntry]:
        """Return a page of an account's ledger entries."""
        query = ledger_page(account_id, asset_id, before, limit)
        return [ledger_entry(row) for row in await self._rows(query)]

    async def trades(
        self, market_id: int, *, before: int | None, after: int | None, limit: int
    ) -> Sequence[TradeView]:
        """Return a page of a market's trades."""
        query = trades_page(market_id, before, after, limit)
        return [trade_view(row) for row in await self._rows(query)]

    async def trades_since(self, market_id: int, time_ms: int, limit: int) -> Sequence[TradeView]:
        """Return a market's trades from a time on, oldest first."""
        return [trade_view(row) for row in await self._rows(trades_from(market_id, time_ms, limit))]

    async def candles_since(
        self, market_id: int, interval_ms: int, from_ms: int, to_ms: int, limit: int
    ) -> Sequence[CandleView]:
        """Return a market's first candles of a time; see the port."""
        begin_ms = open_time(from_ms, interval_ms)
        query = candles_page(market_id, interval_ms, begin_ms, to_ms, limit, newest=False)
        return await self._candles(market_id, interval_ms, query)

    async def candles_until(
        self, market_id: int, interval_ms: int, from_ms: int, to_ms: int, limit: int
    ) -> Sequence[CandleView]:
        """Return a market's last candles of a time; see the port."""
        begin_ms = open_time(from_ms, interval_ms)
        query = candles_page(market_id, interval_ms, begin_ms, to_ms, limit, newest=True)
        return (await self._candles(market_id, interval_ms, query))[::-1]

    async def _candles(
        self, market_id: int, interval_ms: int, query: Select[Any]
    ) -> list[CandleView]:
        if interval_ms not in STORED:
            raise ValueError(f"no candles of {interval_ms} ms are stored")
        with database_errors("history"):
            async with self._frozen.connect() as connection:
                [state] = (await connection.execute(built_query(market_id))).all()
                if (state.built or 0) != (state.last or 0):
                    raise Unavailable("The market's candles are being built anew; try again")
                rows = (await connection.execute(query)).all()
        return [candle_view(row) for row in rows]

    async def _rows(self, query: Select[Any]) -> Sequence[Any]:
        with database_errors("history"):
            async with self._engine.connect() as connection:
                rows: Sequence[Any] = (await connection.execute(query)).all()
                return rows


def _one_moment(engine: AsyncEngine) -> AsyncEngine:
    """Return the same engine for transactions that see the database as it was when they began."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ")
    return engine  # a transaction of SQLite always does


def orders_page(
    account_id: int, *, closed: bool | None, market_id: int | None, before: int | None, limit: int
) -> Select[Any]:
    """Newest first. (Closed orders share the index of all: an account's open ones are few.)"""
    query = select(tables.orders).where(_orders.account_id == account_id)
    if closed is not None:
        query = query.where(tables.IS_CLOSED if closed else tables.IS_OPEN)
    if market_id is not None:
        query = query.where(_orders.market_id == market_id)
        if closed is not False:
            query = _along(query, tables.ORDERS_OF_MARKET)
    if before is not None:
        query = query.where(_orders.order_id < before)
    return query.order_by(_orders.order_id.desc()).limit(limit)


def orders_by_client_id(account_id: int, client_order_id: str) -> Select[Any]:
    """The newest one."""
    return (
        select(tables.orders)
        .where(
            _orders.account_id == account_id,
            _orders.client_order_id == client_order_id,
            tables.IS_NAMED,
        )
        .order_by(_orders.order_id.desc())
        .limit(1)
    )


def fills_of_order(order_id: int) -> Select[Any]:
    """Oldest first."""
    query = select(tables.fills).where(_fills.order_id == order_id)
    return query.order_by(_fills.sequence, _fills.position)


def fills_page(
    account_id: int, market_id: int | None, before: PageKey | None, limit: int
) -> Select[Any]:
    """Newest first."""
    query = select(tables.fills).where(_fills.account_id == account_id)
    if market_id is not None:
        query = _along(query.where(_fills.market_id == market_id), tables.FILLS_OF_MARKET)
    return _newest_first(query, _fills, before, limit)


def ledger_page(
    account_id: int, asset_id: int | None, before: PageKey | None, limit: int
) -> Select[Any]:
    """Newest first."""
    query = select(tables.ledger_entries).where(_ledger.account_id == account_id)
    if asset_id is not None:
        query = _along(query.where(_ledger.asset_id == asset_id), tables.LEDGER_OF_ASSET)
    return _newest_first(query, _ledger, before, limit)


def trades_page(market_id: int, before: int | None, after: int | None, limit: int) -> Select[Any]:
    """Newest first."""
    query = select(tables.trades).where(_trades.market_id == market_id)
    if before is not None:
        query = query.where(_trades.trade_id < before)
    if after is not None:
        query = query.where(_trades.trade_id > after)
    return query.order_by(_trades.trade_id.desc()).limit(limit)


def trades_from(market_id: int, time_ms: int, limit: int) -> Select[Any]:
    """Oldest first."""
    query = select(tables.trades).where(_trades.market_id == market_id, _trades.time_ms >= time_ms)
    return query.order_by(_trades.time_ms, _trades.trade_id).limit(limit)


def _along(query: Select[Any], index: Index) -> Select[Any]:
    """Have SQLite walk this index: without statistics it takes a table's own order for cheaper.

    That would read all of an account's rows of other markets between two of the wanted one.
    """
    assert index.table is not None
    return query.with_hint(index.table, f"INDEXED BY {index.name}", "sqlite")


def _newest_first(
    query: Select[Any], columns: Any, before: PageKey | None, limit: int
) -> Select[Any]:
    if before is not None:
        query = query.where(tuple_(columns.sequence, columns.position) < tuple_(*before))
    return query.order_by(columns.sequence.desc(), columns.position.desc()).limit(limit)
