"""Transfers read back (port: cse.projections.transfers.TransferReader), from SQLite and PostgreSQL."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql import tables
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.projections.transfers import TransferView
from cse.projections.views import PageKey

_LEG: Final = tables.ledger_entries.c


class SqlTransferReader:
    """Reads what the projector wrote."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take the database."""
        self._reader: Final = read_only(engine)

    async def transfers(
        self, account_id: int, others: Sequence[int], *, before: PageKey | None, limit: int
    ) -> Sequence[TransferView]:
        with database_errors("history"):
            async with self._reader.connect() as connection:
                asked = transfers_page(account_id, before, limit)
                legs = (await connection.execute(asked)).all()
                if not legs:
                    return []
                asked = other_legs(others, [leg.sequence for leg in legs])
                found = (await connection.execute(asked)).all()
        by_leg = {(leg.sequence, leg.amount): leg.account_id for leg in found}
        return [_transfer(leg, by_leg.get((leg.sequence, -leg.amount), 0)) for leg in legs]


def transfers_page(account_id: int, before: PageKey | None, limit: int) -> Select[Any]:
    """Legs of one account, newest first, along the index that holds nothing else."""
    asked = select(tables.ledger_entries).where(_LEG.account_id == account_id, tables.IS_TRANSFER)
    asked = asked.with_hint(tables.ledger_entries, f"INDEXED BY {tables.TRANSFERS.name}", "sqlite")
    if before is not None:
        asked = asked.where(tuple_(_LEG.sequence, _LEG.position) < tuple_(*before))
    return asked.order_by(_LEG.sequence.desc(), _LEG.position.desc()).limit(limit)


def other_legs(account_ids: Sequence[int], sequences: Sequence[int]) -> Select[Any]:
    """What these accounts had of these commands; a command makes one transfer at most."""
    asked = select(_LEG.account_id, _LEG.sequence, _LEG.amount).where(
        _LEG.account_id.in_(account_ids), _LEG.sequence.in_(sequences), tables.IS_TRANSFER
    )
    return asked.with_hint(tables.ledger_entries, f"INDEXED BY {tables.TRANSFERS.name}", "sqlite")


def _transfer(leg: Row[Any], other: int) -> TransferView:
    paid = leg.amount < 0
    return TransferView(
        from_account_id=leg.account_id if paid else other,
        to_account_id=other if paid else leg.account_id,
        asset_id=leg.asset_id,
        amount=abs(leg.amount),
        time_ms=leg.time_ms,
        sequence=leg.sequence,
        position=leg.position,
    )
