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
from cse.gateway.relay.protocol import read_head
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

    def __init__(self, cache: SnapshotCache, now_ns: Callable[[], int] = time.monotonic_ns) -> None:
        """Begin without books."""
        self._cache: Final = cache
        self._now_ns: Final = now_ns
        self._made: Final[dict[str, _Cached]] = {}
        self._to_write: Final[dict[str, Outgoing]] = {}
        self._wake: Final = asyncio.Event()

    def since(
        self, channel: str, opening: Sequence[Outgoing], since: int | None
    ) -> Sequence[Outgoing]:
        """Return what came after `since` if that is in `opening` (a snapshot, and updates on it), else a book.

        The book is made at most once a second and lies in the cache for as long; what came after it is added.
        """
        sequences = [_sequence(outgoing) for outgoing in opening]
        if since in sequences:
            return opening[sequences.index(since) + 1 :]
        known = self._made.get(channel)
        if known is not None and self._now_ns() < known.until_ns and known.sequence in sequences:
            return [known.snapshot, *opening[sequences.index(known.sequence) + 1 :]]
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
        self._made[channel] = _Cached(made, _sequence(opening[-1]), until_ns)
        self._to_write[channel] = made
        self._wake.set()
        return made


def _sequence(outgoing: Outgoing) -> int:
    return read_head(outgoing.payload(Encoding.JSON)).sequence
