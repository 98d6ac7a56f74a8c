"""Which sessions are over although their access tokens have not run out (`sessions.revoked_at` in SQL)."""

from typing import Final

from cse.core.clock import Clock
from cse.messages.bus import Bus
from cse.users.endings import Endings
from cse.users.ports import SessionStore

CHANNEL: Final = "sessions:revoked"


class Revocations(Endings):
    """A set of session ids; `run` keeps it current, each id for as long as its tokens could live."""

    def __init__(self, store: SessionStore, bus: Bus, clock: Clock, *, access_ms: int) -> None:
        """Begin empty; `read` or `run` fills it."""
        super().__init__(store.revoked_since, bus, clock, channel=CHANNEL, keep_ms=access_ms)
        self._store = store

    async def revoke(self, session_id: str) -> bool:
        """End a session for good: in SQL, here, and everywhere else. False if it had ended.

        Raises:
            Unavailable: the database is out of reach; the session goes on.
        """
        now_ms = self._clock.now_ms()
        ended = await self._store.revoke(session_id, now_ms)
        await self.announce(session_id, now_ms)
        return ended
