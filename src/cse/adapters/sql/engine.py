"""Connections: what SQLite and PostgreSQL need to be told so that both behave as the code expects."""

from typing import Any, Final

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from cse.core.errors import CseError

POOL_SIZE: Final = 20
CONNECT_TIMEOUT_S: Final = 5
STATEMENT_TIMEOUT_MS: Final = 10_000
"""How long a statement, and in SQLite the wait for the one writer, may take."""

_SQLITE_CACHE_KB: Final = 32_768
"""Page cache of all connections of an engine together."""

_READ_ONLY: Final = "cse_read_only"
_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}


class _Compiler(SQLiteCompiler):
    """Writes hints behind tables (`INDEXED BY ...`), which SQLAlchemy leaves out for SQLite."""

    def get_from_hint_text(self, table: object, text: str | None) -> str | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Return what stands behind the table."""
        return text


class BadDatabaseUrl(CseError):
    """A database URL that is neither SQLite's nor PostgreSQL's."""


def parse_url(url: str) -> URL:
    """Return the URL with the driver that we use (`sqlite:///cse.db`, `postgresql://host/name`).

    Raises:
        BadDatabaseUrl: another database, another driver, or no URL at all. The message holds no password.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadDatabaseUrl(
            "the database URL is not a URL such as postgresql://user@host/name"
        ) from error
    driver = _DRIVERS.get(parsed.get_backend_name())
    if driver is None or parsed.drivername not in (parsed.get_backend_name(), driver):
        raise BadDatabaseUrl(
            f"no support for the database {parsed.drivername!r}: give a sqlite:// or postgresql:// URL"
        )
    return parsed.set(drivername=driver)


def make_engine(
    url: str,
    *,
    durable: bool = True,
    pool_size: int = POOL_SIZE,
    silence_s: int | None = None,
) -> AsyncEngine:
    """Return an engine; nothing is connected yet.

    A transaction takes SQLite's write lock when it begins (waiting for it, instead of failing midway),
    unless it comes from `read_only(engine)`.

    Args:
        url: of a SQLite file or a PostgreSQL database.
        durable: a commit is on disk before it returns. False is for what can be made again from the
            journal: a power cut may then undo SQLite's last commits, whole ones, the newest first.
            PostgreSQL always keeps what it has committed: it may crash while we go on.
        pool_size: the most connections that are open at once.
        silence_s: how long a PostgreSQL server may take to answer before it counts as away, and another writer
            may hold SQLite's lock. None: what suits short transactions, 15 s and 5 s.

    Raises:
        BadDatabaseUrl: the URL is of no database that we know.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        wait_ms = STATEMENT_TIMEOUT_MS if silence_s is None else silence_s * 1_000
        return _sqlite(parsed, durable=durable, pool_size=pool_size, wait_ms=wait_ms)
    return create_async_engine(
        parsed,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=CONNECT_TIMEOUT_S,
        pool_pre_ping=True,  # a server that was restarted costs nobody an error
        hide_parameters=True,
        connect_args={
            "timeout": CONNECT_TIMEOUT_S,
            "command_timeout": silence_s or 3 * STATEMENT_TIMEOUT_MS // 1000,
            "server_settings": {
                "application_name": "cs-exchange",
                "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                "timezone": "UTC",
                "jit": "off",  # compiling costs more than any of our queries
            },
        },
    )


def read_only(engine: AsyncEngine) -> AsyncEngine:
    """Return the same engine for transactions that only read: they never wait for a writer."""
    return engine.execution_options(**{_READ_ONLY: True})


def _sqlite(url: URL, *, durable: bool, pool_size: int, wait_ms: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": wait_ms / 1_000},
        **({} if _in_memory(url) else {"pool_size": pool_size, "max_overflow": 0}),
    )

    engine.dialect.statement_compiler = _Compiler

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins no transactions: we do, below
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            "foreign_keys = ON",
            f"busy_timeout = {wait_ms}",
            f"synchronous = {'FULL' if durable else 'NORMAL'}",
            f"cache_size = -{_SQLITE_CACHE_KB // pool_size}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(_READ_ONLY)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _in_memory(url: URL) -> bool:
    return url.database in (None, "", ":memory:")
