"""Rate-limit buckets in Redis: for several gateways (cse.gateway.limits.SharedBuckets)."""

from collections.abc import Sequence
from typing import Final

from cse.adapters.cache.redis_client import RedisClient

PREFIX: Final = "cse:bucket:"

_TAKE: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local fills = {}
for i = 1, #KEYS do
    local full_at = tonumber(redis.call('GET', KEYS[i]) or '0')
    local fill = math.max(full_at - now, 0) + tonumber(ARGV[2 * i - 1])
    if fill > tonumber(ARGV[2 * i]) then return {i - 1, fill} end
    fills[i] = fill
end
for i = 1, #KEYS do
    redis.call('SET', KEYS[i], string.format('%.0f', now + fills[i]), 'PX', math.ceil(fills[i] / 1000))
end
return {-1, fills[#KEYS]}
"""
"""All by Redis's own clock, so that gateways' clocks do not matter; a full bucket is no key at all."""


class RedisBuckets:
    """One script per request, atomic over all its buckets. One Redis, not a cluster: keys lie anywhere."""

    def __init__(self, client: RedisClient) -> None:
        """Use a client that others may use too."""
        self._client = client
        self._take = client.redis.register_script(_TAKE)

    async def take(self, charges: Sequence[tuple[str, int, int]]) -> tuple[int, int]:
        keys = [PREFIX + key for key, _, _ in charges]
        amounts = [amount for _, cost_us, full_us in charges for amount in (cost_us, full_us)]
        refused_by, fill_us = await self._client.call(self._take(keys=keys, args=amounts))
        return int(refused_by), int(fill_us)
