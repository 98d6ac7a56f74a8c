"""LinkedStore in SQL: identities at other providers (port: cse.users.linked.ports)."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.audit import append
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.linked_tables import linked_identities
from cse.adapters.sql.user_tables import users
from cse.adapters.sql.users import insert_user
from cse.users.audit import Act, AuditAct, user_actor
from cse.users.errors import EmailTaken, HandleTaken, UnknownUser
from cse.users.linked.errors import IdentityTaken, LastWayIn, TooManyIdentities
from cse.users.linked.model import MAX_PER_PERSON, Identity, Proven, ProviderName
from cse.users.model import NewUser, User
from cse.users.passwords import NO_PASSWORD

_WHAT: Final = "the users' database"
_ROWS: Final = linked_identities.c


class SqlLinkedStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def owner(self, provider: ProviderName, subject: str) -> Identity | None:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return await _owner(connection, provider, subject)

    async def link(self, user_id: int, proven: Proven, at_ms: int, act: AuditAct) -> Identity:
        try:
            with database_errors(_WHAT):
                async with self._engine.begin() as connection:
                    return await _link(connection, user_id, proven, at_ms, act)
        except IntegrityError:  # somebody else was faster, between the look and the insert
            raise IdentityTaken from None

    async def join(self, new: NewUser, proven: Proven, at_ms: int) -> User:
        try:
            with database_errors(_WHAT):
                async with self._engine.begin() as connection:
                    user = await insert_user(connection, new)
                    await _insert(connection, user.user_id, proven, at_ms)
                    act = AuditAct(
                        act=Act.IDENTITY_LINKED,
                        actor=user_actor(user.user_id),
                        object=user_actor(user.user_id),
                        after={"provider": proven.provider.value, "subject": proven.subject},
                    )
                    await append(connection, act, at_ms)
                    return user
        except IntegrityError:
            # Both databases say which constraint it was, each in its own words: better ask.
            if await self.owner(proven.provider, proven.subject) is not None:
                raise IdentityTaken from None
            if await self._is_there(users.c.email == new.email):
                raise EmailTaken from None
            if await self._is_there(users.c.handle_key == new.handle_key):
                raise HandleTaken from None
            raise

    async def seen(self, identity_id: int, proven: Proven, at_ms: int) -> bool:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                return await _freshen(connection, identity_id, proven, at_ms)

    async def identities(
        self, user_id: int, *, before: int | None, limit: int
    ) -> Sequence[Identity]:
        asked = (
            select(linked_identities)
            .where(_ROWS.user_id == user_id)
            .order_by(_ROWS.identity_id.desc())
            .limit(limit)
        )
        if before is not None:
            asked = asked.where(_ROWS.identity_id < before)
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return [_identity(row) for row in await connection.execute(asked)]

    async def unlink(self, user_id: int, identity_id: int, at_ms: int, act: AuditAct) -> bool:
        mine = (_ROWS.user_id == user_id, _ROWS.identity_id == identity_id)
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                stored = await _hold(connection, user_id)
                removed = await connection.execute(delete(linked_identities).where(*mine))
                if stored is None or removed.rowcount != 1:
                    return False
                if stored.startswith(NO_PASSWORD) and not await _count(connection, user_id):
                    raise LastWayIn  # and the transaction with it
                await append(connection, act, at_ms)
                return True

    async def _is_there(self, condition: Any) -> bool:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return bool((await connection.execute(select(exists().where(condition)))).scalar())


async def _link(
    connection: AsyncConnection, user_id: int, proven: Proven, at_ms: int, act: AuditAct
) -> Identity:
    if await _hold(connection, user_id) is None:
        raise UnknownUser
    known = await _owner(connection, proven.provider, proven.subject)
    if known is not None and known.user_id != user_id:
        raise IdentityTaken
    if known is not None:
        await _freshen(connection, known.identity_id, proven, at_ms)
    else:
        if await _count(connection, user_id) >= MAX_PER_PERSON:
            raise TooManyIdentities(MAX_PER_PERSON)
        await _insert(connection, user_id, proven, at_ms)
    linked = await _owner(connection, proven.provider, proven.subject)
    assert linked is not None, "stored in this transaction"
    if known is None:
        await append(connection, act, at_ms)
    return linked


async def _hold(connection: AsyncConnection, user_id: int) -> str | None:
    """Let nobody else change this person's ways in before the transaction is over; return their password's hash."""
    held = update(users).where(users.c.user_id == user_id).values(user_id=user_id)
    row = (await connection.execute(held.returning(users.c.password_hash))).one_or_none()
    return None if row is None else str(row.password_hash)


async def _count(connection: AsyncConnection, user_id: int) -> int:
    asked = select(func.count()).select_from(linked_identities).where(_ROWS.user_id == user_id)
    return int((await connection.execute(asked)).scalar_one())


async def _owner(
    connection: AsyncConnection, provider: ProviderName, subject: str
) -> Identity | None:
    asked = select(linked_identities).where(
        _ROWS.provider == provider.value, _ROWS.subject == subject
    )
    row = (await connection.execute(asked)).one_or_none()
    return None if row is None else _identity(row)


async def _insert(connection: AsyncConnection, user_id: int, proven: Proven, at_ms: int) -> None:
    await connection.execute(
        insert(linked_identities).values(
            user_id=user_id,
            provider=proven.provider.value,
            subject=proven.subject,
            linked_at=at_ms,
            used_at=at_ms,
            **_shown(proven),
        )
    )


async def _freshen(
    connection: AsyncConnection, identity_id: int, proven: Proven, at_ms: int
) -> bool:
    change = (
        update(linked_identities)
        .where(_ROWS.identity_id == identity_id)
        .values(used_at=at_ms, **_shown(proven))
    )
    return (await connection.execute(change)).rowcount == 1


def _shown(proven: Proven) -> dict[str, str | None]:
    return {
        "name": proven.name,
        "channel_id": proven.channel_id,
        "channel_name": proven.channel_name,
    }


def _identity(row: Row[Any]) -> Identity:
    return Identity(
        identity_id=row.identity_id,
        user_id=row.user_id,
        provider=ProviderName(row.provider),
        subject=row.subject,
        name=row.name,
        channel_id=row.channel_id,
        channel_name=row.channel_name,
        linked_at=row.linked_at,
        used_at=row.used_at,
    )
