"""The event bus port: fan-out of small messages between processes; disposable by design.

Whoever needs every message keeps sequence numbers in its payloads, or reads the truth again after `Missed`.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec


class BusMessage(msgspec.Struct, frozen=True):
    """One published message."""

    channel: str
    payload: bytes


class Missed(msgspec.Struct, frozen=True):
    """Messages may have been lost at this point (slow reader, lost connection): read the truth again."""


class Joined(msgspec.Struct, frozen=True):
    """From here on what is published on this channel is seen."""

    channel: str


class Subscription(Protocol):
    """One reader's channels, which may change while it reads. All of them share one order per publisher."""

    def add(self, channel: str) -> None:
        """Read a channel, too; `Joined` says from where on, as soon as the bus is there. Harmless twice."""
        ...

    def remove(self, channel: str) -> None:
        """Read a channel no more; a message of it that is on its way may still come."""
        ...

    def read(self) -> AsyncIterator[BusMessage | Joined | Missed]:
        """Yield what comes, for one reader, as `Bus.subscribe` says."""
        ...


class Bus(Protocol):
    """Publish and subscribe: at most once, in order per publisher and channel, no memory of the past."""

    async def publish(self, channel: str, payload: bytes) -> None:
        """Hand a message to whoever is subscribed now.

        Raises:
            cse.core.errors.Unavailable: it could not be handed over.
        """
        ...

    async def publish_many(self, messages: Sequence[BusMessage]) -> None:
        """Hand over several messages, in order, in one round trip.

        Raises:
            cse.core.errors.Unavailable: some of them, or all, were not handed over.
        """
        ...

    def follow(self) -> AbstractAsyncContextManager[Subscription]:
        """Subscribe to channels that are told later, while the context is open."""
        ...

    def subscribe(
        self, channels: Sequence[str]
    ) -> AbstractAsyncContextManager[AsyncIterator[BusMessage | Missed]]:
        """Subscribe while the context is open; what is published after entering it is seen.

        The iterator never ends by itself and never raises for a lost connection: it connects again and
        yields `Missed`. A reader that falls more than a bounded number of messages behind loses the
        oldest and is told so by `Missed`.
        """
        ...
