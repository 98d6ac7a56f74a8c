"""Which letters somebody gets. Those about the security of their account come always."""

from collections.abc import Mapping

from cse.core.clock import Clock
from cse.users.audit import Act, AuditAct, user_actor
from cse.users.errors import InvalidField
from cse.users.notices import NoticeKind
from cse.users.profiles.ports import ProfileStore


class NotificationSettings:
    """Reads and changes which kinds of letters people get."""

    def __init__(self, store: ProfileStore, clock: Clock) -> None:
        """Use these."""
        self._store = store
        self._clock = clock

    async def wanted(self, user_id: int) -> dict[NoticeKind, bool]:
        """Return every kind of letter, and whether the person gets it; raises Unavailable."""
        muted = await self._store.muted(user_id)
        return {kind: kind.value not in muted for kind in NoticeKind}

    async def set(self, user_id: int, wanted: Mapping[NoticeKind, bool]) -> dict[NoticeKind, bool]:
        """Let the person get these kinds or not; what is not named stays.

        Raises:
            InvalidField: security letters cannot be turned off; nothing was changed.
            Unavailable: the database is out of reach.
        """
        if wanted.get(NoticeKind.SECURITY) is False:
            raise InvalidField("security", "cannot be turned off: it tells you of break-ins")
        before = await self.wanted(user_id)
        after = {**before, **wanted}
        if after == before:
            return before
        person = user_actor(user_id)
        act = AuditAct(
            act=Act.NOTIFICATIONS_SET,
            actor=person,
            object=person,
            before={kind.value: on for kind, on in before.items()},
            after={kind.value: on for kind, on in after.items()},
        )
        muted = sorted(kind.value for kind, on in after.items() if not on)
        await self._store.mute(user_id, muted, act, self._clock.now_ms())
        return after
