"""AuditTrail and AuditReader in SQL (ports: cse.users.audit, cse.users.audit_log)."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import RowMapping, Select, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.user_tables import audit_log
from cse.core.clock import Clock
from cse.users.audit import AuditAct, placed
from cse.users.audit_log import AuditFilter, AuditRecord, Head, next_record

_WHAT: Final = "the audit log's database"
_LOCK: Final = 0x43534541
"""PostgreSQL's advisory lock that those who append queue up for ("CSEA")."""
_NEWEST: Final = audit_log.c.number.desc()


class SqlAuditLog:
    """On SQLite and PostgreSQL alike; the engine must be a durable one. Nothing here changes or deletes."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)
        self._clock = clock

    async def record(self, act: AuditAct) -> None:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await append(connection, act, self._clock.now_ms())

    async def search(
        self, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> Sequence[AuditRecord]:
        asked = select(audit_log).order_by(_NEWEST).limit(limit)
        for name in ("act", "actor", "object", "ip", "session_id"):
            if (value := getattr(wanted, name)) is not None:
                asked = asked.where(audit_log.c[name] == value)
        if wanted.from_ms is not None:
            asked = asked.where(audit_log.c.at_ms >= wanted.from_ms)
        if wanted.to_ms is not None:
            asked = asked.where(audit_log.c.at_ms < wanted.to_ms)
        if before is not None:
            asked = asked.where(audit_log.c.number < before)
        return await self._read(asked)

    async def after(self, number: int, limit: int) -> Sequence[AuditRecord]:
        asked = select(audit_log).where(audit_log.c.number > number)
        return await self._read(asked.order_by(audit_log.c.number).limit(limit))

    async def head(self) -> Head:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return await _head(connection)

    async def _read(self, asked: Select[Any]) -> list[AuditRecord]:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return [_record(row) for row in (await connection.execute(asked)).mappings()]


async def append(connection: AsyncConnection, act: AuditAct, at_ms: int) -> None:
    """Append in the transaction of the act itself, as its last statement: both happen or neither.

    Others who append wait until that transaction is over.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    # SQLite: whoever writes has the database's one write lock since the transaction began.
    record = next_record(await _head(connection), placed(act), at_ms)
    await connection.execute(insert(audit_log).values(**msgspec.structs.asdict(record)))


async def _head(connection: AsyncConnection) -> Head:
    asked = select(audit_log.c.number, audit_log.c.digest).order_by(_NEWEST).limit(1)
    row = (await connection.execute(asked)).one_or_none()
    return Head(row.number, row.digest) if row else Head()


def _record(row: RowMapping) -> AuditRecord:
    return AuditRecord(**{column.name: row[column] for column in audit_log.columns})
