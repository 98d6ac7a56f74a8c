"""SessionStore in SQL: log-ins and their refresh tokens (ports: cse.users.ports)."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.user_tables import refresh_tokens, sessions, users
from cse.users.model import RefreshToken, Session
from cse.users.ports import RefreshOutcome, Rotation

_WHAT: Final = "the users' database"


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
                    )
                )
                await _add_token(connection, session.session_id, token)

    async def rotate(self, digest: bytes, successor: RefreshToken) -> Rotation:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                return await _rotate(connection, digest, successor)

    async def session_of(self, digest: bytes) -> Session | None:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                row = (await connection.execute(_by_token(digest))).one_or_none()
                return _session(row) if row else None

    async def revoke(self, session_id: str, at_ms: int) -> bool:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                return await _revoke(connection, session_id, at_ms)

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


async def _rotate(connection: AsyncConnection, digest: bytes, successor: RefreshToken) -> Rotation:
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
    if not is_first_use:
        ended = await _revoke(connection, session.session_id, now_ms)
        return Rotation(RefreshOutcome.REUSED if ended else RefreshOutcome.REVOKED, session)
    if row.token_expires_at <= now_ms:
        return Rotation(RefreshOutcome.EXPIRED, session)
    await _add_token(connection, session.session_id, successor)
    await connection.execute(
        update(sessions)
        .where(sessions.c.session_id == session.session_id)
        .values(expires_at=successor.expires_at)
    )
    return Rotation(RefreshOutcome.ROTATED, session)


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
        )
        .join(refresh_tokens, refresh_tokens.c.session_id == sessions.c.session_id)
        .join(users, users.c.user_id == sessions.c.user_id)
        .where(refresh_tokens.c.digest == digest)
    )


def _session(row: Any) -> Session:
    return Session(
        session_id=row.session_id,
        user_id=row.user_id,
        account_id=row.account_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
