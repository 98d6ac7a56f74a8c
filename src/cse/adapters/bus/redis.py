"""The event bus over Redis pub/sub, between processes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from cse.adapters.bus.memory import MAX_BEHIND, Inbox, without_joined
from cse.adapters.bus.redis_subscription import RedisSubscription, end
from cse.adapters.cache.redis_client import RedisClient
from cse.messages.bus import BusMessage, Missed

log = structlog.get_logger(__name__)

RECONNECT_S: Final = 0.5
_SILENCE_S: Final = 10.0
"""A connection that says nothing for so long is asked whether it lives."""


class RedisBus:
    """Publishes through a shared client; each subscription has a connection and a reader task of its own."""

    def __init__(
        self, client: RedisClient, *, max_behind: int = MAX_BEHIND, reconnect_s: float = RECONNECT_S
    ) -> None:
        """Connect when first used."""
        self._client = client
        self._max_behind = max_behind
        self._reconnect_s = reconnect_s

    async def publish(self, channel: str, payload: bytes) -> None:
        await self._client.call(self._client.redis.publish(channel, payload))

    async def publish_many(self, messages: Sequence[BusMessage]) -> None:
        pipeline = self._client.redis.pipeline(transaction=False)
        for message in messages:
            pipeline.publish(message.channel, message.payload)
        await self._client.call(pipeline.execute())

    @asynccontextmanager
    async def subscribe(
        self, channels: Sequence[str]
    ) -> AsyncIterator[AsyncIterator[BusMessage | Missed]]:
        inbox = Inbox(self._max_behind)
        tried = asyncio.Event()
        reader = asyncio.create_task(self._read_for_ever(channels, inbox, tried))
        try:
            await tried.wait()
            yield without_joined(inbox)
        finally:
            await end(reader)

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[RedisSubscription]:
        subscription = RedisSubscription(
            self._client.subscriptions.connection_pool.make_connection,
            Inbox(self._max_behind),
            self._reconnect_s,
        )
        reader = asyncio.create_task(subscription.run(), name="bus subscription")
        try:
            yield subscription
        finally:
            await end(reader)

    async def _read_for_ever(
        self, channels: Sequence[str], inbox: Inbox, tried: asyncio.Event
    ) -> None:
        names = list(channels)
        while True:
            try:
                await _read(self._client.subscriptions, names, inbox, tried)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("bus_connection_lost", error=str(error) or type(error).__name__)
            tried.set()  # the first attempt is over, even if in vain
            await asyncio.sleep(self._reconnect_s)


async def _read(redis: Redis, names: Sequence[str], inbox: Inbox, tried: asyncio.Event) -> None:
    """Read one connection until it breaks.

    The client may connect again by itself and subscribes anew then. Whenever all subscriptions are confirmed
    and it is not for the first time, some messages may have been missed.
    """
    async with redis.pubsub() as subscription:
        await subscription.subscribe(*names)
        channels, confirmed = len(set(names)), 0
        while True:
            message = await _next(subscription)
            if message["type"] == "message":
                inbox.put(BusMessage(message["channel"].decode(), message["data"]))
            elif message["type"] == "subscribe":
                confirmed += 1
                if confirmed % channels == 0:
                    if tried.is_set():
                        inbox.put(Missed())
                    tried.set()


async def _next(subscription: PubSub) -> dict[str, Any]:
    """Return the next message; a silent connection must answer a ping."""
    message: dict[str, Any] | None = await subscription.get_message(timeout=_SILENCE_S)
    if message is None:
        await subscription.ping()
        message = await subscription.get_message(timeout=_SILENCE_S)
    if message is None:
        raise TimeoutError("the subscription's connection is dead")
    return message
