"""A gateway's database is migrated before anybody uses it, and refused to all until then."""

from pathlib import Path

import pytest
from sqlalchemy import text

from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.schema import head, migrate
from cse.core.errors import Unavailable
from cse.settings import load_settings
from cse.wiring import database
from cse.wiring.background import Background
from cse.wiring.database import open_database
from tests.waiting import wait_until_async


async def test_it_is_migrated_when_it_is_there(tmp_path: Path) -> None:
    """The first transaction finds the newest schema."""
    settings = load_settings(overrides={"data_dir": tmp_path}, environ={})
    async with (
        Background() as background,
        open_database(settings, background) as engine,
        engine.begin() as connection,
    ):
        found = await connection.execute(text("SELECT version_num FROM alembic_version"))
        assert found.scalar_one() == head()


async def test_until_it_is_migrated_it_is_out_of_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database answers, but its schema could not be made yet: Unavailable; later it opens by itself."""
    monkeypatch.setattr(database, "_RETRY_S", 0)
    refuse = [True]

    async def sometimes(url: str) -> str:
        if refuse:
            raise Unavailable("away")
        return await migrate(url)

    monkeypatch.setattr(database, "migrate", sometimes)
    settings = load_settings(overrides={"data_dir": tmp_path}, environ={})

    async def works() -> bool:
        try:
            with database_errors("it"):
                async with engine.begin() as connection:
                    await connection.execute(text("SELECT * FROM users"))
        except Unavailable:
            return False
        return True

    async with Background() as background, open_database(settings, background) as engine:
        assert not await works()
        refuse.clear()
        await wait_until_async(works, what="the migration")
        await background.stop()
