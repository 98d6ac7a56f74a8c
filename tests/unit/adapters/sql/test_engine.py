"""Proves that connections are what the code expects of them, and that errors are sorted rightly."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql.engine import BadDatabaseUrl, make_engine, parse_url, read_only
from cse.adapters.sql.errors import DatabaseDamaged, database_errors
from cse.adapters.sql.schema import migrate
from cse.core.errors import Unavailable


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    made = make_engine(f"sqlite:///{tmp_path / 'cse.db'}")
    async with made.begin() as connection:
        await connection.execute(text("CREATE TABLE t (x INTEGER PRIMARY KEY)"))
    yield made
    await made.dispose()


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///cse.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///cse.db", "sqlite+aiosqlite"),
        ("postgresql://me@host/name", "postgresql+asyncpg"),
        ("postgres://me@host/name", "postgresql+asyncpg"),
        ("postgresql+asyncpg://me@host/name", "postgresql+asyncpg"),
    ],
)
def test_a_url_gets_the_driver_that_we_have(url: str, driver: str) -> None:
    """People write URLs as their database's manual does."""
    assert parse_url(url).drivername == driver


@pytest.mark.parametrize(
    "url", ["", "cse.db", "mysql://me:secret@host/x", "postgresql+psycopg://me:secret@host/x"]
)
def test_a_foreign_url_is_refused_without_its_password(url: str) -> None:
    """The message may be logged."""
    with pytest.raises(BadDatabaseUrl) as raised:
        make_engine(url)
    assert "secret" not in str(raised.value)


async def test_sqlite_is_told_what_it_needs(tmp_path: Path) -> None:
    """WAL, foreign keys, a wait for the writer; and a sync per commit only where it is asked for."""
    found = {}
    for durable in (True, False):
        engine = make_engine(f"sqlite:///{tmp_path / 'cse.db'}", durable=durable)
        async with engine.connect() as connection:
            names = ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
            found[durable] = [
                (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar() for name in names
            ]
        await engine.dispose()
    assert found == {True: ["wal", 1, 10_000, 2], False: ["wal", 1, 10_000, 1]}


async def test_readers_and_a_writer_do_not_wait_for_each_other(engine: AsyncEngine) -> None:
    """A read-only transaction begins, and sees the last commit, in the middle of another's writing."""
    async with engine.begin() as writing:
        await writing.execute(text("INSERT INTO t VALUES (1)"))
        async with read_only(engine).connect() as reading:
            assert (await reading.execute(text("SELECT count(*) FROM t"))).scalar() == 0


async def test_writers_wait_for_each_other_when_they_begin(engine: AsyncEngine) -> None:
    """Read, then write, in many transactions at once: none fails midway, no update is lost."""

    async def add_one() -> None:
        async with engine.begin() as connection:
            count = (await connection.execute(text("SELECT count(*) FROM t"))).scalar()
            await asyncio.sleep(0)
            await connection.execute(text("INSERT INTO t VALUES (:x)"), {"x": count})

    await asyncio.gather(*(add_one() for _ in range(20)))
    async with read_only(engine).connect() as connection:
        assert (await connection.execute(text("SELECT max(x) FROM t"))).scalar() == 19


async def test_a_failed_transaction_is_undone(engine: AsyncEngine) -> None:
    """Definitions too: SQLite's driver would otherwise commit before each."""

    async def fails() -> None:
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO t VALUES (7)"))
            await connection.execute(text("CREATE TABLE u (x INTEGER)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails()
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM t"))).scalar() == 0
        tables = text("SELECT count(*) FROM sqlite_master WHERE name = 'u'")
        assert (await connection.execute(tables)).scalar() == 0


async def test_postgres_sessions_are_told_what_they_need(postgres_url: str) -> None:
    """Times in UTC, statements that end, commits that last, a name that the server's lists show."""
    engine = make_engine(postgres_url)
    wanted = {
        "TimeZone": "UTC",
        "statement_timeout": "10s",
        "synchronous_commit": "on",
        "application_name": "cs-exchange",
    }
    async with engine.connect() as connection:
        for name, value in wanted.items():
            assert (await connection.exec_driver_sql(f"SHOW {name}")).scalar() == value
    await engine.dispose()


async def test_a_statement_that_takes_too_long_is_unavailable(postgres_url: str) -> None:
    """The server ends it, and the caller may come again."""
    engine = make_engine(postgres_url)

    async def sleep_too_long() -> None:
        with database_errors("history"):
            async with engine.connect() as connection:
                await connection.exec_driver_sql("SET statement_timeout = 20")
                await connection.exec_driver_sql("SELECT pg_sleep(30)")

    with pytest.raises(Unavailable, match="statement timeout"):
        await sleep_too_long()
    await engine.dispose()


def failing(code: int) -> OperationalError:
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorcode = code
    return OperationalError("SELECT 1", {}, error)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError("refused"),
        TimeoutError(),
        PoolTimeout("no connection is free"),
        failing(sqlite3.SQLITE_BUSY),
        failing(sqlite3.SQLITE_FULL),
        failing(sqlite3.SQLITE_IOERR_FSYNC),
    ],
    ids=repr,
)
def test_what_passes_is_unavailable(error: Exception) -> None:
    """Connections, time-outs, locks, a full disk: the caller may try again; the cause is kept."""
    with (
        pytest.raises(Unavailable, match="history is out of reach") as raised,
        database_errors("history"),
    ):
        raise error
    assert raised.value.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [
        ValueError("ours"),
        failing(sqlite3.SQLITE_ERROR),
        failing(sqlite3.SQLITE_CONSTRAINT),
    ],
    ids=repr,
)
def test_what_does_not_pass_is_raised_as_it_is(error: Exception) -> None:
    """A broken constraint, a missing table: waiting would not help."""
    with pytest.raises(type(error)) as raised, database_errors("history"):
        raise error
    assert raised.value is error


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """Whoever starts on a damaged file reads what to do about it, not where in the driver it was noticed."""
    file = tmp_path / "cse.db"
    file.write_bytes(b"no database at all. " * 500)
    with pytest.raises(DatabaseDamaged, match="the database is damaged: file is not a database"):
        await migrate(f"sqlite:///{file}")


def test_a_file_that_is_broken_inside_is_told() -> None:
    """The same where SQLite finds it out later."""
    with pytest.raises(DatabaseDamaged, match="move the file away"), database_errors("history"):
        raise failing(sqlite3.SQLITE_CORRUPT)
