"""Proves that the migrations make exactly the tables that the code expects, on both databases, once."""

import asyncio
import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

import cse.adapters.sql
from cse.adapters.sql import migrations, schema
from cse.adapters.sql.api_keys import SqlApiKeyStore
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.metadata import metadata
from cse.adapters.sql.users import SqlUserStore
from cse.users.model import NewApiKey
from cse.users.ports import KeyBounds


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'cse.db'}"
    found: str = request.getfixturevalue("postgres_url")
    return found


async def differences(url: str) -> list[Any]:
    for module in pkgutil.iter_modules(cse.adapters.sql.__path__, "cse.adapters.sql."):
        importlib.import_module(module.name)

    def compare(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    engine = make_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(compare)
    await engine.dispose()
    return found


def config_of(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config


async def test_migrations_and_tables_agree(url: str) -> None:
    """After `migrate`, Alembic finds no difference to the tables in the code."""
    assert await schema.current(url) is None
    assert await schema.migrate(url) == schema.head() == await schema.current(url)
    assert await differences(url) == []


async def test_migrating_again_or_at_once_is_harmless(url: str) -> None:
    """Three at once and one more: one works, the others wait and find nothing to do."""
    await asyncio.gather(*(schema.migrate(url) for _ in range(3)))
    await schema.migrate(url)
    await schema.check(url)


async def test_a_long_migration_elsewhere_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's lock may be another process's migration, which may be long: longer than statements wait for it."""
    monkeypatch.setattr("cse.adapters.sql.engine.STATEMENT_TIMEOUT_MS", 20)
    url = f"sqlite:///{tmp_path / 'cse.db'}"
    other = make_engine(url)
    async with other.begin() as connection:
        await connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
        migrating = asyncio.create_task(schema.migrate(url))
        done, _ = await asyncio.wait({migrating}, timeout=0.5)
        assert not done, migrating.exception()
    assert await migrating == schema.head()
    await other.dispose()


async def test_a_long_migration_of_postgresql_is_waited_for(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for the lock of migrations waits for longer than a statement may take."""
    monkeypatch.setattr("cse.adapters.sql.engine.STATEMENT_TIMEOUT_MS", 1_000)
    other = make_engine(postgres_url)
    async with other.begin() as connection:
        lock = text("SELECT pg_advisory_xact_lock(:lock)")
        await connection.execute(lock, {"lock": schema._LOCK})
        migrating = asyncio.create_task(schema.migrate(postgres_url))
        done, _ = await asyncio.wait({migrating}, timeout=2)
        assert not done, migrating.exception()
    assert await migrating == schema.head()
    await other.dispose()


async def test_an_unmigrated_database_is_refused(url: str) -> None:
    """`check` tells what to do about a database without tables."""
    with pytest.raises(schema.SchemaMismatch, match="run `cse migrate`"):
        await schema.check(url)


async def test_checking_makes_no_file(tmp_path: Path) -> None:
    """Whoever checks only wants to read: a wrong folder is said, and stays as it was."""
    with pytest.raises(schema.SchemaMismatch, match="there is no database"):
        await schema.check(f"sqlite:///{tmp_path / 'cse.db'}")
    assert list(tmp_path.iterdir()) == []


async def test_a_database_of_newer_software_is_refused(url: str) -> None:
    """Neither `check` nor `migrate` touches a schema from the future."""
    await schema.migrate(url)
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    for act in (schema.check, schema.migrate):
        with pytest.raises(schema.SchemaMismatch, match="newer"):
            await act(url)


async def test_a_failed_migration_leaves_nothing(url: str) -> None:
    """A table that stands in the way undoes the whole migration, the steps before it too."""
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE ledger_entries (x INTEGER)"))
    with pytest.raises(Exception, match="ledger_entries"):
        await schema.migrate(url)
    assert await schema.current(url) is None
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE ledger_entries"))
    await engine.dispose()
    await schema.migrate(url)


async def test_every_step_can_be_taken_back(url: str) -> None:
    """Down to nothing, and up again to the same."""
    await schema.migrate(url)
    engine = make_engine(url)

    async with engine.begin() as connection:
        await connection.run_sync(lambda found: command.downgrade(config_of(found), "base"))
        tables = await connection.run_sync(lambda found: inspect(found).get_table_names())
    await engine.dispose()
    assert tables == ["alembic_version"]
    await schema.migrate(url)
    assert await differences(url) == []


async def test_people_of_a_database_without_api_keys_can_have_some(url: str) -> None:
    """Migrating one of the version before keeps who is there, and they can make a key."""
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(lambda found: command.upgrade(config_of(found), "0002"))
        await connection.execute(
            text(
                "INSERT INTO users"
                " (user_id, email, handle, handle_key, password_hash, account_id, created_at)"
                " VALUES (7, 'a@example.com', 'a', 'a', '$2b$', 1000, 1)"
            )
        )
    await schema.migrate(url)
    assert await SqlUserStore(engine).is_email_taken("a@example.com")
    new = NewApiKey("f" * 32, 7, "bot", "ed25519", bytes(32), frozenset(), (), 1, None)
    made = await SqlApiKeyStore(engine).add_key(new, KeyBounds(at_once=1, per_day=1))
    assert (made.number, made.account_id) == (1, 1_000)
    await engine.dispose()
