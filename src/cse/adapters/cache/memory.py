"""Cache in this process's memory: the default, for one gateway."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

MAX_ENTRIES: Final = 100_000


def monotonic_ms() -> int:
    """Return milliseconds that never go back."""
    return time.monotonic_ns() // 1_000_000


class MemoryCache:
    """Values with a time to live. Bounded: past `max_entries` the one that was written longest ago goes."""

    def __init__(
        self, *, max_entries: int = MAX_ENTRIES, now_ms: Callable[[], int] = monotonic_ms
    ) -> None:
        """Begin empty."""
        self._max_entries = max_entries
        self._now_ms = now_ms
        self._entries: OrderedDict[str, tuple[bytes, int]] = OrderedDict()

    async def get(self, key: str) -> bytes | None:
        found = self._entries.get(key)
        if found is None:
            return None
        if found[1] <= self._now_ms():
            del self._entries[key]
            return None
        return found[0]

    async def set(self, key: str, value: bytes, ttl_ms: int) -> None:
        self._put(key, value, self._now_ms() + ttl_ms)

    async def increment(self, key: str, ttl_ms: int) -> int:
        now_ms = self._now_ms()
        value, ends_at = self._entries.get(key, (b"", 0))
        count, ends_at = (int(value), ends_at) if ends_at > now_ms else (0, now_ms + ttl_ms)
        self._put(key, b"%d" % (count + 1), ends_at)
        return count + 1

    async def delete(self, key: str) -> None:
        self._entries.pop(key, None)

    async def take(self, key: str) -> bytes | None:
        found = self._entries.pop(key, None)
        return found[0] if found is not None and found[1] > self._now_ms() else None

    def __len__(self) -> int:
        """Return how many entries are held, those that ran out and were not yet cleared included."""
        return len(self._entries)

    def _put(self, key: str, value: bytes, ends_at: int) -> None:
        self._entries[key] = (value, ends_at)
        self._entries.move_to_end(key)
        now_ms = self._now_ms()
        for _ in range(2):  # clears faster than it fills
            oldest, (_, oldest_ends_at) = next(iter(self._entries.items()))
            if oldest_ends_at > now_ms and len(self._entries) <= self._max_entries:
                break
            del self._entries[oldest]
            if not self._entries:
                break
