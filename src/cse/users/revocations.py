"""Which sessions are over although their access tokens have not run out.

The truth is in SQL (`sessions.revoked_at`). Every process keeps the recent ones in memory, where a check
is one set lookup, and learns of new ones from the bus at once and by reading SQL again every half second.
"""

import asyncio
from typing import Final

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.messages.bus import Bus, BusMessage
from cse.users.ports import SessionStore

CHANNEL: Final = "sessions:revoked"
POLL_MS: Final = 500
"""With the second that was promised there is room for a slow read."""
_OVERLAP_MS: Final = 30_000
"""Read again this far back: clocks of gateways differ, and a transaction may commit late."""

log = structlog.get_logger(__name__)


class Revocations:
    """A set of session ids; `run` keeps it current, each id for as long as its tokens could live."""

    def __init__(self, store: SessionStore, bus: Bus, clock: Clock, *, access_ms: int) -> None:
        """Begin empty; `read` or `run` fills it."""
        self._store = store
        self._bus = bus
        self._clock = clock
        self._keep_ms = access_ms + _OVERLAP_MS
        self._revoked: dict[str, int] = {}
        self._read_until: int | None = None

    def __contains__(self, session_id: object) -> bool:
        """Return whether a session is known to be over."""
        return session_id in self._revoked

    def __len__(self) -> int:
        """Return how many are remembered."""
        return len(self._revoked)

    async def revoke(self, session_id: str) -> bool:
        """End a session for good: in SQL, here, and everywhere else. False if it had ended.

        Raises:
            Unavailable: the database is out of reach; the session goes on.
        """
        now_ms = self._clock.now_ms()
        ended = await self._store.revoke(session_id, now_ms)
        await self.announce(session_id, now_ms)
        return ended

    async def announce(self, session_id: str, at_ms: int) -> None:
        """Tell this and all other processes of a session whose end is in SQL already."""
        self._revoked[session_id] = at_ms
        try:
            await self._bus.publish(CHANNEL, session_id.encode("ascii"))
        except Unavailable as error:
            log.warning(
                "revocation_not_announced", error=str(error)
            )  # the others will read it in SQL

    async def read(self) -> None:
        """Take in what SQL knows of the last while, and forget what no token can name any more.

        Raises:
            Unavailable: the database is out of reach.
        """
        now_ms = self._clock.now_ms()
        since = (
            now_ms - self._keep_ms if self._read_until is None else self._read_until - _OVERLAP_MS
        )
        for session_id, at_ms in await self._store.revoked_since(since):
            self._revoked[session_id] = at_ms
        self._read_until = now_ms
        oldest = now_ms - self._keep_ms
        for session_id in [key for key, at_ms in self._revoked.items() if at_ms < oldest]:
            del self._revoked[session_id]

    async def run(self) -> None:
        """Stay current until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._poll())
            tasks.create_task(self._listen())

    async def _poll(self) -> None:
        while True:
            await self._read_if_possible()
            await asyncio.sleep(POLL_MS / 1000)

    async def _listen(self) -> None:
        async with self._bus.subscribe([CHANNEL]) as messages:
            async for message in messages:
                if isinstance(message, BusMessage):  # what was missed, the next poll reads
                    self._revoked[message.payload.decode("ascii", "replace")] = self._clock.now_ms()

    async def _read_if_possible(self) -> None:
        try:
            await self.read()
        except Unavailable as error:
            log.warning("revocations_not_read", error=str(error))
