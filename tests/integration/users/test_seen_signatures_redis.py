"""Signatures that were used, on a real Redis: seen by every gateway, kept as long as they could be used."""

import asyncio
import math
import time
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from cse.adapters.cache.redis import RedisCache
from cse.adapters.clock import SystemClock
from cse.gateway.seen_signatures import AHEAD_MS, KEEP_MS, SeenSignatures
from tests.servers import PrivateRedis
from tests.servers.redis import patient_client

KEY = "a" * 32


@pytest.fixture
async def two(redis_url: str) -> AsyncIterator[tuple[SeenSignatures, SeenSignatures]]:
    """Two gateways that share a Redis."""
    clients = [patient_client(redis_url) for _ in range(2)]
    here, there = (SeenSignatures(SystemClock(), RedisCache(client)) for client in clients)
    yield here, there
    for client in clients:
        await client.close()


async def test_what_one_gateway_saw_the_other_refuses(
    two: tuple[SeenSignatures, SeenSignatures],
) -> None:
    """Per key and signature; another key's signature of the same bytes is another one."""
    here, there = two
    assert await here.is_first(KEY, b"s")
    assert not await there.is_first(KEY, b"s")
    assert await there.is_first("b" * 32, b"s")
    assert await there.is_first(KEY, b"t")
    assert not await here.is_first(KEY, b"t")


async def test_of_a_rush_over_two_gateways_exactly_one_gets_in(
    two: tuple[SeenSignatures, SeenSignatures],
) -> None:
    """The same request fifty times at each of them, at the same moment."""
    tries = (seen.is_first(KEY, b"rush") for _ in range(50) for seen in two)
    assert sum(await asyncio.gather(*tries)) == 1


async def test_redis_keeps_each_as_long_as_it_could_be_used_and_no_longer(
    two: tuple[SeenSignatures, SeenSignatures], redis_url: str
) -> None:
    """One entry, under a digest that tells nothing, with a time to live."""
    began = time.monotonic()
    await two[0].is_first(KEY, b"s")
    async with Redis.from_url(redis_url) as redis:
        names = [name async for name in redis.scan_iter("*signed:*")]
        assert len(names) == 1
        assert KEY.encode() not in names[0]
        left_ms = await redis.pttl(names[0])
        passed_ms = math.ceil((time.monotonic() - began) * 1_000)
        assert left_ms <= KEEP_MS + AHEAD_MS <= left_ms + passed_ms


async def test_without_redis_each_gateway_goes_by_its_own_memory(
    private_redis: PrivateRedis,
) -> None:
    """Requests go on while it is away; what came here is refused here."""
    client = patient_client(private_redis.url)
    seen = SeenSignatures(SystemClock(), RedisCache(client))
    assert await seen.is_first(KEY, b"before")
    private_redis.kill()
    assert await seen.is_first(KEY, b"s")
    assert not await seen.is_first(KEY, b"s")
    assert not await seen.is_first(KEY, b"before")
    await client.close()
