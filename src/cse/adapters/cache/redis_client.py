"""A Redis client that fails fast: while Redis is away nobody waits for it more than once a second."""

import asyncio
import time
from collections.abc import Awaitable
from typing import Final, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from cse.core.errors import Unavailable

TIMEOUT_S: Final = 0.25
"""The longest that one call may take."""
RETRY_S: Final = 1.0
"""After a failure calls fail at once for so long."""

T = TypeVar("T")


class RedisClient:
    """One pool of connections with a circuit breaker; what is not Redis's answer is Unavailable."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, retry_s: float = RETRY_S) -> None:
        """Connect when first used."""
        self.redis = Redis.from_url(
            url,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(
                NoBackoff(), 1
            ),  # once: an idle connection may have been closed by the server
            max_connections=64,
        )
        self._timeout_s = timeout_s
        self._retry_s = retry_s
        self._closed_until = 0.0

    async def call(self, answer: Awaitable[T]) -> T:
        """Await a Redis command.

        Raises:
            Unavailable: Redis is out of reach or refuses (loading, read-only, out of memory).
        """
        if time.monotonic() < self._closed_until:
            _discard(answer)
            raise Unavailable("Redis is out of reach")
        try:
            async with asyncio.timeout(2 * self._timeout_s):
                return await answer
        except (RedisConnectionError, RedisError, OSError, TimeoutError) as error:
            self._closed_until = time.monotonic() + self._retry_s
            raise Unavailable(
                f"Redis is out of reach: {str(error) or type(error).__name__}"
            ) from error

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()


def _discard(answer: Awaitable[object]) -> None:
    """Close a coroutine that will not be awaited, or Python warns of it."""
    close = getattr(answer, "close", None)
    if close is not None:
        close()
