"""Fresh databases on a PostgreSQL server, made and dropped from outside the test's event loop."""

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

import asyncpg
from sqlalchemy import URL, make_url

from tests.servers.process import ServerUnavailableError
from tests.waiting import wait_until_async

FRESH: Final = "cse_test_"
"""How the names of the databases begin that are made here."""


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """The `postgresql+asyncpg://` URL of a new, empty database, which is gone afterwards."""
    name = f"{FRESH}{uuid.uuid4().hex}"
    _in_thread(lambda: _execute(server_url, f'CREATE DATABASE "{name}"'))
    try:
        url = make_url(server_url).set(drivername="postgresql+asyncpg", database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        _in_thread(lambda: _execute(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def recreate(database: URL, template: str) -> None:
    """Put a copy of the database named `template` in the place of this one."""
    server = database.set(database="postgres").render_as_string(hide_password=False)
    _in_thread(lambda: _execute(server, f'DROP DATABASE "{database.database}" WITH (FORCE)'))
    copy = f'CREATE DATABASE "{database.database}" TEMPLATE "{template}"'
    _in_thread(lambda: _execute(server, copy))


async def _execute(server_url: str, statement: str) -> None:
    dsn = make_url(server_url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = await asyncpg.connect(dsn, timeout=30)
    except (OSError, asyncpg.PostgresError) as error:
        raise ServerUnavailableError(
            f"no PostgreSQL at {make_url(server_url)!r}: {error}"
        ) from error

    async def done() -> bool:
        try:
            await connection.execute(statement)
        except (
            asyncpg.ObjectInUseError
        ):  # connections that end take longer than the 5 s that PostgreSQL waits
            return False
        return True

    try:
        await wait_until_async(done, what=statement)
    finally:
        await connection.close()


def _in_thread(make: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(lambda: asyncio.run(make())).result()
