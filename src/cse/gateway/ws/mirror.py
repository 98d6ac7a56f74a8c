"""Mirrors public market data to the event bus, for streamers and watchers outside of this process.

`orderbook:{market}`, `trades:{market}` and `ticker:{market}` carry the very messages of the WebSocket's
channels as JSON. The whole order book also lies in the cache under the name of its channel, for one second.
All of this is disposable: what the bus cannot take now is dropped. Readers see the gap in `previous` and go on
from the cached book.
"""

import asyncio
from collections import deque
from typing import Final

import structlog

from cse.core.errors import Unavailable
from cse.gateway.ws.channel import Channel
from cse.gateway.ws.frames import Encoding, Outgoing
from cse.gateway.ws.messages import BookMessage, Data
from cse.gateway.ws.streams import Streams
from cse.market_data.ports import SnapshotCache
from cse.messages.bus import Bus
from cse.messages.catalog import Catalog

log = structlog.get_logger(__name__)

KINDS: Final = ("orderbook", "trades", "ticker")
SNAPSHOT_TTL_MS: Final = 1_000
LOOK_EVERY_MS: Final = 500
"""How soon a new market is mirrored, and how often book snapshots are renewed."""
_MAX_WAITING: Final = 1_000


class BusMirror:
    """A subscriber of every market's channels that publishes what it gets; `run` keeps it going."""

    def __init__(self, streams: Streams, catalog: Catalog, bus: Bus, cache: SnapshotCache) -> None:
        """Mirror all markets of the catalog, those that come later too."""
        self._streams: Final = streams
        self._catalog: Final = catalog
        self._bus: Final = bus
        self._cache: Final = cache
        self._channels: Final[dict[str, Channel]] = {}
        self._waiting: Final[deque[Outgoing]] = deque(maxlen=_MAX_WAITING)
        self._wake: Final = asyncio.Event()
        self._dropping = False

    def deliver(self, channel: Channel, outgoing: Outgoing) -> None:  # noqa: ARG002  # a Subscriber
        """Take an update."""
        self.push(outgoing)

    def push(self, outgoing: Outgoing) -> None:
        """Queue a message; the oldest of too many that wait is dropped."""
        self._waiting.append(outgoing)
        self._wake.set()

    def reopen(self, channel: Channel) -> None:
        """Publish a fresh snapshot."""
        channel.open(self, None)

    def end(self, channel: Channel, code: str, detail: str) -> None:
        """Mirror the channel no more."""
        log.warning("bus_mirror_lost_channel", channel=channel.name, code=code, detail=detail)
        self._streams.unsubscribe(channel, self)
        self._channels.pop(channel.name, None)

    async def run(self) -> None:
        """Mirror until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._publish_all())
                tasks.create_task(self._look_around())
        finally:
            for channel in self._channels.values():
                self._streams.unsubscribe(channel, self)

    def look(self) -> None:
        """Subscribe to the channels of markets that are new."""
        for symbol in self._catalog.markets_by_symbol:
            for kind in KINDS:
                name = f"{kind}.{symbol}"
                if name not in self._channels:
                    found = self._streams.find(name, None)
                    self._channels[name] = self._streams.subscribe(found, self)

    async def _look_around(self) -> None:
        while True:
            self.look()
            for name, channel in self._channels.items():
                if name.startswith("orderbook."):
                    channel.open(self, None)
            await asyncio.sleep(LOOK_EVERY_MS / 1_000)

    async def _publish_all(self) -> None:
        while True:
            while self._waiting:
                await self._publish(self._waiting.popleft())
            self._wake.clear()
            await self._wake.wait()

    async def _publish(self, outgoing: Outgoing) -> None:
        message = outgoing.message
        assert isinstance(message, Data), "channels send nothing else"
        payload = outgoing.payload(Encoding.JSON)
        try:
            if isinstance(message, BookMessage) and message.type == "snapshot":
                await self._cache.set(message.channel, payload, SNAPSHOT_TTL_MS)
                return  # a cache that falls back to memory says nothing about the bus
            await self._bus.publish(message.channel.replace(".", ":", 1), payload)
        except Unavailable as error:
            if not self._dropping:  # once, not for every message of an outage
                log.warning("bus_mirror_drops", channel=message.channel, error=str(error))
            self._dropping = True
            return
        if self._dropping:
            log.info("bus_mirror_works_again")
            self._dropping = False
