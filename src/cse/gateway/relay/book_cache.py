"""Whole order books in the shared cache, for a second each: made when one is asked for that is not there.

Whoever wants a book looks under the name of its channel first (`orderbook.{market}`; in Redis behind `cse:cache:`),
and asks the publisher only for what came after it, or for all of it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from cse.core.errors import Unavailable
from cse.gateway.relay.book_fold import BookFold
from cse.gateway.ws.frames import Encoding, Outgoing
from cse.gateway.ws.messages import Data
from cse.market_data.ports import SnapshotCache

TTL_MS: Final = 1_000
RECENT: Final = 256
"""Updates of each book that are kept: whoever missed no more than these needs no snapshot."""
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
        self._recent: Final[dict[str, deque[Outgoing]]] = {}
        self._to_write: Final[dict[str, Outgoing]] = {}
        self._wake: Final = asyncio.Event()

    def begin(self, channel: str) -> None:
        """Keep the latest updates of a book from now on."""
        self._recent.setdefault(channel, deque(maxlen=RECENT))

    def note(self, channel: str, update: Outgoing) -> None:
        """Keep an update, if it is of a book."""
        recent = self._recent.get(channel)
        if recent is not None:
            recent.append(update)

    def since(
        self, channel: str, opening: Sequence[Outgoing], since: int | None
    ) -> Sequence[Outgoing]:
        """Return what came after `since` if that is known, else a book; `opening` is a snapshot and updates on it.

        The book is made at most once a second and lies in the cache for as long; what came after it is added.
        """
        last = _data(opening[-1]).sequence
        after = None if since is None else self._after(channel, since, last)
        if after is not None:
            return after
        known = self._made.get(channel)
        if known is not None and self._now_ns() < known.until_ns:
            after = self._after(channel, known.sequence, last)
            if after is not None:
                return [known.snapshot, *after]
        made = self._make(channel, opening)
        return [made]

    def _after(self, channel: str, sequence: int, last: int) -> Sequence[Outgoing] | None:
        """Return the updates from a sequence to the last one, None if they are not all here."""
        if sequence == last:
            return []
        recent = list(self._recent.get(channel, ()))
        for n, update in enumerate(recent):
            if _data(update).previous == sequence:
                return recent[n:] if _data(recent[-1]).sequence == last else None
        return None

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
        self._made[channel] = _Cached(made, _data(opening[-1]).sequence, until_ns)
        self._to_write[channel] = made
        self._wake.set()
        return made


def _data(outgoing: Outgoing) -> Data:
    assert isinstance(outgoing.message, Data), "channels send nothing else"
    return outgoing.message
