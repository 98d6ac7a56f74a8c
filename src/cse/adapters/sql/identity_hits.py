"""HitStore in SQL: names like those of the sanctions list, and how far a list was gone through."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.audit import append
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.identity_check_tables import (
    identity_checks,
    identity_hits,
    identity_screenings,
)
from cse.users.audit import AuditAct
from cse.users.identity_checks.model import Check, Found, Hit, Status

_WHAT: Final = "the database of identity checks"
_INSERT: Final = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
"""Both know ON CONFLICT, each in a construct of its own."""
_hits: Final = identity_hits.c
_checks: Final = identity_checks.c


class SqlHitStore:
    """On SQLite and PostgreSQL alike."""

    _engine: AsyncEngine
    _reader: AsyncEngine

    async def hits(self, status: str, *, after: int, limit: int) -> Sequence[Hit]:
        asked = _with_owner().where(_hits.status == status, _hits.hit_id > after)
        return await self._hits(asked.order_by(_hits.hit_id).limit(limit))

    async def hit(self, hit_id: int) -> Hit | None:
        found = await self._hits(_with_owner().where(_hits.hit_id == hit_id))
        return found[0] if found else None

    async def hits_of(self, check_id: int) -> Sequence[Hit]:
        return await self._hits(
            _with_owner().where(_hits.check_id == check_id).order_by(_hits.hit_id)
        )

    async def decide_hit(
        self, hit: Hit, act: AuditAct, at_ms: int, *, confirmed: bool, by: int
    ) -> bool:
        values = {
            "status": "confirmed" if confirmed else "cleared",
            "decided_at": at_ms,
            "decided_by": by,
        }
        change = update(identity_hits).where(_hits.hit_id == hit.hit_id, _hits.status == "open")
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await lock_check(connection, hit.check_id)
                if (await connection.execute(change.values(**values))).rowcount != 1:
                    return False
                if confirmed:
                    await _reject(connection, hit.check_id, at_ms)
                elif not await open_hits(connection, hit.check_id):
                    await _free(connection, hit.check_id, at_ms)
                await append(connection, act, at_ms)
                return True

    async def add_hits(
        self, check: Check, found: Sequence[Found], act: AuditAct, at_ms: int
    ) -> int:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await lock_check(connection, check.check_id)
                new = await add_hits(connection, check.check_id, found, at_ms)
                if new:
                    await _hold(connection, check.check_id, at_ms)
                    await append(connection, act, at_ms)
                return new

    async def screened_until(self, list_digest: bytes) -> int | None:
        asked = select(identity_screenings.c.check_id).where(
            identity_screenings.c.list_digest == list_digest
        )
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return (await connection.execute(asked)).scalar_one_or_none()

    async def note_screened(self, list_digest: bytes, check_id: int, at_ms: int) -> None:
        values = {"check_id": check_id, "changed_at": at_ms}
        new: Any = _INSERT[self._engine.dialect.name](identity_screenings)
        row = {"list_digest": list_digest, **values}
        key = [identity_screenings.c.list_digest]
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await connection.execute(
                    new.values(row).on_conflict_do_update(index_elements=key, set_=values)
                )

    async def _hits(self, asked: Select[Any]) -> list[Hit]:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return [Hit(**row) for row in (await connection.execute(asked)).mappings()]


def _with_owner() -> Select[Any]:
    return select(identity_hits, _checks.user_id).join(
        identity_checks, _checks.check_id == _hits.check_id
    )


async def lock_check(connection: AsyncConnection, check_id: int) -> str | None:
    """Let nobody else change a check, its documents or hits before the transaction is over; return its state."""
    asked = select(_checks.status).where(_checks.check_id == check_id).with_for_update()
    return (await connection.execute(asked)).scalar_one_or_none()


async def add_hits(
    connection: AsyncConnection, check_id: int, found: Sequence[Found], at_ms: int
) -> int:
    """Store what was not known of a check that is locked; return how many of it are open."""
    asked = select(_hits.entry_digest).where(_hits.check_id == check_id)
    known = {row.entry_digest for row in await connection.execute(asked)}
    rows = [
        {
            "check_id": check_id,
            "entry_id": each.entry_id,
            "entry_name": each.entry_name,
            "entry_digest": each.entry_digest,
            "likeness": each.likeness,
            "found_at": at_ms,
            "status": "cleared" if each.is_cleared else "open",
        }
        for each in found
        if each.entry_digest not in known
    ]
    if rows:
        await connection.execute(insert(identity_hits), rows)
    return sum(row["status"] == "open" for row in rows)


async def open_hits(connection: AsyncConnection, check_id: int) -> int:
    """Return how many hits of a check nobody has decided about."""
    asked = select(func.count()).where(_hits.check_id == check_id, _hits.status == "open")
    return int((await connection.execute(asked)).scalar_one())


async def _reject(connection: AsyncConnection, check_id: int, at_ms: int) -> None:
    waiting = _checks.status.in_([Status.HELD.value, Status.SUBMITTED.value])
    values = {"status": Status.REJECTED.value, "decided_at": at_ms, "changed_at": at_ms}
    await connection.execute(
        update(identity_checks).where(_checks.check_id == check_id, waiting).values(**values)
    )


async def _free(connection: AsyncConnection, check_id: int, at_ms: int) -> None:
    """Put a held check back into the queue, on nobody's desk."""
    await connection.execute(
        update(identity_checks)
        .where(_checks.check_id == check_id, _checks.status == Status.HELD.value)
        .values(status=Status.SUBMITTED.value, changed_at=at_ms, reviewer_id=None, claimed_at=None)
    )


async def _hold(connection: AsyncConnection, check_id: int, at_ms: int) -> None:
    await connection.execute(
        update(identity_checks)
        .where(_checks.check_id == check_id, _checks.status == Status.SUBMITTED.value)
        .values(status=Status.HELD.value, changed_at=at_ms)
    )
