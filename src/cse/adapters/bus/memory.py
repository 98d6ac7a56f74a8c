"""The event bus within one process."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from cse.messages.bus import BusMessage, Joined, Missed

MAX_BEHIND: Final = 10_000
"""Messages that a reader may fall behind before it loses the oldest."""

Item = BusMessage | Joined | Missed


class Inbox:
    """What waits for one subscriber: bounded, and honest about what it dropped."""

    def __init__(self, max_behind: int) -> None:
        """Begin empty."""
        self._waiting: deque[Item] = deque()
        self._max_behind = max_behind
        self._arrived = asyncio.Event()

    def put(self, message: Item) -> None:
        """Add a message; past the bound the oldest go, and Missed stands in their place.

        `Joined` is never dropped: there are no more of those than channels.
        """
        self._waiting.append(message)
        if len(self._waiting) > self._max_behind:
            self._drop_oldest()
        self._arrived.set()

    def _drop_oldest(self) -> None:
        kept: list[Item] = []
        dropped = 0
        while self._waiting and dropped < 2:  # one makes room, one gives its place to Missed
            oldest = self._waiting.popleft()
            if isinstance(oldest, Joined):
                kept.append(oldest)
            else:
                dropped += 1
        self._waiting.appendleft(Missed())
        self._waiting.extendleft(reversed(kept))

    async def read(self) -> AsyncIterator[Item]:
        """Yield messages as they come, for ever."""
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            self._arrived.clear()
            await self._arrived.wait()


class MemoryBus:
    """Publishing hands the message to every subscriber's inbox at once; it never waits and never fails."""

    def __init__(self, *, max_behind: int = MAX_BEHIND) -> None:
        """Begin without subscribers."""
        self._max_behind = max_behind
        self._inboxes: dict[str, set[Inbox]] = {}

    async def publish(self, channel: str, payload: bytes) -> None:
        message = BusMessage(channel, payload)
        for inbox in self._inboxes.get(channel, ()):
            inbox.put(message)

    async def publish_many(self, messages: Sequence[BusMessage]) -> None:
        for message in messages:
            await self.publish(message.channel, message.payload)

    @asynccontextmanager
    async def subscribe(
        self, channels: Sequence[str]
    ) -> AsyncIterator[AsyncIterator[BusMessage | Missed]]:
        inbox = Inbox(self._max_behind)
        for channel in channels:
            self.add(inbox, channel)
        try:
            yield without_joined(inbox)
        finally:
            for channel in channels:
                self.remove(inbox, channel)

    @asynccontextmanager
    async def follow(self) -> AsyncIterator["MemorySubscription"]:
        subscription = MemorySubscription(self, Inbox(self._max_behind))
        try:
            yield subscription
        finally:
            subscription.end()

    @property
    def channels(self) -> Iterable[str]:
        """The channels that somebody is subscribed to."""
        return self._inboxes.keys()

    def add(self, inbox: Inbox, channel: str) -> None:
        """Send what is published on a channel to an inbox from now on."""
        self._inboxes.setdefault(channel, set()).add(inbox)

    def remove(self, inbox: Inbox, channel: str) -> None:
        """End that; harmless twice."""
        inboxes = self._inboxes.get(channel, set())
        inboxes.discard(inbox)
        if not inboxes:
            self._inboxes.pop(channel, None)


class MemorySubscription:
    """Channels of one inbox."""

    def __init__(self, bus: MemoryBus, inbox: Inbox) -> None:
        """Begin with none."""
        self._bus = bus
        self._inbox = inbox
        self._channels: set[str] = set()

    def add(self, channel: str) -> None:
        if channel not in self._channels:
            self._channels.add(channel)
            self._bus.add(self._inbox, channel)
            self._inbox.put(Joined(channel))

    def remove(self, channel: str) -> None:
        self._channels.discard(channel)
        self._bus.remove(self._inbox, channel)

    def read(self) -> AsyncIterator[Item]:
        return self._inbox.read()

    def end(self) -> None:
        """Leave all channels."""
        for channel in list(self._channels):
            self.remove(channel)


async def without_joined(inbox: Inbox) -> AsyncIterator[BusMessage | Missed]:
    """Yield what comes to somebody whose channels never change."""
    async for item in inbox.read():
        if not isinstance(item, Joined):
            yield item
