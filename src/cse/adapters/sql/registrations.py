"""RegistrationStore in SQL: addresses that wait for their proof (port: cse.users.registration.ports)."""

import secrets
from typing import Any, Final

import msgspec
from sqlalchemy import Row, Select, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.address_letters import (
    count,
    hold_address,
    is_bounded,
    is_outbox_full,
    is_taken,
)
from cse.adapters.sql.audit import append
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.mail import put_letter
from cse.adapters.sql.registration_tables import email_links, registrations
from cse.adapters.sql.user_tables import users
from cse.adapters.sql.users import insert_user, user_of
from cse.users.audit import Act, AuditAct, user_actor
from cse.users.errors import EmailTaken, HandleTaken
from cse.users.mail import NOT_A_USER
from cse.users.model import NewUser, User
from cse.users.registration.model import MAX_WAITING, AddressLink, Asked, Pending, Sealed

_WHAT: Final = "the users' database"


class SqlRegistrationStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine, *, max_waiting: int = MAX_WAITING) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)
        self._max_waiting = max_waiting

    async def is_handle_taken(self, handle_key: str) -> bool:
        asked = select(exists().where(users.c.handle_key == handle_key))
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return bool((await connection.execute(asked)).scalar_one())

    async def add(self, pending: Pending, letters: Sealed) -> Asked:
        email, now_ms = pending.email, pending.created_at
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await hold_address(connection, email)
                taken = await is_taken(connection, email)
                waiting = await count(connection, registrations)
                if await is_outbox_full(connection) or waiting >= self._max_waiting:
                    return Asked.FULL
                if await is_bounded(connection, email, now_ms):
                    return Asked.BOUNDED
                row = msgspec.structs.asdict(pending)
                nobodys = secrets.token_bytes(len(pending.digest))
                row["digest"] = nobodys if taken else pending.digest
                await connection.execute(insert(registrations).values(row))
                sealed = letters.taken if taken else letters.link
                await put_letter(connection, NOT_A_USER, sealed, now_ms)
                return Asked.STORED

    async def pending(self, digest: bytes, now_ms: int) -> Pending | None:
        return await self._pending(select(registrations).where(*_good(digest, now_ms)))

    async def latest(self, email: str, now_ms: int) -> Pending | None:
        rows = registrations.c
        return await self._pending(
            select(registrations)
            .where(rows.email == email, rows.expires_at > now_ms)
            .order_by(rows.created_at.desc())
            .limit(1)
        )

    async def admit(self, digest: bytes, new: NewUser) -> User | None:
        try:
            with database_errors(_WHAT):
                async with self._engine.begin() as connection:
                    return await _admit(connection, digest, new)
        except IntegrityError:
            # Both databases say which constraint it was, each in its own words: better ask.
            if await self.is_handle_taken(new.handle_key):
                raise HandleTaken from None
            raise EmailTaken from None

    async def add_proof(self, link: AddressLink, sealed: bytes) -> Asked:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await hold_address(connection, link.email)
                if await is_outbox_full(connection):
                    return Asked.FULL
                if await is_bounded(connection, link.email, link.created_at):
                    return Asked.BOUNDED
                row = msgspec.structs.asdict(link)
                await connection.execute(insert(email_links).values(row))
                await put_letter(connection, link.user_id, sealed, link.created_at)
                return Asked.STORED

    async def prove(self, digest: bytes, at_ms: int) -> User | None:
        links = email_links.c
        good = (links.digest == digest, links.session_id == "", links.expires_at > at_ms)
        use = delete(email_links).where(*good).returning(links.user_id, links.email)
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                used = (await connection.execute(use)).one_or_none()
                if used is None:
                    return None
                theirs = (users.c.user_id == used.user_id, users.c.email == used.email)
                note = update(users).where(*theirs).values(verified_at=at_ms).returning(users)
                row = (await connection.execute(note)).one_or_none()
                if row is None:  # the address is another one by now
                    return None
                await connection.execute(
                    delete(email_links).where(links.user_id == used.user_id, links.session_id == "")
                )
                await append(connection, _verified(used.user_id), at_ms)
                return user_of(row)

    async def purge(self, before_ms: int) -> int:
        gone = 0
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                for table in (registrations, email_links):
                    over = delete(table).where(table.c.expires_at <= before_ms)
                    gone += (await connection.execute(over)).rowcount
        return gone

    async def _pending(self, asked: Select[Any]) -> Pending | None:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                row = (await connection.execute(asked)).one_or_none()
        return None if row is None else _read(row)


async def _admit(connection: AsyncConnection, digest: bytes, new: NewUser) -> User | None:
    # The row lock that this takes decides between two that come at once.
    use = delete(registrations).where(*_good(digest, new.created_at))
    if (await connection.execute(use)).rowcount != 1:
        return None
    user = await insert_user(connection, new)
    for table in (registrations, email_links):
        await connection.execute(delete(table).where(table.c.email == new.email))
    await append(connection, _verified(user.user_id), new.created_at)
    return user


def _verified(user_id: int) -> AuditAct:
    person = user_actor(user_id)
    return AuditAct(act=Act.EMAIL_VERIFIED, actor=person, object=person)


def _good(digest: bytes, now_ms: int) -> tuple[Any, ...]:
    return registrations.c.digest == digest, registrations.c.expires_at > now_ms


def _read(row: Row[Any]) -> Pending:
    return Pending(**{name: getattr(row, name) for name in Pending.__struct_fields__})
