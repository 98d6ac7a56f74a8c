"""Whole order books in the shared cache, for a second each: made when one is asked for that is not there.

Whoever wants a book looks under the name of its channel first (`orderbook.{market}`; in Redis behind `cse:cache:`),
and asks the publisher only for what came after it, or for all of it.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from cse.core.errors import Unavailable
from cse.gateway.relay.book_fold import BookFold
from cse.gateway.relay.recent import Recent, data_of
from cse.gateway.ws.frames import Encoding, Outgoing
from cse.market_data.ports import SnapshotCache

TTL_MS: Final = 1_000
_NS_PER_MS: Final = 1_000_000


class _Cached(NamedTuple):
    snapshot: Outgoing
    sequence: int
    until_ns: int


class BookCache:
    """The last book made of each channel; `run` writes them to the cache."""

    def __init__(
        self,
        cache: SnapshotCache,
        recent: Recent,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Begin without books; their updates are in `recent`."""
        self._cache: Final = cache
        self._now_ns: Final = now_ns
        self._made: Final[dict[str, _Cached]] = {}
        self._recent: Final = recent
        self._to_write: Final[dict[str, Outgoing]] = {}
        self._wake: Final = asyncio.Event()

    def opening(self, channel: str, opening: Sequence[Outgoing]) -> Sequence[Outgoing]:
        """Return a book and what came after it; `opening` is a snapshot, maybe an old one, and updates on it.

        The book is made at most once a second and lies in the cache for as long; what came after it is added.
        """
        last = data_of(opening[-1]).sequence
        known = self._made.get(channel)
        if known is not None and self._now_ns() < known.until_ns:
            after = self._recent.after(channel, known.sequence, last)
            if after is not None:
                return [known.snapshot, *after]
        made = self._make(channel, opening)
        return [made]

    async def run(self) -> None:
        """Write books to the cache until cancelled."""
        while True:
            self._wake.clear()
            while self._to_write:
                channel, snapshot = self._to_write.popitem()
                try:
                    await self._cache.set(channel, snapshot.payload(Encoding.JSON), TTL_MS)
                except Unavailable:
                    self._to_write.clear()  # whoever looks there asks us
            await self._wake.wait()

    def _make(self, channel: str, opening: Sequence[Outgoing]) -> Outgoing:
        made = opening[0]
        if len(opening) > 1:
            fold = BookFold()
            for outgoing in opening:
                fold.take(outgoing.payload(Encoding.JSON))
            made = fold.snapshot()
        until_ns = self._now_ns() + TTL_MS * _NS_PER_MS
        self._made[channel] = _Cached(made, data_of(opening[-1]).sequence, until_ns)
        self._to_write[channel] = made
        self._wake.set()
        return made
