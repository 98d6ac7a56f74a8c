"""The servers that tests stand on are real, empty at the start, and come back after a kill with their data."""

import asyncpg
import pytest
from redis import Redis
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.servers import PrivatePostgres, PrivateRedis


async def _run(url: str, statement: str) -> object:
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("turn", [1, 2])
async def test_each_test_has_an_empty_database(postgres_url: str, turn: int) -> None:
    engine = create_async_engine(postgres_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE only_mine (turn int)"))
    await engine.dispose()


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_redis(redis_url: str, turn: int) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("mine", turn)


async def test_postgres_keeps_what_was_committed_over_a_kill(
    private_postgres: PrivatePostgres,
) -> None:
    url = private_postgres.url
    await _run(url, "CREATE TABLE kept AS SELECT 7 AS value")
    private_postgres.kill()
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await _run(url, "SELECT 1")
    private_postgres.start()
    assert private_postgres.url == url
    assert await _run(url, "SELECT value FROM kept") == 7


def test_redis_keeps_what_was_written_over_a_kill(private_redis: PrivateRedis) -> None:
    with Redis.from_url(private_redis.url) as client:
        client.set("kept", "7")
        private_redis.kill()
        private_redis.start()
        assert client.get("kept") == b"7"
        private_redis.restart()
        assert client.get("kept") == b"7"
