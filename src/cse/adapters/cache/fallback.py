"""A cache that goes on without Redis: this process counts for itself until Redis is back."""

from contextlib import suppress

from cse.core.errors import Unavailable
from cse.users.ports import Cache


class FallbackCache:
    """The shared cache if it can be reached, else the local one; never Unavailable."""

    def __init__(self, shared: Cache, local: Cache) -> None:
        """`local` must be one that cannot fail."""
        self._shared = shared
        self._local = local

    async def get(self, key: str) -> bytes | None:
        try:
            return await self._shared.get(key)
        except Unavailable:
            return await self._local.get(key)

    async def set(self, key: str, value: bytes, ttl_ms: int) -> None:
        try:
            await self._shared.set(key, value, ttl_ms)
        except Unavailable:
            await self._local.set(key, value, ttl_ms)

    async def increment(self, key: str, ttl_ms: int) -> int:
        try:
            return await self._shared.increment(key, ttl_ms)
        except Unavailable:
            return await self._local.increment(key, ttl_ms)

    async def delete(self, key: str) -> None:
        await self._local.delete(key)
        with suppress(Unavailable):  # it runs out by itself
            await self._shared.delete(key)

    async def take(self, key: str) -> bytes | None:
        kept = await self._local.take(key)  # put there while the shared one was away
        try:
            return await self._shared.take(key) or kept
        except Unavailable:
            return kept
