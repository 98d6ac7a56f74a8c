"""What gateways share when there are several: cache, event bus, rate-limit buckets; Redis or this process."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from cse.adapters.bus.memory import MemoryBus
from cse.adapters.cache.fallback import FallbackCache
from cse.adapters.cache.memory import MemoryCache
from cse.gateway.limits import SharedBuckets
from cse.messages.bus import Bus
from cse.settings import Settings
from cse.users.ports import Cache


class Shared(NamedTuple):
    """The parts, from the same place."""

    cache: Cache
    bus: Bus
    buckets: SharedBuckets | None
    """None: each gateway counts for itself."""
    in_redis: bool
    ping: Callable[[], Awaitable[None]]
    """Asks Redis whether it is there; raises Unavailable."""


@asynccontextmanager
async def shared_parts(settings: Settings) -> AsyncIterator[Shared]:
    """Connect to Redis if one is configured, when first used; without it everything lives in memory."""
    url = settings.redis.url.get_secret_value()
    local = MemoryCache()
    if not url:
        yield Shared(local, MemoryBus(), None, in_redis=False, ping=_nothing_to_ask)
        return
    from cse.adapters.bus.redis import RedisBus  # noqa: PLC0415  # only where it is used
    from cse.adapters.cache.redis import RedisCache  # noqa: PLC0415  # as above
    from cse.adapters.cache.redis_buckets import RedisBuckets  # noqa: PLC0415  # as above
    from cse.adapters.cache.redis_client import RedisClient  # noqa: PLC0415  # as above

    client = RedisClient(url, timeout_s=settings.redis.timeout_ms / 1_000)
    try:
        redis = RedisCache(client)
        yield Shared(
            FallbackCache(redis, local),
            RedisBus(client),
            RedisBuckets(client),
            in_redis=True,
            ping=lambda: _ask(redis),
        )
    finally:
        await client.close()


async def _ask(cache: Cache) -> None:
    await cache.get("health")


async def _nothing_to_ask() -> None:
    return
