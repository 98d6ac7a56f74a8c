"""SubAccountStore in SQL (port: cse.users.sub_accounts.ports)."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.audit import append
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.sub_account_tables import sub_accounts
from cse.adapters.sql.user_tables import account_openings, users
from cse.adapters.sql.users import insert_opening
from cse.users.audit import Act, AuditAct, account_object, user_actor
from cse.users.errors import UnknownUser
from cse.users.sub_accounts.errors import LabelTaken, TooManySubAccounts
from cse.users.sub_accounts.model import Bounds, NewSubAccount, Owned, SubAccount

_WHAT: Final = "the users' database"
_DAY_MS: Final = 86_400_000
_OF: Final = sub_accounts.c
_LIVE: Final = _OF.closed_at.is_(None)
_ALL: Final[Select[Any]] = select(sub_accounts, account_openings.c.done_at).join(
    account_openings, account_openings.c.account_id == _OF.account_id
)


class SqlSubAccountStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def add(self, new: NewSubAccount, bounds: Bounds) -> SubAccount:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                await _lock_person(connection, new.user_id)
                await _check(connection, new, bounds)
                opening = await insert_opening(connection, new.fee_tier, new.created_at)
                await connection.execute(
                    insert(sub_accounts).values(
                        user_id=new.user_id,
                        account_id=opening.account_id,
                        label=new.label,
                        created_at=new.created_at,
                    )
                )
                made = await _one(connection, new.user_id, opening.account_id)
                assert made is not None, "it has just been stored"
                act = AuditAct(
                    act=Act.SUB_ACCOUNT_MADE,
                    actor=user_actor(new.user_id),
                    object=account_object(made.account_id),
                    after={"label": made.label},
                )
                await append(connection, act, new.created_at)
                return made

    async def page(self, user_id: int, *, after: int, limit: int) -> Sequence[SubAccount]:
        asked = _ALL.where(_OF.user_id == user_id, _OF.number > after)
        return await self._read(asked.order_by(_OF.number).limit(limit))

    async def find(self, user_id: int, account_id: int) -> SubAccount | None:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return await _one(connection, user_id, account_id)

    async def of_main(self, main_account_id: int) -> Sequence[SubAccount]:
        owner = select(users.c.user_id).where(users.c.account_id == main_account_id)
        asked = _ALL.where(_OF.user_id == owner.scalar_subquery(), _LIVE)
        return await self._read(asked.order_by(_OF.number))

    async def rename(
        self, user_id: int, account_id: int, label: str, at_ms: int
    ) -> SubAccount | None:
        try:
            with database_errors(_WHAT):
                async with self._engine.begin() as connection:
                    return await _rename(connection, user_id, account_id, label, at_ms)
        except IntegrityError:  # the one unique thing that changes here is the label
            raise LabelTaken from None

    async def mark_closed(self, user_id: int, account_id: int, at_ms: int) -> SubAccount | None:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                mine = _mine(user_id, account_id)
                change = update(sub_accounts).where(*mine, _LIVE).values(closed_at=at_ms)
                await connection.execute(change)
                return await _one(connection, user_id, account_id)

    async def opened_since(self, time_ms: int) -> Sequence[Owned]:
        asked = (
            select(_OF.account_id, _OF.user_id)
            .join(account_openings, account_openings.c.account_id == _OF.account_id)
            .where(account_openings.c.done_at >= time_ms)
        )
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return [Owned(*row) for row in await connection.execute(asked)]

    async def _read(self, asked: Select[Any]) -> list[SubAccount]:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return [_sub_account(row) for row in await connection.execute(asked)]


async def _lock_person(connection: AsyncConnection, user_id: int) -> None:
    """Let whoever else makes a sub-account of this person wait until this transaction is over."""
    asked = select(users.c.user_id).where(users.c.user_id == user_id)
    # SQLite has no such lock, and needs none: its transaction has the only write lock.
    if (await connection.execute(asked.with_for_update(key_share=True))).one_or_none() is None:
        raise UnknownUser


async def _check(connection: AsyncConnection, new: NewSubAccount, bounds: Bounds) -> None:
    theirs = select(func.count()).select_from(sub_accounts).where(_OF.user_id == new.user_id)
    made = theirs.where(_OF.created_at > new.created_at - _DAY_MS)
    if (await connection.execute(theirs.where(_LIVE, _OF.label == new.label))).scalar_one():
        raise LabelTaken
    if (await connection.execute(theirs.where(_LIVE))).scalar_one() >= bounds.at_once:
        raise TooManySubAccounts(bounds.at_once)
    if (await connection.execute(made)).scalar_one() >= bounds.per_day:
        raise TooManySubAccounts(bounds.per_day, lately=True)


async def _rename(
    connection: AsyncConnection, user_id: int, account_id: int, label: str, at_ms: int
) -> SubAccount | None:
    before = await _one(connection, user_id, account_id)
    if before is None or before.closed_at is not None:
        return None
    change = update(sub_accounts).where(*_mine(user_id, account_id)).values(label=label)
    await connection.execute(change)
    act = AuditAct(
        act=Act.SUB_ACCOUNT_RENAMED,
        actor=user_actor(user_id),
        object=account_object(account_id),
        before={"label": before.label},
        after={"label": label},
    )
    await append(connection, act, at_ms)
    return await _one(connection, user_id, account_id)


def _mine(user_id: int, account_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _OF.user_id == user_id, _OF.account_id == account_id


async def _one(connection: AsyncConnection, user_id: int, account_id: int) -> SubAccount | None:
    row = (await connection.execute(_ALL.where(*_mine(user_id, account_id)))).one_or_none()
    return _sub_account(row) if row else None


def _sub_account(row: Row[Any]) -> SubAccount:
    return SubAccount(
        number=row.number,
        account_id=row.account_id,
        user_id=row.user_id,
        label=row.label,
        created_at=row.created_at,
        opened_at=row.done_at,
        closed_at=row.closed_at,
    )
