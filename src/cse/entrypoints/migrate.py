"""`cse migrate`: the database gets the schema of this software, and candles that are behind are built."""

import asyncio

from rich.console import Console

from cse.adapters.sql.schema import current, migrate
from cse.entrypoints.candles import catch_up
from cse.entrypoints.data_dir import prepare_data_dir
from cse.settings import Settings
from cse.settings.reference import mask_url


def run(settings: Settings) -> str:
    """Migrate and return one sentence about it.

    Raises:
        cse.adapters.sql.schema.SchemaMismatch: the database was migrated by newer software.
        cse.core.errors.Unavailable: the database is out of reach.
    """
    prepare_data_dir(settings.data_dir)
    return asyncio.run(_migrate(settings))


async def _migrate(settings: Settings) -> str:
    url = settings.database_url
    before = await current(url)
    after = await migrate(url)
    where = mask_url(url)
    said = (
        f"{where}: at {after} already"
        if before == after
        else f"{where}: {before or 'empty'} -> {after}"
    )
    built = await catch_up(settings, Console(stderr=True))
    return f"{said}; {built}" if built else said
