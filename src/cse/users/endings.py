"""Which of many ids (sessions, API keys) are over although something that names them may still look good.

The truth is in SQL. Every process keeps the recent ones in memory, where a check is one look-up, and learns of
new ones from the bus at once and by reading SQL again every half second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.messages.bus import Bus, BusMessage

POLL_MS: Final = 500
"""With the second that was promised there is room for a slow read."""
_OVERLAP_MS: Final = 30_000
"""Read again this far back: clocks of gateways differ, and a transaction may commit late."""

EndedSince = Callable[[int], Awaitable[Sequence[tuple[str, int]]]]
"""Returns (id, when) of everything that ended at or after a time; raises Unavailable."""
Watcher = Callable[[str], None]

log = structlog.get_logger(__name__)


class Endings:
    """A set of ids that are over; `run` keeps it current, each id for as long as it could matter."""

    def __init__(
        self, ended_since: EndedSince, bus: Bus, clock: Clock, *, channel: str, keep_ms: int
    ) -> None:
        """Begin empty; `read` or `run` fills it.

        Args:
            ended_since: reads the truth.
            bus: the fast way to other processes.
            clock: of this process; those of others may differ by half a minute.
            channel: the bus's channel for these ids.
            keep_ms: how long after its end something may still pass for good elsewhere (a token, a cache).
        """
        self._ended_since = ended_since
        self._bus = bus
        self._clock = clock
        self._channel = channel
        self._keep_ms = keep_ms + _OVERLAP_MS
        self._ended: dict[str, int] = {}
        self._read_until: int | None = None
        self._watchers: list[Watcher] = []

    def __contains__(self, ended_id: object) -> bool:
        """Return whether something is known to be over."""
        return ended_id in self._ended

    def __len__(self) -> int:
        """Return how many are remembered."""
        return len(self._ended)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` with every id as soon as this process learns of its end, once.

        What it raises is logged as the bug it is, and keeps the end from nobody else.

        Returns:
            What ends the watching; harmless twice.
        """
        self._watchers.append(watcher)

        def leave() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return leave

    async def announce(self, ended_id: str, at_ms: int) -> None:
        """Tell this and all other processes of an end that is in SQL already."""
        self._note(ended_id, at_ms)
        try:
            await self._bus.publish(self._channel, ended_id.encode("ascii"))
        except Unavailable as error:  # the others will read it in SQL
            log.warning("ending_not_announced", channel=self._channel, error=str(error))

    async def read(self) -> None:
        """Take in what SQL knows of the last while, and forget what cannot matter any more.

        Raises:
            Unavailable: the database is out of reach.
        """
        now_ms = self._clock.now_ms()
        since = (
            now_ms - self._keep_ms if self._read_until is None else self._read_until - _OVERLAP_MS
        )
        for ended_id, at_ms in await self._ended_since(since):
            self._note(ended_id, at_ms)
        self._read_until = now_ms
        oldest = now_ms - self._keep_ms
        for ended_id in [key for key, at_ms in self._ended.items() if at_ms < oldest]:
            del self._ended[ended_id]

    async def run(self) -> None:
        """Stay current until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._poll())
            tasks.create_task(self._listen())

    def _note(self, ended_id: str, at_ms: int) -> None:
        is_news = ended_id not in self._ended
        self._ended[ended_id] = at_ms
        if not is_news:
            return
        for watcher in tuple(self._watchers):
            try:
                watcher(ended_id)
            except Exception:
                log.exception("ending_watcher_failed", channel=self._channel)

    async def _poll(self) -> None:
        while True:
            await self._read_if_possible()
            await asyncio.sleep(POLL_MS / 1000)

    async def _listen(self) -> None:
        async with self._bus.subscribe([self._channel]) as messages:
            async for message in messages:
                if isinstance(message, BusMessage):  # what was missed, the next poll reads
                    self._note(message.payload.decode("ascii", "replace"), self._clock.now_ms())

    async def _read_if_possible(self) -> None:
        try:
            await self.read()
        except Unavailable as error:
            log.warning("endings_not_read", channel=self._channel, error=str(error))
