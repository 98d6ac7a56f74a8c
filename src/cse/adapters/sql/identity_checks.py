"""IdentityStore in SQL: levels and checks here, documents and hits beside (port: cse.users.identity_checks.ports)."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import RowMapping, Select, and_, exists, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.audit import append
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.identity_check_tables import identity_checks, identity_levels
from cse.adapters.sql.identity_documents import SqlDocumentStore
from cse.adapters.sql.identity_hits import SqlHitStore, add_hits, lock_check, open_hits
from cse.adapters.sql.user_tables import users
from cse.users.audit import AuditAct
from cse.users.identity_checks.model import Check, Found, NewCheck, Status
from cse.users.identity_checks.ports import Decided, LevelChange
from cse.users.identity_checks.states import WITH_THE_PERSON, before

WHAT: Final = "the database of identity checks"
_INSERT: Final = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
"""Both know ON CONFLICT, each in a construct of its own."""
_checks: Final = identity_checks.c
_levels: Final = identity_levels.c


class SqlIdentityStore(SqlDocumentStore, SqlHitStore):
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    # --- levels

    async def level_of(self, user_id: int) -> int:
        with database_errors(WHAT):
            async with self._reader.connect() as connection:
                return await _level(connection, user_id)

    async def levels_changed(self, after: tuple[int, int], limit: int) -> Sequence[LevelChange]:
        asked = (
            select(_levels.user_id, users.c.account_id, _levels.level, _levels.changed_at)
            .join(users, users.c.user_id == _levels.user_id)
            .where(tuple_(_levels.changed_at, _levels.user_id) > tuple_(*after))
            .order_by(_levels.changed_at, _levels.user_id)
            .limit(limit)
        )
        with database_errors(WHAT):
            async with self._reader.connect() as connection:
                return [LevelChange(*row) for row in await connection.execute(asked)]

    async def lower_level(
        self, user_id: int, before: int, level: int, act: AuditAct, at_ms: int
    ) -> bool:
        change = (
            update(identity_levels)
            .where(_levels.user_id == user_id, _levels.level == before, _levels.level > level)
            .values(level=level, changed_at=at_ms)
        )
        return await self._changes(change, act, at_ms)

    # --- checks

    async def begin(self, new: NewCheck, act: AuditAct) -> int | None:
        row = {
            "user_id": new.user_id,
            "level": new.level,
            "status": Status.DRAFT.value,
            "provider": new.provider,
            "sealed": new.sealed,
            "created_at": new.created_at,
            "changed_at": new.created_at,
            "reason": "",
            "note": "",
        }
        added = insert(identity_checks).values(row).returning(_checks.check_id)
        with database_errors(WHAT):
            try:
                async with self._engine.begin() as connection:
                    check_id = int((await connection.execute(added)).scalar_one())
                    await append(connection, act, new.created_at)
                    return check_id
            except IntegrityError as error:
                if "identity_checks" not in str(error.orig) or "user_id" not in str(error.orig):
                    raise
                return None

    async def check(self, check_id: int) -> Check | None:
        found = await self._checks(select(identity_checks).where(_checks.check_id == check_id))
        return found[0] if found else None

    async def checks_of(self, user_id: int, *, before: int | None, limit: int) -> Sequence[Check]:
        asked = select(identity_checks).where(_checks.user_id == user_id)
        if before is not None:
            asked = asked.where(_checks.check_id < before)
        return await self._checks(asked.order_by(_checks.check_id.desc()).limit(limit))

    async def last_approved(self, user_id: int) -> Check | None:
        asked = (
            select(identity_checks)
            .where(_checks.user_id == user_id, _checks.status == Status.APPROVED.value)
            .order_by(_checks.check_id.desc())
            .limit(1)
        )
        found = await self._checks(asked)
        return found[0] if found else None

    async def queue(self, status: Status, *, after: int, limit: int) -> Sequence[Check]:
        asked = (
            select(identity_checks)
            .where(_checks.status == status.value, _checks.check_id > after)
            .order_by(_checks.check_id)
            .limit(limit)
        )
        return await self._checks(asked)

    async def submit(
        self, check: Check, found: Sequence[Found], act: AuditAct, at_ms: int
    ) -> Status | None:
        mine = (_checks.check_id == check.check_id, _checks.sealed == check.sealed)
        with database_errors(WHAT):
            async with self._engine.begin() as connection:
                await lock_check(connection, check.check_id)
                await add_hits(connection, check.check_id, found, at_ms)
                held = await open_hits(connection, check.check_id)
                status = Status.HELD if held else Status.SUBMITTED
                change = (
                    update(identity_checks)
                    .where(*mine, _checks.status.in_([one.value for one in WITH_THE_PERSON]))
                    .values(status=status.value, submitted_at=at_ms, changed_at=at_ms)
                )
                if (await connection.execute(change)).rowcount != 1:
                    await connection.rollback()
                    return None
                await append(connection, act, at_ms)
                return status

    async def change_data(self, check: Check, sealed: bytes, act: AuditAct, at_ms: int) -> bool:
        change = (
            update(identity_checks)
            .where(
                _checks.check_id == check.check_id,
                _checks.sealed == check.sealed,
                _checks.status.in_([one.value for one in WITH_THE_PERSON]),
            )
            .values(sealed=sealed, changed_at=at_ms)
        )
        return await self._changes(change, act, at_ms)

    async def withdraw(self, check: Check, act: AuditAct, at_ms: int) -> bool:
        change = (
            update(identity_checks)
            .where(_checks.check_id == check.check_id, _may_become(Status.WITHDRAWN))
            .values(status=Status.WITHDRAWN.value, decided_at=at_ms, changed_at=at_ms)
        )
        return await self._changes(change, act, at_ms)

    async def claim(
        self, check_id: int, reviewer_id: int, act: AuditAct, at_ms: int, stale_ms: int
    ) -> bool:
        is_free = _checks.reviewer_id.is_(None) | (_checks.reviewer_id == reviewer_id)
        change = (
            update(identity_checks)
            .where(
                _checks.check_id == check_id,
                _checks.status == Status.SUBMITTED.value,
                _checks.user_id != reviewer_id,
                is_free | (_checks.claimed_at <= at_ms - stale_ms),
            )
            .values(reviewer_id=reviewer_id, claimed_at=at_ms)
        )
        return await self._changes(change, act, at_ms)

    async def release(self, check_id: int, reviewer_id: int, act: AuditAct, at_ms: int) -> bool:
        change = (
            update(identity_checks)
            .where(
                _checks.check_id == check_id,
                _checks.status == Status.SUBMITTED.value,
                _checks.reviewer_id == reviewer_id,
            )
            .values(reviewer_id=None, claimed_at=None)
        )
        return await self._changes(change, act, at_ms)

    async def decide(self, decided: Decided, act: AuditAct, at_ms: int) -> bool:
        with database_errors(WHAT):
            async with self._engine.begin() as connection:
                await lock_check(connection, decided.check_id)
                if not await self._decide(connection, decided, at_ms):
                    await connection.rollback()
                    return False
                await append(connection, act, at_ms)
                return True

    async def _decide(self, connection: AsyncConnection, decided: Decided, at_ms: int) -> bool:
        values: dict[str, Any] = {
            "status": decided.status.value,
            "reason": decided.reason,
            "note": decided.note,
            "changed_at": at_ms,
            "decided_at": at_ms,
        }
        if decided.status is Status.MORE_NEEDED:
            values |= {"decided_at": None, "reviewer_id": None, "claimed_at": None}
        of_reviewer = (
            () if decided.reviewer_id is None else (_checks.reviewer_id == decided.reviewer_id,)
        )
        change = update(identity_checks).where(
            _checks.check_id == decided.check_id,
            _checks.user_id == decided.user_id,
            _checks.level == decided.level,
            _checks.status == Status.SUBMITTED.value,
            *of_reviewer,
        )
        if (await connection.execute(change.values(**values))).rowcount != 1:
            return False
        if decided.status is not Status.APPROVED:
            return True
        return await self._raise(connection, decided, at_ms)

    async def _raise(self, connection: AsyncConnection, decided: Decided, at_ms: int) -> bool:
        """Give the next level; False: the level was taken away meanwhile."""
        new: Any = _INSERT[connection.dialect.name](identity_levels)
        row = {"user_id": decided.user_id, "level": 0, "changed_at": at_ms}
        await connection.execute(new.values(row).on_conflict_do_nothing())
        raised = (
            update(identity_levels)
            .where(_levels.user_id == decided.user_id, _levels.level == decided.level - 1)
            .values(level=decided.level, changed_at=at_ms)
        )
        return (await connection.execute(raised)).rowcount == 1

    # --- shared

    async def _changes(self, change: Any, act: AuditAct, at_ms: int) -> bool:
        with database_errors(WHAT):
            async with self._engine.begin() as connection:
                if (await connection.execute(change)).rowcount != 1:
                    return False
                await append(connection, act, at_ms)
                return True

    async def _checks(self, asked: Select[Any]) -> list[Check]:
        with database_errors(WHAT):
            async with self._reader.connect() as connection:
                return [_check(row) for row in (await connection.execute(asked)).mappings()]

    async def to_screen(self, *, after: int, limit: int) -> Sequence[Check]:
        newer = identity_checks.alias()
        superseded = exists().where(
            newer.c.user_id == _checks.user_id,
            newer.c.status == Status.APPROVED.value,
            newer.c.check_id > _checks.check_id,
        )
        waiting = _checks.status.in_([Status.SUBMITTED.value, Status.HELD.value])
        asked = (
            select(identity_checks)
            .where(
                _checks.check_id > after,
                waiting | and_(_checks.status == Status.APPROVED.value, ~superseded),
            )
            .order_by(_checks.check_id)
            .limit(limit)
        )
        return await self._checks(asked)


def _may_become(status: Status) -> Any:
    return _checks.status.in_([one.value for one in before(status)])


async def _level(connection: AsyncConnection, user_id: int) -> int:
    asked = select(_levels.level).where(_levels.user_id == user_id)
    return (await connection.execute(asked)).scalar_one_or_none() or 0


def _check(row: RowMapping) -> Check:
    return Check(**{**row, "status": Status(row["status"])})
