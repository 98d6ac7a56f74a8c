"""RoleStore and PeopleReader in SQL (ports: cse.users.roles, cse.users.people_search)."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.audit import SqlAuditLog, append
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.sub_account_tables import sub_accounts
from cse.adapters.sql.user_tables import user_roles, users
from cse.core.clock import Clock
from cse.users.audit import Act, AuditAct, user_actor
from cse.users.authority_parts import AuthorityPorts
from cse.users.errors import UnknownUser
from cse.users.people_search import PeopleSearch, Person
from cse.users.roles import Asked, RoleChange

_WHAT: Final = "the users' database"
_HELD: Final = user_roles.c.revoked_at.is_(None)


def sql_authority(engine: AsyncEngine, clock: Clock) -> AuthorityPorts:
    """Return what authority stands on, all in one database."""
    log = SqlAuditLog(engine, clock)
    return AuthorityPorts(log, log, SqlRoleStore(engine), SqlPeopleReader(engine))


class SqlRoleStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def set_role(self, asked: Asked, at_ms: int) -> bool:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                return await _set_role(connection, asked, at_ms)

    async def changed_since(self, time_ms: int) -> Sequence[RoleChange]:
        asked = (
            select(user_roles)
            .where(user_roles.c.changed_at >= time_ms)
            .order_by(user_roles.c.changed_at)
        )
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return [
                    RoleChange(row.user_id, row.role, row.revoked_at is None, row.changed_at)
                    for row in await connection.execute(asked)
                ]


class SqlPeopleReader:
    """On SQLite and PostgreSQL alike."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._reader = read_only(engine)

    async def find(self, wanted: PeopleSearch, *, after: int, limit: int) -> Sequence[Person]:
        asked = select(users).where(users.c.user_id > after, *_conditions(wanted))
        asked = asked.order_by(users.c.user_id).limit(limit)
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                rows = (await connection.execute(asked)).all()
                roles = await _roles_of(connection, [row.user_id for row in rows])
        return [
            Person(
                user_id=row.user_id,
                email=row.email,
                handle=row.handle,
                account_id=row.account_id,
                created_at=row.created_at,
                roles=roles.get(row.user_id, []),
                verified_at=row.verified_at,
            )
            for row in rows
        ]


async def _set_role(connection: AsyncConnection, asked: Asked, at_ms: int) -> bool:
    user_id, role = asked.user_id, asked.role.value
    person = select(users.c.user_id).where(users.c.user_id == user_id)
    # Of two changes for one person the second waits; SQLite's transaction has the only write lock anyway.
    if (await connection.execute(person.with_for_update(key_share=True))).one_or_none() is None:
        raise UnknownUser
    before = (await _roles_of(connection, [user_id])).get(user_id, [])
    if (role in before) == asked.held:
        return False
    await _write(connection, asked, at_ms)
    after = sorted({*before, role} if asked.held else {*before} - {role})
    act = AuditAct(
        act=Act.ROLE_GRANTED if asked.held else Act.ROLE_REVOKED,
        actor=asked.actor,
        object=user_actor(user_id),
        before={"roles": before},
        after={"roles": after, **asked.signed},
        reason=asked.reason,
    )
    await append(connection, act, at_ms)
    return True


async def _write(connection: AsyncConnection, asked: Asked, at_ms: int) -> None:
    user_id, role = asked.user_id, asked.role.value
    values: dict[str, Any] = {"changed_at": at_ms, "revoked_at": None if asked.held else at_ms}
    if asked.held:
        values["granted_at"] = at_ms
    mine = (user_roles.c.user_id == user_id, user_roles.c.role == role)
    changed = await connection.execute(update(user_roles).where(*mine).values(**values))
    if not changed.rowcount:
        await connection.execute(insert(user_roles).values(user_id=user_id, role=role, **values))


async def _roles_of(connection: AsyncConnection, user_ids: Sequence[int]) -> dict[int, list[str]]:
    asked = select(user_roles.c.user_id, user_roles.c.role)
    asked = asked.where(user_roles.c.user_id.in_(user_ids), _HELD).order_by(user_roles.c.role)
    found: dict[int, list[str]] = {}
    for row in await connection.execute(asked):
        found.setdefault(row.user_id, []).append(row.role)
    return found


def _conditions(wanted: PeopleSearch) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.user_id is not None:
        found.append(users.c.user_id == wanted.user_id)
    if wanted.account_id is not None:
        subs = select(sub_accounts.c.user_id).where(sub_accounts.c.account_id == wanted.account_id)
        found.append(or_(users.c.account_id == wanted.account_id, users.c.user_id.in_(subs)))
    for column, text in ((users.c.email, wanted.email), (users.c.handle_key, wanted.handle)):
        if text is not None:  # both are stored in lower case
            found.append(column.startswith(text.lower(), autoescape=True))
    return found
