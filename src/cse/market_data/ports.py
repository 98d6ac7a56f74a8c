"""Ports of market data. The bus that messages are mirrored to is `cse.messages.bus.Bus`."""

from typing import Protocol


class SnapshotCache(Protocol):
    """Where order-book snapshots lie for other processes, for as long as they are fresh."""

    async def set(self, key: str, value: bytes, ttl_ms: int) -> None:
        """Keep a value for at most this long.

        Raises:
            cse.core.errors.Unavailable: it could not be kept.
        """
        ...
