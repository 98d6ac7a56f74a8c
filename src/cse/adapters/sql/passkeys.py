"""PasskeyStore in SQL (port: cse.users.passkeys.ports)."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.factor_rows import (
    drop_codes_of_nothing,
    has_factor,
    lock_person,
    put_codes,
)
from cse.adapters.sql.passkey_tables import passkeys
from cse.users.errors import UnknownUser
from cse.users.passkeys.errors import LastFactor, PasskeyKnown, TooManyPasskeys
from cse.users.passkeys.model import Passkey
from cse.users.passkeys.ports import Removed

_WHAT: Final = "the users' database"


class SqlPasskeyStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def add(self, new: Passkey, codes: Sequence[bytes], at_most: int) -> bool:
        try:
            with database_errors(_WHAT):
                async with self._engine.begin() as connection:
                    return await _add(connection, new, codes, at_most)
        except IntegrityError as error:
            raise PasskeyKnown from error

    async def passkeys_of(self, user_id: int) -> Sequence[Passkey]:
        asked = select(passkeys).where(passkeys.c.user_id == user_id).order_by(passkeys.c.number)
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return [_passkey(row) for row in await connection.execute(asked)]

    async def by_credential(self, credential_id: bytes) -> Passkey | None:
        asked = select(passkeys).where(passkeys.c.credential_id == credential_id)
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                row = (await connection.execute(asked)).one_or_none()
        return None if row is None else _passkey(row)

    async def rename(self, user_id: int, passkey_id: str, label: str) -> Passkey | None:
        renamed = update(passkeys).where(_own(user_id, passkey_id)).values(label=label)
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                row = (await connection.execute(renamed.returning(passkeys))).one_or_none()
        return None if row is None else _passkey(row)

    async def remove(self, user_id: int, passkey_id: str, *, spare_last: bool) -> Removed | None:
        removed = delete(passkeys).where(_own(user_id, passkey_id)).returning(passkeys)
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await lock_person(connection, user_id)
                row = (await connection.execute(removed)).one_or_none()
                if row is None:
                    return None
                is_left = await drop_codes_of_nothing(connection, user_id)
                if not is_left and spare_last:
                    raise LastFactor  # which undoes it
                return Removed(_passkey(row), is_left)

    async def use(self, used: Passkey, sign_count: int, *, backed_up: bool, at_ms: int) -> bool:
        # The row lock that this takes decides between two that come at once.
        rises = passkeys.c.sign_count < sign_count
        if sign_count == 0:
            rises = passkeys.c.sign_count == 0
        noted = (
            update(passkeys)
            .where(_own(used.user_id, used.passkey_id), rises)
            .values(sign_count=sign_count, backed_up=backed_up, last_used_at=at_ms)
        )
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                return (await connection.execute(noted)).rowcount == 1


async def _add(
    connection: AsyncConnection, new: Passkey, codes: Sequence[bytes], at_most: int
) -> bool:
    if not await lock_person(connection, new.user_id):
        raise UnknownUser
    mine = select(func.count()).where(passkeys.c.user_id == new.user_id)
    if int((await connection.execute(mine)).scalar_one()) >= at_most:
        raise TooManyPasskeys(at_most)
    is_first = not await has_factor(connection, new.user_id)
    row = msgspec.structs.asdict(new) | {"transports": " ".join(new.transports)}
    await connection.execute(insert(passkeys).values(row))
    if is_first:
        await put_codes(connection, new.user_id, codes, new.created_at)
    return is_first


def _own(user_id: int, passkey_id: str) -> ColumnElement[bool]:
    return and_(passkeys.c.passkey_id == passkey_id, passkeys.c.user_id == user_id)


def _passkey(row: Row[Any]) -> Passkey:
    values = row._asdict()
    del values["number"]
    return Passkey(**(values | {"transports": tuple(values["transports"].split())}))
