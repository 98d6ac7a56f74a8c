"""When sessions were used last: noted in memory by whoever lets a call in, written down once a minute."""

import asyncio
from typing import Final

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.users.model import Use
from cse.users.ports import SessionStore

WRITE_MS: Final = 60_000
"""So often a session's last use is written at most, by each gateway."""
_AT_ONCE: Final = 500
"""Rows of one transaction: SQLite has one writer, who should not wait for us for long."""

log = structlog.get_logger(__name__)


class SessionUses:
    """The first use of each session within the minute; `run` writes them down."""

    def __init__(self, store: SessionStore, clock: Clock) -> None:
        """Begin with none."""
        self._store = store
        self._clock = clock
        self._used: dict[str, Use] = {}

    def __contains__(self, session_id: object) -> bool:
        """Return whether a use of this minute is noted: asked on every call, before `note`."""
        return session_id in self._used

    def note(self, session_id: str, address: str) -> None:
        """Note that a session is used now, from a client address (empty: a Unix socket)."""
        self._used[session_id] = Use(self._clock.now_ms(), address)

    async def write(self) -> None:
        """Write down what is noted.

        Raises:
            Unavailable: the database is out of reach; what is not written yet is kept for the next time.
        """
        waiting, self._used = list(self._used.items()), {}
        for first in range(0, len(waiting), _AT_ONCE):
            try:
                await self._store.mark_used(dict(waiting[first : first + _AT_ONCE]))
            except Unavailable:
                self._used = dict(waiting[first:]) | self._used
                raise

    async def run(self) -> None:
        """Write every minute, until cancelled."""
        while True:
            await asyncio.sleep(WRITE_MS / 1000)
            try:
                await self.write()
            except Unavailable as error:
                log.warning("session_uses_not_written", error=str(error))
