"""Cache in Redis: for several gateways."""

from typing import Final

from cse.adapters.cache.redis_client import RedisClient

PREFIX: Final = "cse:cache:"

_INCREMENT: Final = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
"""


class RedisCache:
    """Values with a time to live; Redis bounds its memory by its own `maxmemory`."""

    def __init__(self, client: RedisClient) -> None:
        """Use a client that others may use too."""
        self._client = client
        self._increment = client.redis.register_script(_INCREMENT)

    async def get(self, key: str) -> bytes | None:
        found = await self._client.call(self._client.redis.get(PREFIX + key))
        assert found is None or isinstance(found, bytes), "the client does not decode"
        return found

    async def set(self, key: str, value: bytes, ttl_ms: int) -> None:
        await self._client.call(self._client.redis.set(PREFIX + key, value, px=ttl_ms))

    async def increment(self, key: str, ttl_ms: int) -> int:
        count = await self._client.call(self._increment(keys=[PREFIX + key], args=[ttl_ms]))
        return int(count)

    async def delete(self, key: str) -> None:
        await self._client.call(self._client.redis.delete(PREFIX + key))

    async def take(self, key: str) -> bytes | None:
        found = await self._client.call(self._client.redis.getdel(PREFIX + key))
        assert found is None or isinstance(found, bytes), "the client does not decode"
        return found
