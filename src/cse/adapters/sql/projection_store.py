"""Where the projector writes (port cse.projections.ports.ProjectionStore), in SQLite and PostgreSQL."""

from typing import Any, Final

from sqlalchemy import Table, and_, delete, inspect, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql import tables
from cse.adapters.sql.bulk import write_rows
from cse.adapters.sql.candle_building import markets_behind
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.rows import row_sets
from cse.adapters.sql.views import order_view
from cse.core.errors import Unavailable
from cse.messages.records import AssetRecord, FeeTierRecord, MarketRecord
from cse.messages.wire import AccountStatus, MarketStatus
from cse.projections.changes import AccountRow, Changes
from cse.projections.errors import PositionLost, PositionMoved, WrongVenue
from cse.projections.fold import Fold
from cse.projections.ledger import OUTSIDE_ACCOUNT, Balance

HISTORY: Final = "history"
"""The projection's name in `projection_positions`; there may be others one day."""

_positions = tables.projection_positions

_BEGIN: Final = text(
    "INSERT INTO projection_positions (name, venue_id, sequence, time_ms, checked_sequence) "
    "VALUES (:name, :venue_id, 0, 0, 0) ON CONFLICT DO NOTHING"
)


async def written_history(engine: AsyncEngine) -> tuple[bytes, int] | None:
    """Return whose history a database holds, and up to which command; None while it holds none.

    Raises:
        Unavailable: it is out of reach.
    """
    with database_errors("the projections' database"):
        async with read_only(engine).begin() as connection:
            if not await connection.run_sync(lambda c: inspect(c).has_table(_positions.name)):
                return None
            query = select(_positions).where(_positions.c.name == HISTORY)
            row = (await connection.execute(query)).one_or_none()
            return (row.venue_id, row.sequence) if row else None


class SqlProjectionStore:
    """One transaction per batch. The position's row is its fence: whoever moves it owns the batch."""

    def __init__(self, engine: AsyncEngine, venue_id: bytes) -> None:
        """Take the database and the 16 bytes that name the venue whose journal is followed."""
        self._engine: Final = engine
        self._venue_id: Final = venue_id
        self._in_doubt: int | None = None
        """Where the position stands if the last write did happen, although it seemed to fail."""

    async def load(self, genesis: Fold) -> Fold:
        """Return the fold of what is written."""
        with database_errors("the projections' database"):
            async with self._engine.begin() as connection:
                await connection.execute(_BEGIN, {"name": HISTORY, "venue_id": self._venue_id})
                position = await self._position(connection)
                if position.venue_id != self._venue_id:
                    raise WrongVenue(
                        f"the database holds the history of venue {position.venue_id.hex()}, the journal "
                        f"is of venue {self._venue_id.hex()}: give each its own database"
                    )
                if position.sequence == 0:
                    # Whoever emptied the tables to begin anew may have left this one.
                    await connection.execute(delete(tables.candle_positions))
                    return genesis
                return await _load(connection, Fold(position.sequence, position.time_ms))

    async def write(self, changes: Changes) -> None:
        """Write the changes and move the position."""
        in_doubt, self._in_doubt = self._in_doubt, None
        try:
            with database_errors("the projections' database"):
                async with self._engine.begin() as connection:
                    if await self._move(connection, changes):
                        behind = await markets_behind(connection, changes.trades)
                        for rows in row_sets(changes, behind):
                            await write_rows(connection, rows)
                    else:
                        await self._refuse_unless(connection, in_doubt, changes)
        except Unavailable:
            self._in_doubt = changes.sequence
            raise

    async def checkpoint(self, sequence: int, state_hash: bytes) -> None:
        """Note that the engine's state was compared at this command."""
        note = (
            update(_positions)
            .where(and_(_positions.c.name == HISTORY, _positions.c.checked_sequence <= sequence))
            .values(checked_sequence=sequence, checked_hash=state_hash)
        )
        with database_errors("the projections' database"):
            async with self._engine.begin() as connection:
                await connection.execute(note)

    async def _position(self, connection: AsyncConnection) -> Any:
        """Return the position's row, locked: nobody moves it while this transaction goes on."""
        query = select(_positions).where(_positions.c.name == HISTORY).with_for_update()
        return (await connection.execute(query)).one_or_none()

    async def _move(self, connection: AsyncConnection, changes: Changes) -> bool:
        moved = await connection.execute(
            update(_positions)
            .where(
                _positions.c.name == HISTORY,
                _positions.c.venue_id == self._venue_id,
                _positions.c.sequence == changes.after,
            )
            .values(sequence=changes.sequence, time_ms=changes.time_ms)
        )
        return moved.rowcount == 1

    async def _refuse_unless(
        self, connection: AsyncConnection, in_doubt: int | None, changes: Changes
    ) -> None:
        """Return if these very changes are in already, by an earlier try whose answer got lost."""
        position = await self._position(connection)
        stands_at = position.sequence if position else 0
        if in_doubt == changes.sequence == stands_at:
            return
        if stands_at < changes.after:
            raise PositionLost(
                f"history was written up to command {changes.after} and is back at {stands_at}"
            )
        raise PositionMoved(
            f"history stands at command {stands_at}, not at {changes.after}: another projector writes to "
            "this database"
        )


async def _load(connection: AsyncConnection, fold: Fold) -> Fold:
    async def rows(table: Table, *where: Any) -> Any:
        return await connection.execute(select(table).where(*where).order_by(*table.primary_key))

    custody = {}
    for row in await rows(tables.balances):
        fold.ledger.put(Balance(*row))
        if row.account_id == OUTSIDE_ACCOUNT:
            custody[row.asset_id] = -row.available
    fold.catalog.load(
        AssetRecord(r.asset_id, r.symbol, r.scale, custody.get(r.asset_id, 0))
        for r in await rows(tables.assets)
    )
    fold.catalog.load(
        FeeTierRecord(r.tier, r.maker_ppm, r.taker_ppm) for r in await rows(tables.fee_tiers)
    )
    fold.catalog.load([_market(row) for row in await rows(tables.markets)])
    for row in await rows(tables.accounts):
        fold.accounts[row.account_id] = AccountRow(
            row.account_id,
            AccountStatus(row.status),
            row.fee_tier,
            row.opened_at,
            row.cancel_after,
            row.sequence,
        )
    for row in await rows(tables.orders, tables.IS_OPEN):
        fold.orders.by_id[row.order_id] = order_view(row)
    return fold


def _market(row: Any) -> MarketRecord:
    values = row._asdict()
    values.pop("sequence")
    values["status"] = MarketStatus(values["status"])
    return MarketRecord(**values, last_price=0, last_trade_id=0)
