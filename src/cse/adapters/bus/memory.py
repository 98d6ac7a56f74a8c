"""The event bus within one process."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from cse.messages.bus import BusMessage, Missed

MAX_BEHIND: Final = 10_000
"""Messages that a reader may fall behind before it loses the oldest."""


class Inbox:
    """What waits for one subscriber: bounded, and honest about what it dropped."""

    def __init__(self, max_behind: int) -> None:
        """Begin empty."""
        self._waiting: deque[BusMessage | Missed] = deque()
        self._max_behind = max_behind
        self._arrived = asyncio.Event()

    def put(self, message: BusMessage | Missed) -> None:
        """Add a message; past the bound the oldest go, and Missed stands in their place."""
        self._waiting.append(message)
        if len(self._waiting) > self._max_behind:
            self._waiting.popleft()
            self._waiting[0] = Missed()
        self._arrived.set()

    async def read(self) -> AsyncIterator[BusMessage | Missed]:
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

    @asynccontextmanager
    async def subscribe(
        self, channels: Sequence[str]
    ) -> AsyncIterator[AsyncIterator[BusMessage | Missed]]:
        inbox = Inbox(self._max_behind)
        for channel in channels:
            self._inboxes.setdefault(channel, set()).add(inbox)
        try:
            yield inbox.read()
        finally:
            self._remove(inbox, channels)

    @property
    def channels(self) -> Iterable[str]:
        """The channels that somebody is subscribed to."""
        return self._inboxes.keys()

    def _remove(self, inbox: Inbox, channels: Sequence[str]) -> None:
        for channel in set(channels):
            inboxes = self._inboxes[channel]
            inboxes.discard(inbox)
            if not inboxes:
                del self._inboxes[channel]
