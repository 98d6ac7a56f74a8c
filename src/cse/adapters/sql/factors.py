"""FactorStore in SQL: second factors, counted attempts, step-ups (port: cse.users.factor_ports)."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.factor_rows import (
    drop_codes_of_nothing,
    has_factor,
    lock_person,
    put_codes,
)
from cse.adapters.sql.factor_tables import factor_attempts, recovery_codes, step_ups, totps
from cse.adapters.sql.passkey_tables import passkeys
from cse.adapters.sql.user_tables import sessions, users
from cse.users.factor_ports import Door, LockFor, PasskeySum, Person, Totp

_WHAT: Final = "the users' database"
_INSERT: Final = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
"""Both know ON CONFLICT, each in a construct of its own."""


class SqlFactorStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)
        self._insert: Any = _INSERT[engine.dialect.name]

    async def person(self, user_id: int) -> Person | None:
        asked = select(users.c.email, users.c.password_hash).where(users.c.user_id == user_id)
        row = await self._one(asked)
        return None if row is None else Person(row.email, row.password_hash)

    async def totp(self, user_id: int) -> Totp | None:
        row = await self._one(select(totps).where(totps.c.user_id == user_id))
        return None if row is None else Totp(*row)

    async def enrol(self, new: Totp) -> bool:
        values = {
            "sealed": new.sealed,
            "enrolled_at": new.enrolled_at,
            "confirmed_at": None,
            "last_step": None,
        }
        added = self._insert(totps).values(user_id=new.user_id, **values)
        return await self._changes(
            added.on_conflict_do_update(
                index_elements=[totps.c.user_id], set_=values, where=totps.c.confirmed_at.is_(None)
            )
        )

    async def confirm(self, totp: Totp, step: int, digests: Sequence[bytes], at_ms: int) -> bool:
        confirmed = (
            update(totps)
            .where(_same(totp), totps.c.confirmed_at.is_(None))
            .values(confirmed_at=at_ms, last_step=step)
        )
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await lock_person(connection, totp.user_id)
                if (await connection.execute(confirmed)).rowcount != 1:
                    return False
                await put_codes(connection, totp.user_id, digests, at_ms)
                return True

    async def use_step(self, totp: Totp, step: int) -> bool:
        # The row lock that this takes decides between two that come at once.
        is_new = totps.c.last_step.is_(None) | (totps.c.last_step < step)
        return await self._changes(
            update(totps).where(_confirmed(totp), is_new).values(last_step=step)
        )

    async def remove(self, totp: Totp) -> bool:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await lock_person(connection, totp.user_id)
                if (await connection.execute(delete(totps).where(_same(totp)))).rowcount != 1:
                    return False
                await drop_codes_of_nothing(connection, totp.user_id)
                return True

    async def passkeys(self, user_id: int) -> PasskeySum:
        mine = passkeys.c.user_id == user_id
        asked = select(func.count(), func.min(passkeys.c.created_at)).where(mine)
        row = await self._one(asked)
        return PasskeySum(row[0], row[1] or 0)

    async def reset(self, user_id: int) -> bool:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await lock_person(connection, user_id)
                had = await has_factor(connection, user_id)
                for table in (totps, passkeys, recovery_codes, factor_attempts):
                    await connection.execute(delete(table).where(table.c.user_id == user_id))
                return had

    async def replace_codes(self, user_id: int, digests: Sequence[bytes], at_ms: int) -> bool:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                # Of two at once the second one's codes are the good ones.
                await lock_person(connection, user_id)
                if not await has_factor(connection, user_id):
                    return False
                await put_codes(connection, user_id, digests, at_ms)
                return True

    async def unused_codes(self, user_id: int) -> Sequence[bytes]:
        asked = select(recovery_codes.c.digest).where(
            recovery_codes.c.user_id == user_id, recovery_codes.c.used_at.is_(None)
        )
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return [row.digest for row in await connection.execute(asked)]

    async def use_code(self, user_id: int, digest: bytes, at_ms: int) -> bool:
        return await self._changes(
            update(recovery_codes)
            .where(
                recovery_codes.c.user_id == user_id,
                recovery_codes.c.digest == digest,
                recovery_codes.c.used_at.is_(None),
            )
            .values(used_at=at_ms)
        )

    async def attempt(self, user_id: int, door: Door, at_ms: int, lock_for: LockFor) -> int:
        table = factor_attempts
        mine = and_(table.c.user_id == user_id, table.c.door == door.value)
        row = {"user_id": user_id, "door": door.value, "attempts": 0, "locked_until": 0}
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await connection.execute(self._insert(table).values(row).on_conflict_do_nothing())
                known = (
                    await connection.execute(select(table).where(mine).with_for_update())
                ).one()
                if known.locked_until > at_ms:
                    return int(known.locked_until)
                count = known.attempts + 1
                locked = lock_for(count)
                await connection.execute(
                    update(table)
                    .where(mine)
                    .values(attempts=count, locked_until=at_ms + locked if locked else 0)
                )
                return 0

    async def forget_attempts(self, user_id: int, door: Door) -> None:
        await self._changes(
            update(factor_attempts)
            .where(factor_attempts.c.user_id == user_id, factor_attempts.c.door == door.value)
            .values(attempts=0, locked_until=0)
        )

    async def mark_proved(self, user_id: int, session_id: str, at_ms: int) -> bool:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                asked = select(sessions.c.session_id).where(_going_on(user_id, session_id))
                # Nobody clears the session away before its mark is there.
                if (
                    await connection.execute(asked.with_for_update(key_share=True))
                ).first() is None:
                    return False
                added = self._insert(step_ups).values(session_id=session_id, proved_at=at_ms)
                await connection.execute(
                    added.on_conflict_do_update(
                        index_elements=[step_ups.c.session_id], set_={"proved_at": at_ms}
                    )
                )
                return True

    async def proved_at(self, user_id: int, session_id: str) -> int | None:
        asked = (
            select(sessions.c.created_at, step_ups.c.proved_at)
            .join(step_ups, step_ups.c.session_id == sessions.c.session_id, isouter=True)
            .where(_going_on(user_id, session_id))
        )
        row = await self._one(asked)
        return None if row is None else max(row.created_at, row.proved_at or 0)

    async def _one(self, asked: Any) -> Any:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return (await connection.execute(asked)).one_or_none()

    async def _changes(self, change: Any) -> bool:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                return (await connection.execute(change)).rowcount > 0


def _same(totp: Totp) -> ColumnElement[bool]:
    """What was sealed has a random nonce in it: it names the enrolment."""
    return and_(totps.c.user_id == totp.user_id, totps.c.sealed == totp.sealed)


def _confirmed(totp: Totp) -> ColumnElement[bool]:
    return and_(_same(totp), totps.c.confirmed_at.is_not(None))


def _going_on(user_id: int, session_id: str) -> ColumnElement[bool]:
    return and_(
        sessions.c.session_id == session_id,
        sessions.c.user_id == user_id,
        sessions.c.revoked_at.is_(None),
    )
