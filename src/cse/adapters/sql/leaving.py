"""ClosureStore and ExportStore in SQL (ports: cse.users.leaving.ports)."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.audit import append
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.factor_tables import recovery_codes, totps
from cse.adapters.sql.linked_tables import linked_identities
from cse.adapters.sql.mail import put_letter
from cse.adapters.sql.passkey_tables import passkeys
from cse.adapters.sql.profile_tables import avatars, closures, exports, profiles
from cse.adapters.sql.registration_tables import email_links
from cse.adapters.sql.sub_account_tables import sub_accounts
from cse.adapters.sql.user_tables import api_keys, sessions, users
from cse.users.audit import SYSTEM, Act, AuditAct, user_actor
from cse.users.leaving.model import (
    DAY_MS,
    EXPORT_MS,
    EXPORTS_PER_DAY,
    Closure,
    Export,
    ExportRuns,
    TooManyExports,
)

_WHAT: Final = "the users' database"
_NO_HASH: Final = "-"
"""No password hashes to this."""
_DELETED: Final[tuple[Table, ...]] = (
    avatars,
    email_links,
    linked_identities,
    passkeys,
    profiles,
    recovery_codes,
    totps,
)
"""What goes when an account is closed: all have a `user_id`."""
_ENDED: Final[tuple[Table, ...]] = (api_keys, sessions)
"""What is revoked then."""
_OPEN: Final = closures.c.closed_at.is_(None)


class SqlClosureStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def begin(self, user_id: int, reason: str, act: AuditAct, at_ms: int) -> bool:
        row = {"user_id": user_id, "reason": reason, "asked_at": at_ms}
        try:
            with database_errors(_WHAT):
                async with self._engine.begin() as connection:
                    await connection.execute(insert(closures).values(row))
                    await append(connection, act, at_ms)
                    return True
        except IntegrityError:
            if await self.closure(user_id) is None:
                raise
            return False

    async def closure(self, user_id: int) -> Closure | None:
        asked = select(closures).where(closures.c.user_id == user_id)
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                row = (await connection.execute(asked)).one_or_none()
                return _closure(row) if row is not None else None

    async def under_way(self, before_ms: int, limit: int) -> Sequence[Closure]:
        asked = select(closures).where(_OPEN, closures.c.asked_at < before_ms)
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                rows = await connection.execute(asked.order_by(closures.c.asked_at).limit(limit))
                return [_closure(row) for row in rows]

    async def give_up(self, user_id: int, act: AuditAct, at_ms: int) -> bool:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                gone = delete(closures).where(closures.c.user_id == user_id, _OPEN)
                if not (await connection.execute(gone)).rowcount:
                    return False
                await append(connection, act, at_ms)
                return True

    async def finish(
        self, user_id: int, act: AuditAct, sealed: bytes | None, at_ms: int
    ) -> int | None:
        mine = closures.c.user_id == user_id
        done = update(closures).where(mine, _OPEN).values(closed_at=at_ms)
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                if not (await connection.execute(done)).rowcount:
                    asked = select(closures.c.closed_at).where(mine)
                    return (await connection.execute(asked)).scalar_one_or_none()
                await _end_all(connection, user_id, at_ms)
                if sealed is not None:
                    await put_letter(connection, user_id, sealed, at_ms)
                await append(connection, act, at_ms)
                return at_ms

    async def anonymise(self, before_ms: int, at_ms: int, limit: int) -> int:
        due = (
            select(closures.c.user_id)
            .where(closures.c.closed_at < before_ms, closures.c.purged_at.is_(None))
            .order_by(closures.c.closed_at)
            .limit(limit)
        )
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                found = (await connection.execute(due)).scalars().all()
            for user_id in found:
                async with self._engine.begin() as connection:
                    await _anonymise(connection, user_id, at_ms)
        return len(found)


class SqlExportStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def begin(self, export: Export, act: AuditAct) -> None:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                person = select(users.c.user_id).where(users.c.user_id == export.user_id)
                await connection.execute(person.with_for_update())  # one after the other
                recent = await _exports(connection, export.user_id, EXPORTS_PER_DAY)
                _refuse_too_many(recent, export.asked_at)
                row = {name: getattr(export, name) for name in export.__struct_fields__}
                await connection.execute(insert(exports).values(row))
                await append(connection, act, export.asked_at)

    async def finish(self, export_id: str, lines: int, at_ms: int) -> None:
        mine = exports.c.export_id == export_id
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                ended = update(exports).where(mine).values(lines=lines, finished_at=at_ms)
                await connection.execute(ended)

    async def recent(self, user_id: int, limit: int) -> Sequence[Export]:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return await _exports(connection, user_id, limit)


async def _exports(connection: AsyncConnection, user_id: int, limit: int) -> list[Export]:
    asked = select(exports).where(exports.c.user_id == user_id)
    newest = asked.order_by(exports.c.asked_at.desc(), exports.c.export_id).limit(limit)
    return [
        Export(row.export_id, row.user_id, row.asked_at, row.finished_at, row.lines)
        for row in await connection.execute(newest)
    ]


def _refuse_too_many(recent: Sequence[Export], now_ms: int) -> None:
    running = [
        each.asked_at + EXPORT_MS
        for each in recent
        if each.finished_at is None and each.asked_at + EXPORT_MS > now_ms
    ]
    if running:
        raise ExportRuns(max(running))
    today = [each.asked_at for each in recent if each.asked_at > now_ms - DAY_MS]
    if len(today) >= EXPORTS_PER_DAY:
        raise TooManyExports(min(today) + DAY_MS)


def _closure(row: Row[Any]) -> Closure:
    return Closure(row.user_id, row.asked_at, row.closed_at)


async def _end_all(connection: AsyncConnection, user_id: int, at_ms: int) -> None:
    open_subs = (sub_accounts.c.user_id == user_id, sub_accounts.c.closed_at.is_(None))
    await connection.execute(update(sub_accounts).where(*open_subs).values(closed_at=at_ms))
    for table in _ENDED:
        live = (table.c.user_id == user_id, table.c.revoked_at.is_(None))
        await connection.execute(update(table).where(*live).values(revoked_at=at_ms))
    for table in _DELETED:
        await connection.execute(delete(table).where(table.c.user_id == user_id))


async def _anonymise(connection: AsyncConnection, user_id: int, at_ms: int) -> None:
    """Write what nobody can register with in the place of a person's name and address."""
    left = update(closures).where(closures.c.user_id == user_id, closures.c.purged_at.is_(None))
    if not (await connection.execute(left.values(purged_at=at_ms, reason=""))).rowcount:
        return  # another process was first
    nobody = f"closed-{user_id}"
    await connection.execute(
        update(users)
        .where(users.c.user_id == user_id)
        .values(email=f"{nobody}@invalid", handle=nobody, handle_key=nobody, password_hash=_NO_HASH)
    )
    keys = update(api_keys).where(api_keys.c.user_id == user_id)
    await connection.execute(keys.values(name="", ip_allowlist=""))
    further = update(sub_accounts).where(sub_accounts.c.user_id == user_id)
    await connection.execute(further.values(label=""))
    act = AuditAct(act=Act.PERSON_ANONYMISED, actor=SYSTEM, object=user_actor(user_id))
    await append(connection, act, at_ms)
