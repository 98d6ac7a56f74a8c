"""Bringing a database to the schema that this software was written for."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text

from cse.adapters.sql.engine import make_engine, parse_url, read_only
from cse.adapters.sql.errors import database_errors
from cse.core.errors import CseError

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
T = TypeVar("T")

_STEP_S: Final = 4 * 3_600
"""How long a step of a migration may take: an index over a long history is minutes."""

_LOCK: Final = 0x435345
"""PostgreSQL's advisory lock that migrating processes queue up for ("CSE")."""


class SchemaMismatch(CseError):
    """The database's schema is not the one that this software was written for."""


def head() -> str:
    """Return the newest revision that this software knows."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None, "the history holds at least one revision"
    return revision


async def migrate(url: str) -> str:
    """Bring the database to the newest revision and return that; nothing happens if it is there.

    All steps are one transaction; of several processes at once, one migrates and the others wait.

    Raises:
        SchemaMismatch: the database was migrated by newer software.
        Unavailable: the database is out of reach.
    """
    if await current(url) == head():
        return head()
    return await _with_connection(url, _migrate, silence_s=_STEP_S)


async def current(url: str) -> str | None:
    """Return the database's revision, None when it was never migrated.

    Raises:
        Unavailable: the database is out of reach.
    """
    return await _with_connection(url, _current)


async def check(url: str) -> None:
    """Return if the database's schema is the one that this software was written for.

    Raises:
        SchemaMismatch: it is older, newer, or not there yet.
        Unavailable: the database is out of reach.
    """
    _refuse_missing(parse_url(url))
    revision = await current(url)
    if revision != head():
        _refuse_unknown(revision)
        raise SchemaMismatch(
            f"the database's schema is at {revision or 'nothing'}, this software needs {head()}: "
            "run `cse migrate`"
        )


async def _with_connection(
    url: str, work: Callable[[Connection], T], silence_s: int | None = None
) -> T:
    """Work in a transaction; with `silence_s` it writes, and waits as long for who migrates at the same time."""
    engine = make_engine(url, silence_s=silence_s)
    connected = read_only(engine) if silence_s is None else engine
    try:
        with database_errors("the database"):
            async with connected.begin() as connection:
                return await connection.run_sync(work)
    finally:
        await engine.dispose()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _migrate(connection: Connection) -> str:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    _refuse_unknown(_current(connection))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return head()


def _refuse_missing(url: URL) -> None:
    """SQLite would make an empty file where there is none: of who only reads, that is a wrong folder."""
    file = url.database if url.get_backend_name() == "sqlite" else None
    if file not in {None, "", ":memory:"} and not Path(str(file)).exists():
        raise SchemaMismatch(
            f"there is no database {file}: say which exchange (--data-dir or CSE_DATABASE_URL),"
            " or run `cse migrate` to make one"
        )


def _refuse_unknown(revision: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise SchemaMismatch(
            f"the database's schema is at {revision}, which this software does not know: "
            f"it was migrated by a newer one (this one ends at {head()})"
        )
