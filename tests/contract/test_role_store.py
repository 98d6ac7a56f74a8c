"""Holds every RoleStore to its port, and PeopleReader in SQL: given, taken, told, recorded in one transaction."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql.audit import SqlAuditLog
from cse.adapters.sql.authority import SqlPeopleReader, SqlRoleStore
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.users import SqlUserStore
from cse.users.audit import MemoryAuditTrail
from cse.users.audit_log import AuditFilter
from cse.users.authority import Role
from cse.users.errors import UnknownUser
from cse.users.model import NewUser
from cse.users.people_search import PeopleSearch
from cse.users.roles import Asked, RoleChange, RoleStore
from tests.servers.migrated import migrated
from tests.unit.users.authorities import MemoryRoleStore
from tests.unit.users.people import FakeClock

NOW = 1_700_000_000_000
ANN, BOB = 1, 2


async def _database(url: str) -> AsyncEngine:
    await migrated(url)
    engine = make_engine(url)
    people = SqlUserStore(engine)
    for name in ("ann", "bob"):
        await people.add_user(NewUser(f"{name}@example.com", name.title(), name, "$2b$", 0, NOW))
    return engine


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """A database with Ann and Bob."""
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    made = await _database(
        file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    )
    yield made
    await made.dispose()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RoleStore]:
    if request.param == "memory":
        yield MemoryRoleStore(MemoryAuditTrail())
        return
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    made = await _database(
        file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    )
    yield SqlRoleStore(made)
    await made.dispose()


def asked(user_id: int = ANN, role: Role = Role.RISK, *, held: bool = True) -> Asked:
    return Asked(user_id, role, held, "machine:root", "first_admin")


async def test_roles_are_given_taken_and_told(store: RoleStore) -> None:
    """Each change once, with its time; the same again is no change; from a time on only what changed since."""
    assert await store.set_role(asked(), NOW)
    assert not await store.set_role(asked(), NOW + 1)
    assert await store.set_role(asked(BOB, Role.ADMIN), NOW + 2)
    assert not await store.set_role(asked(BOB, Role.RISK, held=False), NOW + 3)
    assert await store.changed_since(0) == [
        RoleChange(ANN, "risk", True, NOW),
        RoleChange(BOB, "admin", True, NOW + 2),
    ]
    assert await store.set_role(asked(held=False), NOW + 4)
    assert await store.changed_since(NOW + 3) == [RoleChange(ANN, "risk", False, NOW + 4)]
    assert await store.set_role(asked(), NOW + 5)
    assert await store.changed_since(NOW + 5) == [RoleChange(ANN, "risk", True, NOW + 5)]


async def test_of_many_at_once_one_changes_it(engine: AsyncEngine) -> None:
    """Ten grants of the same role: one says so, and one record stands in the log."""
    store, log = SqlRoleStore(engine), SqlAuditLog(engine, FakeClock())
    done = await asyncio.gather(*(store.set_role(asked(), NOW) for _ in range(10)))
    assert sum(done) == 1
    records = await log.search(AuditFilter(act="role.grant"), before=None, limit=10)
    assert [(r.actor, r.object, r.before, r.after, r.reason) for r in records] == [
        ("machine:root", "user:1", '{"roles":[]}', '{"roles":["risk"]}', "first_admin")
    ]


async def test_nobody_is_given_a_role_who_does_not_exist(engine: AsyncEngine) -> None:
    """UnknownUser, and nothing is recorded."""
    with pytest.raises(UnknownUser):
        await SqlRoleStore(engine).set_role(asked(99), NOW)
    log = SqlAuditLog(engine, FakeClock())
    assert not await log.search(AuditFilter(act="role.grant"), before=None, limit=10)


async def test_a_role_that_cannot_be_recorded_is_not_given(engine: AsyncEngine) -> None:
    """The log refuses the row: the role's own row is undone with it."""
    refuse = {
        "sqlite": "CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'x'); END",
        "postgresql": "ALTER TABLE audit_log ADD CONSTRAINT ck_full CHECK (number < 3)",
    }[engine.dialect.name]
    async with engine.begin() as connection:
        await connection.execute(text(refuse))
    with pytest.raises(DBAPIError):
        await SqlRoleStore(engine).set_role(asked(), NOW)
    assert await SqlRoleStore(engine).changed_since(0) == []


async def test_people_are_found_by_how_they_begin(engine: AsyncEngine) -> None:
    """In whatever case, with their roles; wildcards and quotes are text."""
    await SqlRoleStore(engine).set_role(asked(BOB, Role.RISK), NOW)
    await SqlRoleStore(engine).set_role(asked(BOB, Role.ADMIN), NOW)
    people = SqlPeopleReader(engine)
    for wanted, found in (
        (PeopleSearch(), [ANN, BOB]),
        (PeopleSearch(email="BOB@"), [BOB]),
        (PeopleSearch(handle="An"), [ANN]),
        (PeopleSearch(account_id=1_001), [BOB]),
        (PeopleSearch(email="bob", handle="ann"), []),
        (PeopleSearch(email="%"), []),
        (PeopleSearch(handle="_nn"), []),
        (PeopleSearch(email="' OR '1'='1"), []),
    ):
        page = await people.find(wanted, after=0, limit=10)
        assert [person.user_id for person in page] == found
    (bob,) = await people.find(PeopleSearch(), after=ANN, limit=1)
    assert (bob.handle, bob.email, bob.account_id, bob.roles) == (
        "Bob",
        "bob@example.com",
        1_001,
        ["admin", "risk"],
    )
