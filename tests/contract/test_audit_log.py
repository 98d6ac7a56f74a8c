"""Holds the audit log to its ports on SQLite and PostgreSQL: append-only, chained, searchable, durable or refused."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql.audit import SqlAuditLog
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import Unavailable
from cse.users.audit import Act, AuditAct, Origin, origin
from cse.users.audit_log import AuditFilter, ChainCheck, Head, digest_of
from cse.users.model import NewUser
from tests.servers.migrated import migrated
from tests.unit.users.people import START_MS, FakeClock


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    file = f"sqlite:///{tmp_path / 'cse.db'}"
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    await migrated(url)
    made = make_engine(url)
    yield made
    await made.dispose()


@pytest.fixture
def log(engine: AsyncEngine) -> SqlAuditLog:
    return SqlAuditLog(engine, FakeClock())


def act(number: int, **changes: object) -> AuditAct:
    return AuditAct(
        **{  # type: ignore[arg-type]  # changes are a test's own
            "act": Act.ROLE_GRANTED,
            "actor": "user:1",
            "object": f"user:{number}",
            "before": {"roles": ["user"]},
            "after": {"roles": ["user", "risk"], "until": None},
            "reason": "new_hire",
            **changes,
        }
    )


async def fill(log: SqlAuditLog, count: int) -> None:
    for number in range(1, count + 1):
        await log.record(act(number))


async def test_a_record_says_all_that_was_told_and_where_it_came_from(log: SqlAuditLog) -> None:
    """Every field comes back; session and address of the request under way are filled in."""
    token = origin.set(Origin("203.0.113.9", "a" * 32))
    await log.record(act(7))
    await log.record(act(8, ip="::1", session_id="b" * 32))
    origin.reset(token)
    first, second = await log.after(0, 10)
    assert (first.number, first.at_ms, first.act) == (1, START_MS, "role.grant")
    assert (first.actor, first.object, first.reason) == ("user:1", "user:7", "new_hire")
    assert (first.before, first.after) == (
        '{"roles":["user"]}',
        '{"roles":["user","risk"],"until":null}',
    )
    assert (first.ip, first.session_id) == ("203.0.113.9", "a" * 32)
    assert (second.ip, second.session_id) == ("::1", "b" * 32)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_log SET reason = 'x' WHERE number = 2",
        "DELETE FROM audit_log WHERE number = 2",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "INSERT OR REPLACE INTO audit_log SELECT * FROM audit_log WHERE number = 2",
        "INSERT INTO audit_log SELECT * FROM audit_log WHERE number = 2",
    ],
)
async def test_the_database_itself_refuses_changes(
    log: SqlAuditLog, engine: AsyncEngine, change: str
) -> None:
    """No statement that changes or removes a record gets through, and all are there afterwards."""
    await fill(log, 3)
    with pytest.raises(DBAPIError):
        async with engine.begin() as connection:
            await connection.execute(text(change))
    assert [record.number for record in await log.after(0, 10)] == [1, 2, 3]
    check = ChainCheck()
    assert check.walk(await log.after(0, 10))


async def test_many_writers_at_once_make_one_chain(engine: AsyncEngine) -> None:
    """Two processes' worth of appends at the same time: no gap, no fork, every one there."""
    logs = [SqlAuditLog(engine, FakeClock()), SqlAuditLog(engine, FakeClock())]
    await asyncio.gather(*(logs[number % 2].record(act(number)) for number in range(40)))
    found = await logs[0].after(0, 100)
    check = ChainCheck()
    assert check.walk(found), check.broken
    assert {record.object for record in found} == {f"user:{number}" for number in range(40)}
    assert check.head == await logs[1].head() == Head(40, found[-1].digest)


async def test_the_first_bad_record_is_named(log: SqlAuditLog, engine: AsyncEngine) -> None:
    """Past the triggers somebody changed record 3: the check stops there."""
    await fill(log, 5)
    found = list(await log.after(0, 10))
    for name, value in (("reason", "y"), ("at_ms", 1), ("digest", bytes(32)), ("actor", "user:2")):
        bad = [*found]
        bad[2] = type(bad[2])(**{**_fields(bad[2]), name: value})
        check = ChainCheck()
        assert not check.walk(bad)
        assert check.broken is not None
        assert check.broken.number == 3
    check = ChainCheck()
    assert not check.walk([*found[:2], *found[3:]])
    assert check.broken is not None
    assert (check.broken.number, "missing" in check.broken.reason) == (3, True)
    assert digest_of(found[4], found[3].digest) == found[4].digest


def _fields(record: object) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__struct_fields__}  # type: ignore[attr-defined]  # a msgspec.Struct


async def test_a_search_is_filtered_and_paged(log: SqlAuditLog) -> None:
    """By act, actor, object and time, newest first, from below a number on."""
    await fill(log, 4)
    await log.record(act(2, act=Act.ROLE_REVOKED, actor="system"))
    newest = await log.search(AuditFilter(), before=None, limit=2)
    assert [record.number for record in newest] == [5, 4]
    rest = await log.search(AuditFilter(), before=4, limit=10)
    assert [record.number for record in rest] == [3, 2, 1]
    for wanted, numbers in (
        (AuditFilter(act="role.revoke"), [5]),
        (AuditFilter(actor="system"), [5]),
        (AuditFilter(object="user:2"), [5, 2]),
        (AuditFilter(object="user:2", actor="user:1"), [2]),
        (AuditFilter(from_ms=START_MS), [5, 4, 3, 2, 1]),
        (AuditFilter(to_ms=START_MS), []),
        (AuditFilter(actor="' OR 1=1 --"), []),
    ):
        found = await log.search(wanted, before=None, limit=10)
        assert [record.number for record in found] == numbers


async def test_what_is_too_long_is_refused_whole(log: SqlAuditLog) -> None:
    """A field over its length is a bug that is told, not cut off."""
    for changes in ({"actor": "x" * 65}, {"reason": "x" * 65}, {"after": {"x": "y" * 9_000}}):
        with pytest.raises(ValueError, match="at most"):
            await log.record(act(1, **changes))
    assert await log.head() == Head()


async def test_a_database_that_is_away_is_unavailable(tmp_path: Path) -> None:
    """So that whoever wanted to do something knows that it is not recorded."""
    engine = make_engine(f"sqlite:///{tmp_path / 'no' / 'folder' / 'cse.db'}")
    with pytest.raises(Unavailable):
        await SqlAuditLog(engine, FakeClock()).record(act(1))
    await engine.dispose()


async def test_a_registration_and_its_record_are_one(engine: AsyncEngine, log: SqlAuditLog) -> None:
    """Recorded with the person's id; when the log takes no row, there is no person either."""
    people = SqlUserStore(engine)
    ada = await people.add_user(NewUser("ada@example.com", "Ada", "ada", "$2b$", 0, START_MS))
    (record,) = await log.after(0, 10)
    assert (record.act, record.actor, record.object) == ("user.register", "user:1", "user:1")
    assert record.after == f'{{"account_id":{ada.account_id},"handle":"Ada"}}'
    refuse = {
        "sqlite": "CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'x'); END",
        "postgresql": "ALTER TABLE audit_log ADD CONSTRAINT ck_full CHECK (number < 2)",
    }[engine.dialect.name]
    async with engine.begin() as connection:
        await connection.execute(text(refuse))
    with pytest.raises(DBAPIError):
        await people.add_user(NewUser("bob@example.com", "Bob", "bob", "$2b$", 0, START_MS))
    assert not await people.is_email_taken("bob@example.com")
