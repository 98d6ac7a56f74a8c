"""Candles made anew from the trades table, beside whoever writes trades, in small steps that each are whole.

`candle_positions.trade_id` says up to which of a market's trades its candles go. The projector adds a batch's
trades to the candles only where these stand right before the batch (`markets_behind`), and moves the
position; where they are behind, a builder brings them there. Both hold the lock of the history's position
meanwhile, each step is one transaction, and both make rows with the same code: the result does not
depend on who added which trade, nor on where anybody was killed.

A market without a position, at EMPTYING, or beyond its trades is emptied first, in steps too.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Select, Table, case, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql import tables
from cse.adapters.sql.bulk import write_rows
from cse.adapters.sql.candles import candle_rows, first_ids
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.rows import CANDLE_UPDATES, POSITION_UPDATES, RowSet
from cse.projections.changes import TradeRow

EMPTYING: Final = -1
"""Position of a market whose candles are to be deleted before they are built."""

STEP_TRADES: Final = 4_000
"""Trades added in one transaction: a projector waits about a tenth of a second for it."""
STEP_DELETED: Final = 20_000
"""Candles deleted in one transaction."""

_positions = tables.candle_positions.c
_trades = tables.trades.c
_candles = tables.candles.c


class Progress(msgspec.Struct, frozen=True):
    """How far a market's candles are."""

    market_id: int
    symbol: str
    built: int
    """The last trade that is in; EMPTYING while old candles are deleted."""
    last: int
    """The last trade there is; ids count from 1, so this is also how many there are."""

    @property
    def whole(self) -> bool:
        """Whether every trade is in, and nothing else."""
        return self.built == self.last


async def markets_behind(connection: AsyncConnection, made: Sequence[TradeRow]) -> Collection[int]:
    """Return the markets whose candles do not stand right before these trades, in the writer's transaction."""
    if not made:
        return ()
    firsts = first_ids([(row.trade.market_id, row.trade.trade_id) for row in made])
    query = select(tables.candle_positions).where(_positions.market_id.in_(firsts))
    known = {row.market_id: row.trade_id for row in await connection.execute(query)}
    return {
        market_id for market_id, first in firsts.items() if known.get(market_id, 0) != first - 1
    }


class CandleBuilder:
    """Brings candles up to the trades. Any number of builders may work at once, and beside a projector."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take the database, migrated."""
        self._engine: Final = engine

    async def behind(self) -> list[Progress]:
        """Return the markets whose candles lack trades.

        Raises:
            Unavailable: the database is out of reach.
        """
        return [found for found in await self.progress() if not found.whole]

    async def progress(self) -> list[Progress]:
        """Return how far each market is; errors as `behind`."""
        with database_errors("the candles' database"):
            async with read_only(self._engine).connect() as connection:
                rows = (await connection.execute(_progress_query())).all()
        return [Progress(*row) for row in rows]

    async def start_over(self, market_id: int) -> None:
        """Mark a market's candles as not to be trusted: whoever builds next empties them; errors as `behind`."""
        with database_errors("the candles' database"):
            async with self._engine.begin() as connection:
                await _lock(connection)
                await _move(connection, market_id, EMPTYING)

    async def build(self, market_id: int) -> AsyncIterator[Progress]:
        """Bring a market's candles up to its trades; yields after each transaction, the last time when whole.

        Stopping anywhere is safe: the next one goes on from there. Errors as `behind`.
        """
        while True:
            with database_errors("the candles' database"):
                async with self._engine.begin() as connection:
                    await _lock(connection)
                    now = await _step(connection, market_id)
            yield now
            if now.whole:
                return


async def _step(connection: AsyncConnection, market_id: int) -> Progress:
    query = select(func.max(_trades.trade_id)).where(_trades.market_id == market_id)
    last = (await connection.execute(query)).scalar() or 0
    query = select(_positions.trade_id).where(_positions.market_id == market_id)
    built = (await connection.execute(query)).scalar()
    if built is None or not 0 <= built <= last:
        left = await _delete_some(connection, market_id)
        built = EMPTYING if left else 0
        await _move(connection, market_id, built)
    elif built < last:
        built = await _add_some(connection, market_id, built)
    query = select(tables.markets.c.symbol).where(tables.markets.c.market_id == market_id)
    return Progress(market_id, (await connection.execute(query)).scalar_one(), built, last)


async def _add_some(connection: AsyncConnection, market_id: int, built: int) -> int:
    rows = (await connection.execute(trades_after(market_id, built, STEP_TRADES))).all()
    added = candle_rows(tuple(row)[1:] for row in rows)
    await write_rows(connection, RowSet(tables.candles, added, CANDLE_UPDATES))
    reached: int = rows[-1].trade_id
    await _move(connection, market_id, reached)
    return reached


async def _delete_some(connection: AsyncConnection, market_id: int) -> bool:
    """Delete some of a market's candles; returns whether there may be more."""
    key = tuple(tables.candles.primary_key.columns)
    some = select(*key).where(_candles.market_id == market_id).limit(STEP_DELETED)
    deleted = await connection.execute(delete(tables.candles).where(tuple_(*key).in_(some)))
    return deleted.rowcount == STEP_DELETED


async def _move(connection: AsyncConnection, market_id: int, trade_id: int) -> None:
    row = RowSet(tables.candle_positions, [(market_id, trade_id)], POSITION_UPDATES)
    await write_rows(connection, row)


async def _lock(connection: AsyncConnection) -> None:
    """Keep projectors and other builders out until the transaction ends (SQLite's does so by itself)."""
    await connection.execute(select(tables.projection_positions).with_for_update())


def trades_after(market_id: int, trade_id: int, limit: int) -> Select[Any]:
    """The next trades, oldest first: their ids and what candles take of them."""
    t = _trades
    return (
        select(t.trade_id, t.market_id, t.price, t.quantity, t.quote_amount, t.time_ms, t.sequence)
        .where(t.market_id == market_id, t.trade_id > trade_id)
        .order_by(t.trade_id)
        .limit(limit)
    )


def _progress_query() -> Select[Any]:
    def of_market(column: Any, table: Table) -> Any:
        return (
            select(column).where(table.c.market_id == tables.markets.c.market_id).scalar_subquery()
        )

    built = of_market(_positions.trade_id, tables.candle_positions)
    last = of_market(func.max(_trades.trade_id), tables.trades)
    return select(
        tables.markets.c.market_id,
        tables.markets.c.symbol,
        func.coalesce(built, case((last > 0, EMPTYING), else_=0)),
        func.coalesce(last, 0),
    ).order_by(tables.markets.c.market_id)
