"""Which database errors mean "not now" and which mean that our own code is wrong."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cse.core.errors import CseError, Unavailable

_PASSING_STATES: Final = {
    "08",  # connection lost
    "40",  # deadlock, serialization
    "53",  # out of disk, memory, connections
    "55",  # a lock could not be had
    "57",  # shutting down, starting up, statement timeout
    "58",  # I/O error of the server's system
}
"""Classes of PostgreSQL's error codes, https://www.postgresql.org/docs/15/errcodes-appendix.html."""

_PASSING_RESULTS: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
"""SQLite's primary result codes, https://www.sqlite.org/rescode.html."""

_DAMAGED_RESULTS: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class DatabaseDamaged(CseError):
    """SQLite's file is none, or broken inside: people must put another in its place."""


@contextmanager
def database_errors(what: str) -> Iterator[None]:
    """Turn what goes wrong between us and the database into Unavailable, with its cause.

    A damaged file is DatabaseDamaged. Errors in what we asked for (a missing table, a broken constraint)
    pass through: they are bugs, and trying again would not help.
    """
    try:
        yield
    except (PoolTimeout, OSError) as error:
        raise Unavailable(
            f"{what} is out of reach: {str(error) or type(error).__name__}"
        ) from error
    except Exception as error:
        if _result(error) in _DAMAGED_RESULTS:
            raise DatabaseDamaged(
                f"{what} is damaged: {_reason(error)}. Put a copy in its place, or move the file away: history"
                " is then written anew from the journal, but people's log-ins are lost"
            ) from error
        if not _passes(error):
            raise
        raise Unavailable(f"{what} is out of reach: {_reason(error)}") from error


def _passes(error: BaseException) -> bool:
    """Whether the error, or what caused it, says that the database cannot be used right now."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if (result := _result(error)) is not None:
        return result in _PASSING_RESULTS
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return state[:2] in _PASSING_STATES
    if isinstance(error, asyncpg.InternalClientError):
        return True  # asyncpg lost track of its protocol: seen when the server goes away between two messages
    if isinstance(error, asyncpg.InterfaceError):
        return "closed" in str(error)  # asyncpg has no type for a connection that died under it
    cause = error.orig if isinstance(error, DBAPIError) else error.__cause__
    return cause is not None and _passes(cause)


def _result(error: BaseException) -> int | None:
    """Return SQLite's primary result code of an error, or of what caused it."""
    result = getattr(error, "sqlite_errorcode", None)
    if isinstance(result, int):
        return result & 0xFF
    cause = error.orig if isinstance(error, DBAPIError) else error.__cause__
    return _result(cause) if cause is not None else None


def _reason(error: Exception) -> str:
    return str(error.orig if isinstance(error, DBAPIError) else error).splitlines()[0]
