"""ProfileStore in SQL (port: cse.users.profiles.ports)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.audit import append
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.profile_tables import avatars, profiles
from cse.adapters.sql.user_tables import users
from cse.users.audit import AuditAct
from cse.users.model import User
from cse.users.profiles.model import Change, Picture, Profile, Shown

_WHAT: Final = "the users' database"
_FIELDS: Final = Profile.__struct_fields__
_DEFAULTS: Final[Mapping[str, Any]] = {**msgspec.structs.asdict(Profile()), "muted": ""}


class SqlProfileStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def profile(self, user_id: int) -> Profile:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return await _profile(connection, user_id)

    async def shown(self, handle_key: str) -> Shown | None:
        asked = select(users).where(users.c.handle_key == handle_key)
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                row = (await connection.execute(asked)).one_or_none()
                if row is None:
                    return None
                user = User(row.user_id, row.email, row.handle, row.account_id, row.created_at)
                return Shown(user, await _profile(connection, row.user_id))

    async def change(self, user_id: int, change: Change, act: AuditAct, at_ms: int) -> Profile:
        values = msgspec.structs.asdict(change)
        given = {name: value for name, value in values.items() if value is not None}
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await _put(connection, user_id, given, at_ms)
                now = await _profile(connection, user_id)
                await append(connection, act, at_ms)
                return now

    async def muted(self, user_id: int) -> frozenset[str]:
        asked = select(profiles.c.muted).where(profiles.c.user_id == user_id)
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                found = (await connection.execute(asked)).scalar_one_or_none()
        return frozenset((found or "").split())

    async def mute(self, user_id: int, kinds: Iterable[str], act: AuditAct, at_ms: int) -> None:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await _put(connection, user_id, {"muted": " ".join(kinds)}, at_ms)
                await append(connection, act, at_ms)

    async def set_picture(
        self, user_id: int, picture: Picture | None, act: AuditAct, at_ms: int
    ) -> bool:
        digest = picture.digest if picture is not None else ""
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await _put(connection, user_id, {}, at_ms)
                changed = await connection.execute(
                    update(profiles)
                    .where(profiles.c.user_id == user_id, profiles.c.avatar != digest)
                    .values(avatar=digest, changed_at=at_ms)
                )
                if not changed.rowcount:
                    return False
                await connection.execute(delete(avatars).where(avatars.c.user_id == user_id))
                for size, image in (picture.images if picture is not None else {}).items():
                    row = {"user_id": user_id, "size": size, "digest": digest, "image": image}
                    await connection.execute(insert(avatars).values(row))
                await append(connection, act, at_ms)
                return True

    async def image(self, digest: str, size: int) -> bytes | None:
        mine = (avatars.c.digest == digest, avatars.c.size == size)
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                asked = select(avatars.c.image).where(*mine).limit(1)
                return (await connection.execute(asked)).scalar_one_or_none()


async def _profile(connection: AsyncConnection, user_id: int) -> Profile:
    asked = select(*(profiles.c[name] for name in _FIELDS)).where(profiles.c.user_id == user_id)
    row = (await connection.execute(asked)).one_or_none()
    return Profile(*row) if row is not None else Profile()


async def _put(
    connection: AsyncConnection, user_id: int, values: Mapping[str, Any], at_ms: int
) -> None:
    """Change a profile's columns, or make its row; of two at once the second waits."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    changed = {**values, "changed_at": at_ms}
    row = {**_DEFAULTS, **changed, "user_id": user_id}
    added = dialect.insert(profiles).values(row)
    await connection.execute(
        added.on_conflict_do_update(index_elements=[profiles.c.user_id], set_=changed)
    )
