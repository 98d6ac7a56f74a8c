"""Holds every Cache to its port: memory, a real Redis, and Redis with memory to fall back on."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from cse.adapters.cache.fallback import FallbackCache
from cse.adapters.cache.memory import MemoryCache
from cse.adapters.cache.redis import RedisCache
from cse.users.ports import Cache
from tests.servers.redis import patient_client
from tests.waiting import wait_until_async

LONG_MS = 60_000


@pytest.fixture(params=["memory", "redis", "fallback"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    if request.param == "memory":
        yield MemoryCache()
        return
    client = patient_client(request.getfixturevalue("redis_url"))
    redis = RedisCache(client)
    yield redis if request.param == "redis" else FallbackCache(redis, MemoryCache())
    await client.close()


async def test_a_value_is_kept_replaced_and_forgotten(cache: Cache) -> None:
    """Any bytes, under any key; what is not there is None."""
    assert await cache.get("a") is None
    await cache.set("a", b"\0\xff one", LONG_MS)
    await cache.set("b: \u00e9\n", b"", LONG_MS)
    assert await cache.get("a") == b"\0\xff one"
    assert await cache.get("b: \u00e9\n") == b""
    await cache.set("a", b"two", LONG_MS)
    assert await cache.get("a") == b"two"
    await cache.delete("a")
    await cache.delete("a")
    assert await cache.get("a") is None


async def test_a_value_runs_out(cache: Cache) -> None:
    """After its time to live it is gone; setting it again starts a new time."""
    await cache.set("a", b"soon gone", 30)

    async def is_gone() -> bool:
        return await cache.get("a") is None

    await wait_until_async(is_gone)
    await cache.set("a", b"again", LONG_MS)
    assert await cache.get("a") == b"again"


async def test_a_counter_counts_each_call_once(cache: Cache) -> None:
    """A hundred at once give one to a hundred."""
    counts = await asyncio.gather(*(cache.increment("a", LONG_MS) for _ in range(100)))
    assert sorted(counts) == list(range(1, 101))
    await cache.delete("a")
    assert await cache.increment("a", LONG_MS) == 1


async def test_a_counter_runs_out_from_its_first_count(cache: Cache) -> None:
    """Counting on does not prolong it: it starts at one again although it was counted all the time."""
    await cache.increment("a", 50)

    async def starts_again() -> bool:
        return await cache.increment("a", 50) == 1

    await wait_until_async(starts_again)


async def test_of_many_who_take_a_value_one_gets_it(cache: Cache) -> None:
    """What is good once is good once, whoever asks at the same time; afterwards it can be set anew."""
    assert await cache.take("once") is None
    await cache.set("once", b"ticket", LONG_MS)
    taken = await asyncio.gather(*(cache.take("once") for _ in range(40)))
    assert [each for each in taken if each is not None] == [b"ticket"]
    assert await cache.get("once") is None
    await cache.set("once", b"next", LONG_MS)
    assert await cache.take("once") == b"next"


async def test_what_ran_out_cannot_be_taken(cache: Cache) -> None:
    """A ticket that is over opens nothing."""
    await cache.set("brief", b"ticket", 20)

    async def is_gone() -> bool:
        return await cache.get("brief") is None

    await wait_until_async(is_gone)
    assert await cache.take("brief") is None
