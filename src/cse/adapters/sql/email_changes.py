"""EmailChangeStore in SQL: changes of address that wait for their proof (port: cse.users.registration.ports)."""

import secrets
from typing import Final

import msgspec
from sqlalchemy import delete, exists, insert, select, update
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
from cse.adapters.sql.mail_tables import password_resets
from cse.adapters.sql.registration_tables import email_links, registrations
from cse.adapters.sql.user_tables import sessions, users
from cse.users.audit import AuditAct
from cse.users.errors import EmailTaken
from cse.users.mail import NOT_A_USER
from cse.users.registration.model import PER_WINDOW, WINDOW_MS, AddressLink, Asked, Change, Sealed

_WHAT: Final = "the users' database"


class SqlEmailChangeStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def add_change(
        self, link: AddressLink, letters: Sealed, notice: bytes, act: AuditAct
    ) -> Asked:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await _lock(connection, link.user_id)
                await hold_address(connection, link.email)
                refused = await _refused(connection, link)
                if refused is not None:
                    return refused
                await _keep(connection, link, letters)
                await put_letter(connection, link.user_id, notice, link.created_at)
                await append(connection, act, link.created_at)
                return Asked.STORED

    async def change(self, digest: bytes, now_ms: int) -> Change | None:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return await _change(connection, digest, now_ms)

    async def apply_change(
        self, digest: bytes, at_ms: int, notices: tuple[bytes, bytes], act: AuditAct
    ) -> bool:
        try:
            with database_errors(_WHAT):
                async with self._engine.begin() as connection:
                    wanted = await _change(connection, digest, at_ms)
                    if wanted is None:
                        return False
                    await _lock(connection, wanted.user_id)
                    use = delete(email_links).where(email_links.c.digest == digest)
                    if (await connection.execute(use)).rowcount != 1:
                        return False
                    await _apply(connection, wanted, at_ms)
                    for notice in notices:
                        await put_letter(connection, wanted.user_id, notice, at_ms)
                    await append(connection, act, at_ms)
                    return True
        except IntegrityError:  # of all that is written only the address can be somebody else's
            raise EmailTaken from None


async def _refused(connection: AsyncConnection, link: AddressLink) -> Asked | None:
    links = email_links.c
    mine = (links.user_id == link.user_id, links.session_id != "")
    lately = links.created_at > link.created_at - WINDOW_MS
    if await count(connection, email_links, *mine, lately) >= PER_WINDOW:
        return Asked.TOO_MANY
    return Asked.FULL if await is_outbox_full(connection) else None


async def _keep(connection: AsyncConnection, link: AddressLink, letters: Sealed) -> None:
    """Store the link and the letter; of an address that is somebody's a row that no token fits."""
    bounded = await is_bounded(connection, link.email, link.created_at)
    taken = await is_taken(connection, link.email)
    row = msgspec.structs.asdict(link)
    if taken or bounded:
        row["digest"] = secrets.token_bytes(len(link.digest))
    await connection.execute(insert(email_links).values(row))
    if not bounded:
        sealed = letters.taken if taken else letters.link
        await put_letter(connection, NOT_A_USER, sealed, link.created_at)


async def _apply(connection: AsyncConnection, wanted: Change, at_ms: int) -> None:
    mine = users.c.user_id == wanted.user_id
    await connection.execute(update(users).where(mine).values(email=wanted.new, verified_at=at_ms))
    links, resets = email_links.c, password_resets.c
    others = (links.user_id == wanted.user_id) | (links.email == wanted.new)
    await connection.execute(delete(email_links).where(others))
    await connection.execute(delete(registrations).where(registrations.c.email == wanted.new))
    unused = (resets.user_id == wanted.user_id, resets.used_at.is_(None))
    await connection.execute(update(password_resets).where(*unused).values(used_at=at_ms))


async def _change(connection: AsyncConnection, digest: bytes, now_ms: int) -> Change | None:
    """Return what a link changes, if it is good and its session goes on."""
    links = email_links.c
    goes_on = exists().where(
        sessions.c.session_id == links.session_id,
        sessions.c.user_id == links.user_id,
        sessions.c.revoked_at.is_(None),
        sessions.c.expires_at > now_ms,
    )
    asked = (
        select(links.user_id, users.c.email, links.email.label("wanted"), links.session_id)
        .join(users, users.c.user_id == links.user_id)
        .where(links.digest == digest, links.expires_at > now_ms, goes_on)
    )
    row = (await connection.execute(asked)).one_or_none()
    return None if row is None else Change(row.user_id, row.email, row.wanted, row.session_id)


async def _lock(connection: AsyncConnection, user_id: int) -> None:
    """Let nobody else count or use changes of this person before the transaction is over."""
    person = select(users.c.user_id).where(users.c.user_id == user_id)
    await connection.execute(person.with_for_update())
