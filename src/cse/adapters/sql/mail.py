"""MailOutbox and ResetStore in SQL (ports: cse.users.mail, cse.users.password_reset)."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.audit import append
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.mail_tables import mail_outbox, password_resets
from cse.adapters.sql.user_tables import users
from cse.users.audit import AuditAct
from cse.users.mail import NOT_A_USER, WaitingLetter
from cse.users.password_reset import PER_WINDOW, WINDOW_MS, NewPassword, ResetLink

_WHAT: Final = "the users' database"
OUTBOX_MAX: Final = 10_000
"""Letters that may wait; above it no links are sent. Notices of what was done are bounded by the links."""


class SqlMailOutbox:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def put(self, user_id: int, sealed: bytes, at_ms: int) -> bool:
        waiting = select(func.count()).select_from(mail_outbox)
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                if (await connection.execute(waiting)).scalar_one() >= OUTBOX_MAX:
                    return False
                await put_letter(connection, user_id, sealed, at_ms)
                return True

    async def take(self, now_ms: int, until_ms: int, limit: int) -> Sequence[WaitingLetter]:
        due = (
            select(mail_outbox)
            .where(mail_outbox.c.due_at <= now_ms)
            .order_by(mail_outbox.c.due_at, mail_outbox.c.number)
            .limit(limit)
        )
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                rows = (await connection.execute(due)).all()
            if not rows:
                return []
            async with self._engine.begin() as connection:
                return [
                    WaitingLetter(
                        row.number, row.user_id or NOT_A_USER, row.sealed, row.attempts + 1
                    )
                    for row in rows
                    if await _claim(connection, row.number, row.attempts, until_ms)
                ]

    async def put_off(self, number: int, until_ms: int) -> None:
        mine = mail_outbox.c.number == number
        await self._change(update(mail_outbox).where(mine).values(due_at=until_ms))

    async def remove(self, number: int) -> None:
        await self._change(delete(mail_outbox).where(mail_outbox.c.number == number))

    async def _change(self, change: Any) -> None:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await connection.execute(change)


class SqlResetStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def add(self, link: ResetLink, email: str, sealed: bytes, act: AuditAct) -> bool:
        mine = password_resets.c.user_id == link.user_id
        old = password_resets.c.created_at <= link.created_at - WINDOW_MS
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                if await _lock(connection, link.user_id) != email:
                    return False  # else who reads the mailbox that they left got a link to their account
                await connection.execute(delete(password_resets).where(mine, old))
                links = select(func.count()).select_from(password_resets).where(mine)
                letters = select(func.count()).select_from(mail_outbox)
                if (await connection.execute(links)).scalar_one() >= PER_WINDOW:
                    return False
                if (await connection.execute(letters)).scalar_one() >= OUTBOX_MAX:
                    return False
                await connection.execute(insert(password_resets).values(link._asdict()))
                await put_letter(connection, link.user_id, sealed, link.created_at)
                await append(connection, act, link.created_at)
                return True

    async def owner(self, digest: bytes, now_ms: int) -> int | None:
        asked = select(password_resets.c.user_id).where(*_good(digest, now_ms))
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return (await connection.execute(asked)).scalar_one_or_none()

    async def use(self, new: NewPassword, sealed: bytes, act: AuditAct) -> bool:
        mine = password_resets.c.user_id == new.user_id
        used = update(password_resets).values(used_at=new.at_ms)
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await _lock(connection, new.user_id)
                one = used.where(mine, *_good(new.digest, new.at_ms))
                if (await connection.execute(one)).rowcount != 1:
                    return False
                await connection.execute(used.where(mine, password_resets.c.used_at.is_(None)))
                await connection.execute(
                    update(users)
                    .where(users.c.user_id == new.user_id)
                    .values(password_hash=new.password_hash)
                )
                await put_letter(connection, new.user_id, sealed, new.at_ms)
                await append(connection, act, new.at_ms)
                return True


async def put_letter(connection: AsyncConnection, user_id: int, sealed: bytes, at_ms: int) -> None:
    """Put a letter into the outbox, in the transaction of what causes it."""
    row = {"user_id": user_id or None, "sealed": sealed, "due_at": at_ms, "attempts": 0}
    await connection.execute(insert(mail_outbox).values(row))


def _good(digest: bytes, now_ms: int) -> tuple[Any, ...]:
    links = password_resets.c
    return links.digest == digest, links.used_at.is_(None), links.expires_at > now_ms


async def _lock(connection: AsyncConnection, user_id: int) -> str | None:
    """Let nobody else count or use links of this person before the transaction is over; return their address."""
    person = select(users.c.email).where(users.c.user_id == user_id)
    return (await connection.execute(person.with_for_update())).scalar_one_or_none()


async def _claim(connection: AsyncConnection, number: int, attempts: int, until_ms: int) -> bool:
    mine = (mail_outbox.c.number == number, mail_outbox.c.attempts == attempts)
    change = update(mail_outbox).where(*mine).values(attempts=attempts + 1, due_at=until_ms)
    return (await connection.execute(change)).rowcount == 1
