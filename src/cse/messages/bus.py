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


class Bus(Protocol):
    """Publish and subscribe: at most once, in order per publisher and channel, no memory of the past."""

    async def publish(self, channel: str, payload: bytes) -> None:
        """Hand a message to whoever is subscribed now.

        Raises:
            cse.core.errors.Unavailable: it could not be handed over.
        """
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
