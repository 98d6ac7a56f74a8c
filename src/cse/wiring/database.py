"""The database of a gateway: migrated when it can be, and out of reach for everybody until it is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.schema import migrate
from cse.core.errors import Unavailable
from cse.settings import Settings
from cse.wiring.background import Background

log = structlog.get_logger(__name__)

_RETRY_S: Final = 1.0


@asynccontextmanager
async def open_database(settings: Settings, background: Background) -> AsyncIterator[AsyncEngine]:
    """Migrate, now or (while the database is away) in the background, and give an engine.

    Before the migration has succeeded every transaction is refused with Unavailable, as if the database
    were away: to its users it is.

    Raises:
        BadDatabaseUrl: the URL is of no database that we know.
        SchemaMismatch: the database was migrated by newer software.
    """
    engine = make_engine(settings.database_url, pool_size=settings.database.pool_size)
    gate = _Gate()
    event.listen(engine.sync_engine, "begin", gate.check)
    try:
        if not await _try(settings, gate):
            background.start("migration", lambda: _keep_trying(settings, gate))
        yield engine
    finally:
        await engine.dispose()


class _Gate:
    """Lets transactions through once the schema is there."""

    def __init__(self) -> None:
        self.open = False

    def check(self, _connection: Connection) -> None:
        if not self.open:
            raise Unavailable("the database is out of reach: its schema is not there yet")


async def _try(settings: Settings, gate: _Gate) -> bool:
    try:
        revision = await migrate(settings.database_url)
    except Unavailable as error:
        log.warning(
            "database_out_of_reach", reason=str(error), consequence="trading only, no log-ins"
        )
        return False
    log.debug("database_migrated", revision=revision)
    gate.open = True
    return True


async def _keep_trying(settings: Settings, gate: _Gate) -> None:
    while True:
        await asyncio.sleep(_RETRY_S)
        if await _try(settings, gate):
            return
