"""The one door for decisions about checks, whoever makes them: the level changes, everybody who must know is told."""

import structlog

from cse.core.clock import Clock
from cse.users.audit import Act, AuditAct, Value
from cse.users.identity_checks.documents import check_object
from cse.users.identity_checks.errors import NoSuchCheck, NotClaimed, OwnCheck, WrongState
from cse.users.identity_checks.known_levels import KnownLevels
from cse.users.identity_checks.model import Check, Status
from cse.users.identity_checks.ports import Decided, IdentityStore
from cse.users.notices import Notice, Notices
from cse.users.ports import UserStore

log = structlog.get_logger(__name__)

_WORDS = {
    Status.APPROVED: "Your identity check for level {level} is approved.",
    Status.REJECTED: "Your identity check for level {level} is not approved.",
    Status.MORE_NEEDED: "Your identity check for level {level} needs more from you.",
}


class Decisions:
    """Takes decisions (port: `ports.Decide`)."""

    def __init__(
        self,
        store: IdentityStore,
        levels: KnownLevels,
        users: UserStore,
        notices: Notices,
        clock: Clock,
    ) -> None:
        """Write to `store`, tell `levels` and people."""
        self._store = store
        self._levels = levels
        self._users = users
        self._notices = notices
        self._clock = clock

    async def __call__(self, decided: Decided, actor: str) -> Check:
        """Decide a submitted check; return it as it is then.

        Raises:
            OwnCheck, NotClaimed, WrongState: nothing was done.
            Unavailable: nothing was done.
        """
        if decided.reviewer_id == decided.user_id:
            raise OwnCheck
        is_approved = decided.status is Status.APPROVED
        before: dict[str, Value] = {"status": Status.SUBMITTED.value, "user_id": decided.user_id}
        after: dict[str, Value] = {"status": decided.status.value}
        if is_approved:
            before["level"], after["level"] = decided.level - 1, decided.level
        act = AuditAct(
            act=Act.IDENTITY_CHECK_DECIDED,
            actor=actor,
            object=check_object(decided.check_id),
            before=before,
            after=after,
            reason=decided.reason,
        )
        done = await self._store.decide(decided, act, self._clock.now_ms())
        check = await self._store.check(decided.check_id)
        if check is None:
            raise NoSuchCheck
        if not done:
            is_waiting = check.status is Status.SUBMITTED
            mine = check.reviewer_id == decided.reviewer_id
            raise NotClaimed if is_waiting and not mine else WrongState
        if is_approved:
            await self.tell_level(decided.user_id, decided.level)
        text = _WORDS[decided.status].format(level=decided.level)
        note = f"\n\n{decided.note}" if decided.note else ""
        await self._notices.tell(decided.user_id, Notice("About your identity check", text + note))
        return check

    async def tell_level(self, user_id: int, level: int) -> None:
        """Let this process know a person's new level at once, and the others look."""
        known = await self._users.credentials_of(user_id)
        if known is not None:
            await self._levels.tell(user_id, known.user.account_id, level)
