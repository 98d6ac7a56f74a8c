"""The mirror: Redis' channels carry the WebSocket's own messages, the cache holds fresh books."""

import asyncio
import json

from cse.adapters.bus.memory import MemoryBus
from cse.adapters.cache.memory import MemoryCache
from cse.core.errors import Unavailable
from cse.gateway.ws.mirror import BusMirror
from cse.messages.bus import BusMessage
from cse.messages.wire import Side
from tests.unit.gateway.ws.client import ClientBook
from tests.unit.gateway.ws.venue import ALICE, BOB, WsVenue
from tests.unit.projections.live.streams import place
from tests.waiting import wait_until_async

CHANNELS = [f"{kind}:GOLD-USD{n}" for kind in ("orderbook", "trades", "ticker") for n in (1, 2)]


class BrokenBus(MemoryBus):
    """Refuses everything for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = True
        self.asked = 0

    async def publish(self, channel: str, payload: bytes) -> None:
        self.asked += 1
        if self.broken:
            raise Unavailable("no Redis")
        await super().publish(channel, payload)


async def test_what_clients_get_the_bus_gets() -> None:
    """Updates chain on the bus as on a socket, starting from the book in the cache."""
    venue, bus, cache = WsVenue(), MemoryBus(), MemoryCache()
    mirror = BusMirror(venue.streams, venue.catalog, bus, cache)
    async with bus.subscribe(CHANNELS) as messages:
        running = asyncio.create_task(mirror.run())
        try:
            await wait_until_async(lambda: cache.get("orderbook.GOLD-USD1"), what="the first book")
            book = ClientBook()
            book.take(json.loads(await cache.get("orderbook.GOLD-USD1") or b""))
            venue.queue.apply(place(ALICE, Side.SELL, 1_000, 5))
            venue.queue.apply(place(BOB, Side.BUY, 1_000, 2))
            seen: dict[str, dict[str, object]] = {}
            while len(seen) < 3:
                message = await anext(messages)
                assert isinstance(message, BusMessage)
                seen[message.channel] = json.loads(message.payload)
            assert set(seen) == {name for name in CHANNELS if name.endswith("1")}
            book.take(seen["orderbook:GOLD-USD1"])
            assert book.levels("asks") == [["0.1000", "0.03"]]
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    assert venue.streams.find("trades.GOLD-USD1", None).subscribers == {}


async def test_a_bus_that_is_away_costs_messages_not_the_mirror() -> None:
    """What cannot be published is dropped; later messages go out again."""
    venue, bus = WsVenue(), BrokenBus()
    mirror = BusMirror(venue.streams, venue.catalog, bus, MemoryCache())
    async with bus.subscribe(CHANNELS) as messages:
        running = asyncio.create_task(mirror.run())
        try:
            channel = "orderbook.GOLD-USD1"
            await wait_until_async(
                lambda: venue.streams.find(channel, None).subscribers, what="the mirror"
            )
            venue.queue.apply(place(ALICE, Side.SELL, 1_000, 5))
            await wait_until_async(lambda: bus.asked, what="the first attempt")
            bus.broken = False
            venue.queue.apply(place(ALICE, Side.SELL, 1_001, 5))
            message = await anext(messages)
            assert isinstance(message, BusMessage)
            assert json.loads(message.payload)["sequence"] == venue.venue.engine.sequence
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
