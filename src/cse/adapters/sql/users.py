"""UserStore in SQL: people and the outbox of their accounts' openings (ports: cse.users.ports)."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql.audit import append
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.sub_account_tables import sub_accounts
from cse.adapters.sql.user_tables import account_numbers, account_openings, users
from cse.users.audit import Act, AuditAct, Facts, user_actor
from cse.users.errors import EmailTaken, HandleTaken
from cse.users.model import Credentials, NewUser, Opening, User

_WHAT: Final = "the users' database"
_COUNTER: Final = "users"
_OPENING: Final = (
    account_openings.c.account_id,
    account_openings.c.fee_tier,
    account_openings.c.created_at,
)
_WAITING: Final = account_openings.c.done_at.is_(None)


class SqlUserStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def add_user(self, new: NewUser) -> User:
        try:
            with database_errors(_WHAT):
                async with self._engine.begin() as connection:
                    return await insert_user(connection, new)
        except IntegrityError:
            # Both databases say which constraint it was, each in its own words: better ask.
            if await self.is_email_taken(new.email):
                raise EmailTaken from None
            if await self._exists(users.c.handle_key == new.handle_key):
                raise HandleTaken from None
            raise

    async def is_email_taken(self, email: str) -> bool:
        return await self._exists(users.c.email == email)

    async def credentials(self, email: str) -> Credentials | None:
        return await self._credentials(users.c.email == email)

    async def credentials_of(self, user_id: int) -> Credentials | None:
        return await self._credentials(users.c.user_id == user_id)

    async def _credentials(self, condition: ColumnElement[bool]) -> Credentials | None:
        asked = (
            select(users, account_openings.c.fee_tier, account_openings.c.done_at)
            .join(account_openings, account_openings.c.account_id == users.c.account_id)
            .where(condition)
        )
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                row = (await connection.execute(asked)).one_or_none()
        if row is None:
            return None
        opening = Opening(row.account_id, row.fee_tier, row.created_at)
        return Credentials(
            user_of(row), row.password_hash, opening if row.done_at is None else None
        )

    async def replace_password_hash(self, user_id: int, old: str, new: str) -> bool:
        change = (
            update(users)
            .where(users.c.user_id == user_id, users.c.password_hash == old)
            .values(password_hash=new)
        )
        return await self._changes(change)

    async def reserve_account_ids(self, through: int) -> None:
        await self._changes(
            update(account_numbers)
            .where(account_numbers.c.name == _COUNTER, account_numbers.c.next_id <= through)
            .values(next_id=through + 1)
        )

    async def claim_opening(self, account_id: int, at_ms: int) -> bool:
        change = (
            update(account_openings)
            .where(account_openings.c.account_id == account_id, _WAITING)
            .values(claimed_at=at_ms)
        )
        return await self._changes(change)

    async def renumber_account(self, account_id: int) -> Opening | None:
        mine = account_openings.c.account_id == account_id
        unclaimed = account_openings.c.claimed_at.is_(None)
        remove = delete(account_openings).where(mine, _WAITING, unclaimed).returning(*_OPENING)
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                old = (await connection.execute(remove)).one_or_none()
                if old is None:
                    return None
                opening = await insert_opening(connection, old.fee_tier, old.created_at)
                await connection.execute(
                    update(users)
                    .where(users.c.account_id == account_id)
                    .values(account_id=opening.account_id)
                )
                await connection.execute(
                    update(sub_accounts)
                    .where(sub_accounts.c.account_id == account_id)
                    .values(account_id=opening.account_id)
                )
                return opening

    async def pending_openings(
        self, *, before_ms: int, after_account_id: int, limit: int
    ) -> Sequence[Opening]:
        asked = (
            select(*_OPENING)
            .where(
                _WAITING,
                account_openings.c.created_at < before_ms,
                account_openings.c.account_id > after_account_id,
            )
            .order_by(account_openings.c.account_id)
            .limit(limit)
        )
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return [Opening(*row) for row in await connection.execute(asked)]

    async def mark_opened(self, account_id: int, at_ms: int) -> None:
        await self._changes(
            update(account_openings)
            .where(account_openings.c.account_id == account_id, _WAITING)
            .values(done_at=at_ms)
        )

    async def _exists(self, condition: Any) -> bool:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return bool((await connection.execute(select(exists().where(condition)))).scalar())

    async def _changes(self, change: Any) -> bool:
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                return (await connection.execute(change)).rowcount > 0


async def insert_user(connection: AsyncConnection, new: NewUser) -> User:
    """Store a user, the outbox row of their account's opening and the record of both."""
    opening = await insert_opening(connection, new.fee_tier, new.created_at)
    added = (
        insert(users)
        .values(
            email=new.email,
            handle=new.handle,
            handle_key=new.handle_key,
            password_hash=new.password_hash,
            account_id=opening.account_id,
            created_at=new.created_at,
            verified_at=new.verified_at,
        )
        .returning(users)
    )
    user = user_of((await connection.execute(added)).one())
    person = user_actor(user.user_id)
    after: Facts = {"handle": user.handle, "account_id": user.account_id}
    act = AuditAct(act=Act.REGISTER, actor=person, object=person, after=after)
    await append(connection, act, new.created_at)
    return user


async def insert_opening(connection: AsyncConnection, fee_tier: int, created_at: int) -> Opening:
    """Give out the next account id; whoever else wants one waits until this transaction is over."""
    numbered = (
        update(account_numbers)
        .where(account_numbers.c.name == _COUNTER)
        .values(next_id=account_numbers.c.next_id + 1)
        .returning(account_numbers.c.next_id)
    )
    next_id = (await connection.execute(numbered)).scalar_one()
    opening = Opening(next_id - 1, fee_tier, created_at)
    await connection.execute(
        insert(account_openings).values(
            account_id=opening.account_id, fee_tier=fee_tier, created_at=created_at
        )
    )
    return opening


def user_of(row: Row[Any]) -> User:
    """Return the person of a row of all columns of `users`."""
    return User(
        user_id=row.user_id,
        email=row.email,
        handle=row.handle,
        account_id=row.account_id,
        created_at=row.created_at,
        verified_at=row.verified_at,
    )
