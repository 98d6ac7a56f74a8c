"""What several gateways share in Redis goes away and comes back: nobody waits long, nothing is forgotten."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import pytest

from cse.adapters.bus.redis import RedisBus
from cse.adapters.cache.fallback import FallbackCache
from cse.adapters.cache.memory import MemoryCache
from cse.adapters.cache.redis import RedisCache
from cse.adapters.cache.redis_buckets import RedisBuckets
from cse.adapters.cache.redis_client import RedisClient
from cse.core.errors import Unavailable
from cse.gateway.limits import ClassLimits, Rate, RateLimiter, RouteClass
from cse.messages.bus import BusMessage, Missed
from tests.servers import PrivateRedis
from tests.servers.redis import patient_client
from tests.waiting import wait_until_async

LONG_MS = 600_000
HOURLY = {RouteClass.ORDERS: ClassLimits(Rate(1, 3_600, 3), Rate(1, 3_600, 3))}


@pytest.fixture
async def client(private_redis: PrivateRedis) -> AsyncIterator[RedisClient]:
    made = patient_client(private_redis.url, retry_s=0.05)
    yield made
    await made.close()


async def test_the_cache_says_so_at_once_and_recovers(
    private_redis: PrivateRedis, client: RedisClient
) -> None:
    """Unavailable while Redis is dead, the old values when it is back (this one writes to disk)."""
    cache = RedisCache(client)
    await cache.set("a", b"1", LONG_MS)
    private_redis.kill()
    for _ in range(100):
        with pytest.raises(Unavailable):
            await cache.get("a")
    private_redis.start()

    async def is_back() -> bool:
        try:
            return await cache.get("a") == b"1"
        except Unavailable:
            return False

    await wait_until_async(is_back)


async def test_counting_goes_on_locally(private_redis: PrivateRedis, client: RedisClient) -> None:
    """Failed log-ins are counted without Redis too."""
    cache = FallbackCache(RedisCache(client), MemoryCache())
    assert await cache.increment("a", LONG_MS) == 1
    private_redis.kill()
    assert [await cache.increment("a", LONG_MS) for _ in range(3)] == [1, 2, 3]
    await cache.delete("a")
    assert await cache.increment("a", LONG_MS) == 1


async def test_rate_limits_hold_without_redis(
    private_redis: PrivateRedis, client: RedisClient
) -> None:
    """Each gateway counts for itself until Redis is back; then they count together again."""
    limiter = RateLimiter(HOURLY, shared=RedisBuckets(client))
    other = RateLimiter(HOURLY, shared=RedisBuckets(client))

    async def allowed(of: RateLimiter, times: int) -> list[bool]:
        return [(await of.take(RouteClass.ORDERS, "a")).allowed for _ in range(times)]

    assert await allowed(limiter, 2) + await allowed(other, 2) == [True, True, True, False]
    private_redis.kill()
    assert await allowed(limiter, 4) == [True, True, True, False]
    assert await allowed(other, 4) == [True, True, True, False]
    private_redis.start()

    async def is_back() -> bool:
        return (await limiter.take(RouteClass.ORDERS, "somebody else")).allowed

    await wait_until_async(is_back)
    assert await allowed(other, 1) == [False]


async def test_the_bus_connects_again_and_tells_the_gap(
    private_redis: PrivateRedis, client: RedisClient
) -> None:
    """Subscribers are told that they may have missed something, and get what comes after."""
    bus = RedisBus(client, reconnect_s=0.01)
    async with bus.subscribe(["a"]) as messages:
        await bus.publish("a", b"1")
        assert await asyncio.wait_for(anext(messages), 30) == BusMessage("a", b"1")
        private_redis.kill()
        with pytest.raises(Unavailable):
            await bus.publish("a", b"lost")
        private_redis.start()
        assert await asyncio.wait_for(anext(messages), 30) == Missed()

        async def is_published() -> bool:
            try:
                await bus.publish("a", b"2")
            except Unavailable:
                return False
            return True

        await wait_until_async(is_published)
        assert await asyncio.wait_for(anext(messages), 30) == BusMessage("a", b"2")


async def test_a_process_may_start_before_its_redis(
    private_redis: PrivateRedis, client: RedisClient
) -> None:
    """Subscribing to a dead Redis returns; the subscription begins, with a gap, when Redis does."""
    private_redis.stop()
    bus = RedisBus(client, reconnect_s=0.01)
    async with bus.subscribe(["a"]) as messages:
        private_redis.start()
        assert await asyncio.wait_for(anext(messages), 30) == Missed()


async def test_a_redis_that_hangs_does_not_hang_us(private_redis: PrivateRedis) -> None:
    """It accepts and never answers: after one wait every further call fails without waiting."""
    silent = socket.create_server(("127.0.0.1", 0))  # the kernel accepts, nobody answers
    port = silent.getsockname()[1]
    client = RedisClient(f"redis://127.0.0.1:{port}/0", timeout_s=0.1, retry_s=3_600)
    cache = RedisCache(client)
    with pytest.raises(Unavailable):
        await cache.get("a")
    waits = time.monotonic()
    for _ in range(1_000):
        with pytest.raises(Unavailable):
            await cache.get("a")
    assert time.monotonic() - waits < 60, "a thousand waits would have been at least 100 s"
    await client.close()
    silent.close()


async def test_one_can_always_leave(private_redis: PrivateRedis, client: RedisClient) -> None:
    """Whatever the connection is doing at that moment (redis-py swallows some cancellations)."""
    bus = RedisBus(client, reconnect_s=0.001)
    for turns in range(20):
        async with asyncio.timeout(30), bus.subscribe(["a"]):
            private_redis.kill()
            private_redis.start()
            for _ in range(turns):
                await asyncio.sleep(0)
