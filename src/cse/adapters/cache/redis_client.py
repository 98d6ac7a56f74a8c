"""A Redis client that fails fast: while Redis is away nobody waits for it more than once a second."""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from cse.core.errors import Unavailable

TIMEOUT_S: Final = 0.25
"""The longest that one call may take."""
RETRY_S: Final = 1.0
"""After a failure calls fail at once for so long."""

MAX_CONNECTIONS: Final = 16

T = TypeVar("T")
log = structlog.get_logger(__name__)


class RedisClient:
    """Pools of connections with a circuit breaker; what is not Redis's answer is Unavailable."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, retry_s: float = RETRY_S) -> None:
        """Connect when first used."""
        options: dict[str, Any] = {
            "socket_timeout": timeout_s,
            "socket_connect_timeout": timeout_s,
            # Once: an idle connection may have been closed by the server.
            "retry": Retry(NoBackoff(), 1),
        }
        self.redis = Redis.from_pool(
            BlockingConnectionPool.from_url(
                url, max_connections=MAX_CONNECTIONS, timeout=timeout_s, **options
            )
        )
        """For commands, through `call`: more than there are connections wait for one."""
        self.subscriptions = Redis.from_url(url, **options)
        """For pub/sub, where each subscriber holds a connection."""
        self._timeout_s = timeout_s
        self._retry_s = retry_s
        self._closed_until = 0.0
        self._is_away = False

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
                value = await answer
        except (RedisError, OSError, TimeoutError) as error:
            self._closed_until = time.monotonic() + self._retry_s
            self._note(is_away=True, error=str(error) or type(error).__name__)
            raise Unavailable(f"Redis is out of reach: {error}") from error
        self._note(is_away=False)
        return value

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
        await self.subscriptions.aclose()

    def _note(self, *, is_away: bool, error: str = "") -> None:
        """Log when Redis goes and when it comes back, not every call in between."""
        if is_away and not self._is_away:
            log.warning("redis_is_away", error=error)
        elif self._is_away and not is_away:
            log.info("redis_is_back")
        self._is_away = is_away


def _discard(answer: Awaitable[object]) -> None:
    """Close a coroutine that will not be awaited, or Python warns of it."""
    close = getattr(answer, "close", None)
    if close is not None:
        close()
