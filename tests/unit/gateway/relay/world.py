"""An exchange with a publisher, a bus in memory, and any number of relays."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

from cse.adapters.bus.memory import MemoryBus
from cse.adapters.cache.memory import MemoryCache
from cse.core.errors import Unavailable
from cse.gateway.relay.publisher import Publisher
from cse.gateway.relay.relay import Relay
from cse.gateway.ws.channel import Channel
from cse.gateway.ws.channels.book import LevelsChannel
from cse.gateway.ws.channels.public import PublicChannel
from cse.gateway.ws.frames import Encoding, Outgoing
from cse.messages.bus import BusMessage
from cse.messages.wire import Command
from tests.unit.gateway.ws.client import ClientBook
from tests.unit.gateway.ws.venue import WsVenue
from tests.unit.projections.live.streams import random_commands
from tests.waiting import wait_until_async

MARKET = "GOLD-USD1"


class LossyBus(MemoryBus):
    """Loses messages of channels that a test names, or is away."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.lose: set[str] = set()
        self.lost = 0
        self.sent: list[BusMessage] = []

    async def publish(self, channel: str, payload: bytes) -> None:
        if self.away:
            raise Unavailable("no bus here")
        if channel in self.lose:
            self.lost += 1
            return
        self.sent.append(BusMessage(channel, payload))
        await super().publish(channel, payload)


class Client:
    """A subscriber that holds messages to the contract: a snapshot first, then a chain without gaps."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.messages: list[dict[str, Any]] = []
        self.outgoing: list[Outgoing] = []
        self.ended: list[str] = []
        self.since: int | None = None
        self.listening_since_s = time.monotonic()
        self._opening = True

    def deliver(self, channel: Channel, outgoing: Outgoing) -> None:
        if not self._opening:
            self.push(outgoing)

    def push(self, outgoing: Outgoing) -> None:
        message = json.loads(outgoing.payload(Encoding.JSON))
        if message["type"] == "update":
            before = self.messages[-1]["sequence"] if self.messages else self.since
            assert message["previous"] == before, "a gap in the chain"
        else:
            assert message["previous"] is None
        self.messages.append(message)
        self.outgoing.append(outgoing)

    def reopen(self, channel: Channel) -> None:
        self._opening = not channel.open(self, self.since)

    def end(self, channel: Channel, code: str, detail: str) -> None:
        self.ended.append(code)

    @property
    def sequence(self) -> int:
        return self.messages[-1]["sequence"] if self.messages else -1

    def book(self) -> ClientBook:
        """The book that the messages make; their checksums are held."""
        book = ClientBook()
        for message in self.messages:
            book.take(message)
        return book


class World:
    """Publisher and relays that a test starts, stops and looks into."""

    def __init__(self) -> None:
        self.venue = WsVenue()
        self.bus, self.cache = LossyBus(), MemoryCache(now_ms=lambda: 0)
        self.publisher = self.new_publisher()
        self._random = random_commands(7, self.venue.venue)
        self._tasks: dict[object, asyncio.Task[None]] = {}

    def new_publisher(self) -> Publisher:
        return Publisher(self.venue.streams, self.venue.catalog, self.bus, self.cache)

    def start(self, part: Publisher | Relay) -> None:
        self._tasks[part] = asyncio.create_task(part.run())

    async def stop(self, part: object) -> None:
        task = self._tasks.pop(part)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def relay(self) -> Relay:
        """A relay that runs and has heard the publisher."""
        relay = Relay(self.bus, self.cache)
        self.start(relay)
        await wait_until_async(lambda: relay.hears, what="the publisher to be heard")
        return relay

    def do(self, *commands: Command) -> None:
        self.venue.queue.apply(*commands)

    def trade(self, commands: int) -> None:
        """Let much happen: random orders, cancels, amendments."""
        for command in islice(self._random, commands):
            self.do(command)

    def listen(
        self, relay: Relay, name: str, account_id: int | None = None, since: int | None = None
    ) -> Client:
        client = Client(name)
        client.since = since
        channel = relay.subscribe(relay.find(name, account_id), client)
        client.reopen(channel)
        return client

    async def level(self, client: Client, account_id: int | None = None) -> None:
        """Return once a client is as far as the exchange itself."""

        def there() -> bool:
            return client.sequence == self.exchange(client.name, account_id).sequence

        await wait_until_async(there, what=f"{client.name} to be where the exchange is")

    async def published(self, name: str) -> None:
        """Return once what has happened in a channel is on the bus."""
        channel = self.exchange(name)
        await asyncio.sleep(0)  # the turn in which it happened is over: channels are told of it
        await asyncio.sleep(0)
        if isinstance(channel, PublicChannel):
            channel.flush()
        await wait_until_async(lambda: not self.publisher.outbound.waiting, what="the bus")

    def exchange(self, name: str, account_id: int | None = None) -> Channel:
        """The exchange's own channel; flushed and kept by a subscriber."""
        channel = self.venue.streams.find(name, account_id)
        channel = self.venue.streams.subscribe(channel, _NOBODY)
        channel.open(_NOBODY, None)
        return channel

    def snapshot(self, name: str, *, anew: bool) -> bytes:
        """What the exchange itself sends to somebody who comes now; `anew`: from a channel of its own."""
        channel = self.exchange(name)
        if anew and isinstance(
            channel, LevelsChannel
        ):  # it may send an older one with updates on it
            channel._snapshot = None
        somebody = Client(name)
        channel.open(somebody, None)
        (snapshot,) = somebody.outgoing
        return snapshot.payload(Encoding.JSON)


class _Nobody:
    def deliver(self, channel: Channel, outgoing: Outgoing) -> None: ...
    def push(self, outgoing: Outgoing) -> None: ...
    def reopen(self, channel: Channel) -> None: ...
    def end(self, channel: Channel, code: str, detail: str) -> None: ...


_NOBODY = _Nobody()


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """A world whose publisher runs."""
    made = World()
    made.start(made.publisher)
    try:
        yield made
    finally:
        for part in list(made._tasks):
            await made.stop(part)
