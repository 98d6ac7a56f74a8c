"""The mirror on a real Redis: anyone with a Redis client can follow a market, starting from the cached book."""

import asyncio
import json

from redis.asyncio import Redis

from cse.adapters.bus.redis import RedisBus
from cse.adapters.cache.redis import PREFIX, RedisCache
from cse.adapters.cache.redis_client import RedisClient
from cse.gateway.ws.mirror import SNAPSHOT_TTL_MS, BusMirror
from cse.messages.wire import Side
from tests.unit.gateway.ws.client import ClientBook
from tests.unit.gateway.ws.venue import ALICE, BOB, WsVenue
from tests.unit.projections.live.streams import place
from tests.waiting import wait_until_async

KEY = f"{PREFIX}orderbook.GOLD-USD1"
CHANNELS = [f"{kind}:GOLD-USD1" for kind in ("orderbook", "trades", "ticker")]


async def test_a_redis_client_follows_a_market(redis_url: str) -> None:
    """Book from the cache (which runs out by itself), then updates from pub/sub: chain and checksum hold."""
    venue, client, book = WsVenue(), RedisClient(redis_url), ClientBook()
    mirror = BusMirror(venue.streams, venue.catalog, RedisBus(client), RedisCache(client))
    async with Redis.from_url(redis_url) as reader, reader.pubsub() as subscription:
        await subscription.subscribe(*CHANNELS)
        running = asyncio.create_task(mirror.run())
        try:
            await wait_until_async(lambda: reader.exists(KEY), what="the first book")
            book.take(json.loads(await reader.get(KEY)))
            assert 0 < await reader.pttl(KEY) <= SNAPSHOT_TTL_MS
            venue.queue.apply(place(ALICE, Side.SELL, 1_000, 5), place(BOB, Side.BUY, 1_000, 2))
            seen: dict[str, dict[str, object]] = {}
            async for message in subscription.listen():
                if message["type"] == "message":
                    seen[message["channel"].decode()] = json.loads(message["data"])
                if len(seen) == len(CHANNELS):
                    break
            book.take(seen[CHANNELS[0]])
            assert book.levels("asks") == [["0.1000", "0.03"]]
            assert seen[CHANNELS[1]]["trades"][0]["trade_id"] == 1  # type: ignore[index]  # JSON
            await wait_until_async(lambda: _has(reader, "0.03"), what="the renewed book")
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await client.close()
        await wait_until_async(lambda: _is_gone(reader), what="the book to run out")


async def _has(reader: Redis, text: str) -> bool:
    return text.encode() in (await reader.get(KEY) or b"")


async def _is_gone(reader: Redis) -> bool:
    return not await reader.exists(KEY)
