"""ApiKeyStore in SQL (port: cse.users.ports)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, Row, Select, bindparam, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.sub_account_tables import sub_accounts
from cse.adapters.sql.user_tables import account_openings, api_keys, users
from cse.users.errors import (
    KeyKnown,
    RotationRuns,
    TooManyKeys,
    TooManyNewKeys,
    UnknownAccount,
    UnknownUser,
)
from cse.users.model import ApiKey, NewApiKey, Renewal
from cse.users.ports import KeyBounds

_WHAT: Final = "the users' database"
_DAY_MS: Final = 86_400_000
_KEYS: Final[Select[Any]] = (
    select(
        api_keys,
        users.c.account_id.label("main_id"),
        sub_accounts.c.account_id.label("sub_account_id"),
    )
    .join(users, users.c.user_id == api_keys.c.user_id)
    .outerjoin(sub_accounts, sub_accounts.c.number == api_keys.c.sub_account)
)


class SqlApiKeyStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def add_key(self, new: NewApiKey, bounds: KeyBounds) -> ApiKey:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await _lock_user(connection, new.user_id)
                number = await _number_of(connection, new)
                await _check(connection, new, number, bounds)
                await connection.execute(
                    insert(api_keys).values(**_values(new), sub_account=number)
                )
                asked = _KEYS.where(api_keys.c.key_id == new.key_id)
                return _key((await connection.execute(asked)).one())

    async def key(self, key_id: str) -> ApiKey | None:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                asked = _KEYS.where(api_keys.c.key_id == key_id)
                row = (await connection.execute(asked)).one_or_none()
                return _key(row) if row else None

    async def keys_of(self, user_id: int, *, before: int | None, limit: int) -> Sequence[ApiKey]:
        asked = _KEYS.where(api_keys.c.user_id == user_id, api_keys.c.revoked_at.is_(None))
        if before is not None:
            asked = asked.where(api_keys.c.number < before)
        asked = asked.order_by(api_keys.c.number.desc()).limit(limit)
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return [_key(row) for row in await connection.execute(asked)]

    async def revoke_key(self, user_id: int, key_id: str, at_ms: int) -> ApiKey | None:
        theirs = (api_keys.c.key_id == key_id, api_keys.c.user_id == user_id)
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await connection.execute(
                    update(api_keys)
                    .where(*theirs, api_keys.c.revoked_at.is_(None))
                    .values(revoked_at=at_ms)
                )
                row = (await connection.execute(_KEYS.where(*theirs))).one_or_none()
                return _key(row) if row else None

    async def renew_key(self, user_id: int, key_id: str, new: Renewal) -> ApiKey | None:
        theirs = _KEYS.where(api_keys.c.key_id == key_id, api_keys.c.user_id == user_id)
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await _lock_user(connection, user_id)
                row = (await connection.execute(theirs)).one_or_none()
                if row is None or row.revoked_at is not None:
                    return None
                if row.expires_at is not None and row.expires_at <= new.at_ms:
                    return None
                if row.old_until is not None and row.old_until > new.at_ms:
                    raise RotationRuns(row.old_until)
                await _refuse_known(connection, user_id, new.public_key)
                await connection.execute(
                    update(api_keys)
                    .where(api_keys.c.key_id == key_id)
                    .values(
                        public_key=new.public_key,
                        sealed_secret=new.sealed_secret,
                        old_public_key=row.public_key,
                        old_sealed_secret=row.sealed_secret,
                        old_until=new.old_until,
                    )
                )
                return _key((await connection.execute(theirs)).one())

    async def mark_used(self, used: Mapping[str, int]) -> None:
        if not used:
            return
        at_ms: BindParameter[int] = bindparam("at_ms")
        change = (
            update(api_keys)
            .where(
                api_keys.c.key_id == bindparam("used_id"),
                or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < at_ms),
            )
            .values(last_used_at=at_ms)
        )
        rows = [{"used_id": key_id, "at_ms": at} for key_id, at in sorted(used.items())]
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await connection.execute(change, rows)

    async def revoked_keys_since(self, time_ms: int) -> Sequence[tuple[str, int]]:
        asked = (
            select(api_keys.c.key_id, api_keys.c.revoked_at)
            .where(api_keys.c.revoked_at >= time_ms)
            .order_by(api_keys.c.revoked_at)
        )
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return [(row.key_id, row.revoked_at) for row in await connection.execute(asked)]


async def _lock_user(connection: AsyncConnection, user_id: int) -> None:
    """Let whoever else makes a key of this user wait until this transaction is over."""
    asked = select(users.c.user_id).where(users.c.user_id == user_id)
    # SQLite has no such lock, and needs none: its transaction has the only write lock.
    if (await connection.execute(asked.with_for_update(key_share=True))).one_or_none() is None:
        raise UnknownUser


async def _number_of(connection: AsyncConnection, new: NewApiKey) -> int | None:
    """Return the number of the sub-account that a key is to be of; None: of the first account.

    It must be open: until then its id may become another.
    """
    if new.sub_account_id is None:
        return None
    asked = (
        select(sub_accounts.c.number)
        .join(account_openings, account_openings.c.account_id == sub_accounts.c.account_id)
        .where(
            sub_accounts.c.account_id == new.sub_account_id,
            sub_accounts.c.user_id == new.user_id,
            sub_accounts.c.closed_at.is_(None),
            account_openings.c.done_at.is_not(None),
        )
    )
    number: int | None = (await connection.execute(asked)).scalar_one_or_none()
    if number is None:
        raise UnknownAccount
    return number


async def _check(
    connection: AsyncConnection, new: NewApiKey, number: int | None, bounds: KeyBounds
) -> None:
    theirs = select(func.count()).select_from(api_keys).where(api_keys.c.user_id == new.user_id)
    same_account = api_keys.c.sub_account.is_not_distinct_from(number)
    live = theirs.where(api_keys.c.revoked_at.is_(None), same_account)
    made = theirs.where(api_keys.c.created_at > new.created_at - _DAY_MS)
    await _refuse_known(connection, new.user_id, new.public_key)
    if (await connection.execute(live)).scalar_one() >= bounds.at_once:
        raise TooManyKeys(bounds.at_once)
    if (await connection.execute(made)).scalar_one() >= bounds.per_day:
        raise TooManyNewKeys(bounds.per_day)


async def _refuse_known(
    connection: AsyncConnection, user_id: int, public_key: bytes | None
) -> None:
    """Return if no key of the user has or had this public key."""
    if public_key is None:
        return
    theirs = select(func.count()).select_from(api_keys).where(api_keys.c.user_id == user_id)
    had = or_(api_keys.c.public_key == public_key, api_keys.c.old_public_key == public_key)
    if (await connection.execute(theirs.where(had))).scalar_one():
        raise KeyKnown


def _values(new: NewApiKey) -> dict[str, Any]:
    return {
        "key_id": new.key_id,
        "user_id": new.user_id,
        "name": new.name,
        "kind": new.kind,
        "public_key": new.public_key,
        "sealed_secret": new.sealed_secret,
        "scopes": " ".join(sorted(new.scopes)),
        "ip_allowlist": " ".join(new.ip_allowlist),
        "created_at": new.created_at,
        "expires_at": new.expires_at,
    }


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        key_id=row.key_id,
        user_id=row.user_id,
        name=row.name,
        kind=row.kind,
        public_key=row.public_key,
        scopes=frozenset(row.scopes.split()),
        ip_allowlist=tuple(row.ip_allowlist.split()),
        created_at=row.created_at,
        expires_at=row.expires_at,
        number=row.number,
        account_id=row.sub_account_id or row.main_id,
        sub_account_id=row.sub_account_id,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        sealed_secret=row.sealed_secret,
        old_public_key=row.old_public_key,
        old_sealed_secret=row.old_sealed_secret,
        old_until=row.old_until,
    )
