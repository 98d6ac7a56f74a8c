"""SessionStore in SQL: log-ins and their refresh tokens (ports: cse.users.ports)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    bindparam,
    delete,
    exists,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.user_tables import refresh_tokens, sessions, users
from cse.users.model import RefreshToken, SeenSession, Session, Use
from cse.users.ports import RefreshOutcome, Rotation

_WHAT: Final = "the users' database"
_ADDRESSES: Final = 100
_LIVE: Final = sessions.c.revoked_at.is_(None)
_SESSIONS: Final[Select[Any]] = select(sessions, users.c.account_id).join(
    users, users.c.user_id == sessions.c.user_id
)


class SqlSessionStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def add_session(self, session: Session, token: RefreshToken) -> None:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await connection.execute(
                    insert(sessions).values(
                        session_id=session.session_id,
                        user_id=session.user_id,
                        created_at=session.created_at,
                        expires_at=session.expires_at,
                        ends_at=session.ends_at,
                        used_at=session.created_at,
                        began_from=session.began_from,
                        used_from=session.began_from,
                        user_agent=session.user_agent,
                    )
                )
                await _add_token(connection, session.session_id, token)

    async def rotate(
        self, digest: bytes, successor: RefreshToken, *, replay_ms: int = 0
    ) -> Rotation:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                return await _rotate(connection, digest, successor, replay_ms)

    async def session_of(self, digest: bytes) -> Session | None:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                row = (await connection.execute(_by_token(digest))).one_or_none()
                return _session(row) if row else None

    async def revoke(self, session_id: str, at_ms: int) -> bool:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                return await _revoke(connection, session_id, at_ms)

    async def sessions_of(
        self, user_id: int, *, at_ms: int, before: tuple[int, str] | None, limit: int
    ) -> Sequence[SeenSession]:
        key = tuple_(sessions.c.created_at, sessions.c.session_id)
        asked = (
            _SESSIONS.where(sessions.c.user_id == user_id, _LIVE, sessions.c.expires_at > at_ms)
            .order_by(sessions.c.created_at.desc(), sessions.c.session_id.desc())
            .limit(limit)
        )
        if before is not None:
            asked = asked.where(key < before)
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return [_seen(row) for row in await connection.execute(asked)]

    async def revoke_own(self, user_id: int, session_id: str, at_ms: int) -> bool:
        theirs = exists().where(sessions.c.session_id == session_id, sessions.c.user_id == user_id)
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                if not (await connection.execute(select(theirs))).scalar_one():
                    return False
                await _revoke(connection, session_id, at_ms)
                return True

    async def revoke_others(self, user_id: int, keep: str | None, at_ms: int) -> Sequence[str]:
        return await self._revoke_where(
            at_ms, sessions.c.user_id == user_id, sessions.c.session_id != (keep or "")
        )

    async def revoke_accounts(self, account_ids: Sequence[int], at_ms: int) -> Sequence[str]:
        owners = select(users.c.user_id).where(users.c.account_id.in_(account_ids))
        return await self._revoke_where(at_ms, sessions.c.user_id.in_(owners))

    async def log_in_addresses(self, email: str, since_ms: int) -> Sequence[str]:
        asked = (
            select(sessions.c.began_from)
            .join(users, users.c.user_id == sessions.c.user_id)
            .where(users.c.email == email, sessions.c.created_at >= since_ms)
            .distinct()
            .limit(_ADDRESSES)
        )
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return list((await connection.execute(asked)).scalars())

    async def mark_used(self, uses: Mapping[str, Use]) -> None:
        if not uses:
            return
        at_ms: BindParameter[int] = bindparam("at_ms")
        change = (
            update(sessions)
            .where(sessions.c.session_id == bindparam("used_id"), sessions.c.used_at < at_ms)
            .values(used_at=at_ms, used_from=bindparam("address"))
        )
        rows = [
            {"used_id": session_id, "at_ms": use.at_ms, "address": use.address}
            for session_id, use in sorted(uses.items())
        ]
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await connection.execute(change, rows)

    async def revoked_since(self, time_ms: int) -> Sequence[tuple[str, int]]:
        asked = (
            select(sessions.c.session_id, sessions.c.revoked_at)
            .where(sessions.c.revoked_at >= time_ms)
            .order_by(sessions.c.revoked_at)
        )
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return [(row.session_id, row.revoked_at) for row in await connection.execute(asked)]

    async def purge(self, before_ms: int) -> int:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                done = await connection.execute(
                    delete(sessions).where(sessions.c.expires_at < before_ms)
                )
                return done.rowcount

    async def _revoke_where(self, at_ms: int, *conditions: ColumnElement[bool]) -> Sequence[str]:
        """End what fulfils the conditions and is not over yet; return the ids."""
        change = (
            update(sessions)
            .where(*conditions, _LIVE, sessions.c.expires_at > at_ms)
            .values(revoked_at=at_ms)
            .returning(sessions.c.session_id)
        )
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                return list((await connection.execute(change)).scalars())


async def _rotate(
    connection: AsyncConnection, digest: bytes, successor: RefreshToken, replay_ms: int
) -> Rotation:
    now_ms = successor.issued_at
    # The row lock that this takes decides between two that come at once.
    first_use = (
        update(refresh_tokens)
        .where(refresh_tokens.c.digest == digest, refresh_tokens.c.used_at.is_(None))
        .values(used_at=now_ms)
    )
    is_first_use = (await connection.execute(first_use)).rowcount == 1
    row = (await connection.execute(_by_token(digest))).one_or_none()
    if row is None:
        return Rotation(RefreshOutcome.UNKNOWN, None)
    session = _session(row)
    if row.revoked_at is not None:
        return Rotation(RefreshOutcome.REVOKED, session)
    if is_first_use:
        await _use_siblings_up(connection, session.session_id, now_ms)
    elif not await _may_come_again(connection, digest, row, replay_ms, now_ms):
        ended = await _revoke(connection, session.session_id, now_ms)
        return Rotation(RefreshOutcome.REUSED if ended else RefreshOutcome.REVOKED, session)
    if session.ends_at <= now_ms:
        return Rotation(RefreshOutcome.ENDED, session)
    if row.token_expires_at <= now_ms:
        return Rotation(RefreshOutcome.EXPIRED, session)
    expires_at = min(successor.expires_at, session.ends_at)
    await _add_token(
        connection, session.session_id, msgspec.structs.replace(successor, expires_at=expires_at)
    )
    await connection.execute(
        update(sessions)
        .where(sessions.c.session_id == session.session_id)
        .values(expires_at=expires_at)
    )
    return Rotation(RefreshOutcome.ROTATED, session)


async def _use_siblings_up(connection: AsyncConnection, session_id: str, at_ms: int) -> None:
    """Let a session's other tokens go with the one that is used: there are some only after one came again."""
    await connection.execute(
        update(refresh_tokens)
        .where(refresh_tokens.c.session_id == session_id, refresh_tokens.c.used_at.is_(None))
        .values(used_at=at_ms)
    )


async def _may_come_again(
    connection: AsyncConnection, digest: bytes, row: Any, replay_ms: int, now_ms: int
) -> bool:
    """Tell whether a token was used less than `replay_ms` ago, and none that was issued at its use or later."""
    # A request that was overtaken, or another gateway's clock, can put the use into the future: that is now.
    if max(now_ms - row.token_used_at, 0) >= replay_ms:
        return False
    successor_used = select(refresh_tokens.c.digest).where(
        refresh_tokens.c.session_id == row.session_id,
        refresh_tokens.c.digest != digest,
        refresh_tokens.c.issued_at >= row.token_used_at,
        refresh_tokens.c.used_at.is_not(None),
    )
    return (await connection.execute(successor_used.limit(1))).first() is None


async def _revoke(connection: AsyncConnection, session_id: str, at_ms: int) -> bool:
    ended = await connection.execute(
        update(sessions)
        .where(sessions.c.session_id == session_id, sessions.c.revoked_at.is_(None))
        .values(revoked_at=at_ms)
    )
    return ended.rowcount > 0


async def _add_token(connection: AsyncConnection, session_id: str, token: RefreshToken) -> None:
    await connection.execute(
        insert(refresh_tokens).values(
            digest=token.digest,
            session_id=session_id,
            issued_at=token.issued_at,
            expires_at=token.expires_at,
        )
    )


def _by_token(digest: bytes) -> Select[Any]:
    """Ask for the session that a token, used or not, belongs to."""
    return (
        select(
            sessions,
            users.c.account_id,
            refresh_tokens.c.expires_at.label("token_expires_at"),
            refresh_tokens.c.used_at.label("token_used_at"),
        )
        .join(refresh_tokens, refresh_tokens.c.session_id == sessions.c.session_id)
        .join(users, users.c.user_id == sessions.c.user_id)
        .where(refresh_tokens.c.digest == digest)
    )


def _session(row: Any) -> Session:
    return Session(**_shared(row))


def _seen(row: Any) -> SeenSession:
    return SeenSession(**_shared(row), used_at=row.used_at, used_from=row.used_from)


def _shared(row: Any) -> dict[str, Any]:
    return {
        "session_id": row.session_id,
        "user_id": row.user_id,
        "account_id": row.account_id,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "ends_at": row.ends_at,
        "began_from": row.began_from,
        "user_agent": row.user_agent,
    }
