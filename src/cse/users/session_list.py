"""A person's sessions: seen by device, and ended one by one or all but the one that asks.

What is ended is ended in SQL first, then told here and over the bus: no gateway takes its tokens for longer than
the half second after which it reads SQL by itself (cse.users.revocations).
"""

from collections.abc import Sequence

from cse.core.clock import Clock
from cse.users.audit import Act, AuditAct, AuditTrail, Facts, user_actor
from cse.users.model import SeenSession
from cse.users.ports import SessionStore
from cse.users.revocations import Revocations


class SessionList:
    """What a person may see and do about their log-ins."""

    def __init__(
        self, store: SessionStore, revocations: Revocations, audit: AuditTrail, clock: Clock
    ) -> None:
        """Use these."""
        self._store = store
        self._revocations = revocations
        self._audit = audit
        self._clock = clock

    async def page(
        self, user_id: int, *, before: tuple[int, str] | None, limit: int
    ) -> Sequence[SeenSession]:
        """Return a page of live sessions, newest first; see SessionStore.sessions_of.

        Raises:
            Unavailable: the database is out of reach.
        """
        return await self._store.sessions_of(
            user_id, at_ms=self._clock.now_ms(), before=before, limit=limit
        )

    async def end(self, user_id: int, session_id: str) -> bool:
        """End one of a person's sessions; False: there is none of theirs with this id. Harmless twice.

        Raises:
            Unavailable: the database is out of reach; the session goes on.
        """
        now_ms = self._clock.now_ms()
        await self._record(user_id, f"session:{session_id}", {})
        if not await self._store.revoke_own(user_id, session_id, now_ms):
            return False
        await self._revocations.announce(session_id, now_ms)
        return True

    async def end_others(self, user_id: int, keep: str | None, *, reason: str = "") -> int:
        """End all sessions of a person but one (None: all); return how many ended by it.

        Raises:
            Unavailable: the database is out of reach; they go on.
        """
        await self._record(user_id, user_actor(user_id), {"kept": keep or ""}, reason)
        return await self.sweep_others(user_id, keep)

    async def sweep_others(self, user_id: int, keep: str | None) -> int:
        """Do what `end_others` does once more, as part of the same recorded act."""
        now_ms = self._clock.now_ms()
        ended = await self._store.revoke_others(user_id, keep, now_ms)
        for session_id in ended:
            await self._revocations.announce(session_id, now_ms)
        return len(ended)

    async def _record(self, user_id: int, what: str, after: Facts, reason: str = "") -> None:
        act = AuditAct(
            act=Act.SESSION_REVOKED,
            actor=user_actor(user_id),
            object=what,
            after=after,
            reason=reason,
        )
        await self._audit.record(act)
