"""The provider that is people: staff claim checks from the queue, look at them and decide."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from cse.core.clock import Clock
from cse.users.audit import Act, AuditAct, AuditTrail, Facts, user_actor
from cse.users.identity_checks.decisions import Decisions
from cse.users.identity_checks.documents import Documents, Opened, check_object
from cse.users.identity_checks.errors import (
    NoSuchCheck,
    NoSuchPerson,
    NotClaimed,
    OnlyLower,
    OwnCheck,
    WrongState,
)
from cse.users.identity_checks.model import Check, Document, Hit, PersonalData, Status
from cse.users.identity_checks.personal_data import open_data
from cse.users.identity_checks.ports import Decided, IdentityStore
from cse.users.notices import Notice, Notices
from cse.users.ports import UserStore
from cse.users.secret_box import SecretBox

CLAIM_MS: Final = 1_800_000
"""How long a check lies on a desk before another reviewer may take it."""
_NOTHING: Facts = {}


class Dossier(NamedTuple):
    """A check as a reviewer sees it."""

    check: Check
    data: PersonalData
    documents: Sequence[Document]
    hits: Sequence[Hit]


class ManualParts(NamedTuple):
    """What it works with."""

    store: IdentityStore
    users: UserStore
    documents: Documents
    decide: Decisions
    trail: AuditTrail
    notices: Notices
    box: SecretBox
    clock: Clock


class ManualReview:
    """The queue and the desks of reviewers (port: `ports.KycProvider`). Whoever looks is recorded before they see."""

    name = "manual"

    def __init__(self, parts: ManualParts) -> None:
        """Work with these."""
        self._parts = parts

    async def start(self, check: Check) -> None:
        """Put a check into the queue, which it is in by its state."""

    async def status(self, check: Check) -> str:
        """Return `in_queue`, or `in_review` when it lies on a desk; held ones are in the queue, too."""
        return "in_review" if check.reviewer_id is not None else "in_queue"

    async def queue(self, status: Status, *, after: int, limit: int) -> Sequence[Check]:
        """Return checks in a state, oldest first."""
        return await self._parts.store.queue(status, after=after, limit=limit)

    async def dossier(self, check_id: int, actor: str) -> Dossier:
        """Return all that is known of a check.

        Raises:
            NoSuchCheck: there is none.
            Unavailable: that it was looked at could not be recorded.
        """
        parts, check = self._parts, await self._check(check_id)
        await parts.trail.record(_act(Act.IDENTITY_CHECK_VIEWED, actor, check_id))
        data = open_data(parts.box, check.user_id, check.sealed)
        documents = await parts.store.documents_of(check_id)
        return Dossier(check, data, documents, await parts.store.hits_of(check_id))

    async def document(self, check_id: int, document_id: int, actor: str) -> Opened:
        """Return a document; raises as `dossier`."""
        facts = {"document_id": document_id}
        await self._check(check_id)
        await self._parts.trail.record(_act(Act.IDENTITY_DOCUMENT_VIEWED, actor, check_id, facts))
        return await self._parts.documents.open(check_id, document_id)

    async def claim(self, check_id: int, reviewer_id: int) -> Check:
        """Put a submitted check on one's desk, where it lies for CLAIM_MS at least. Again: from now on.

        Raises:
            NoSuchCheck, OwnCheck, WrongState: as they say.
            NotClaimed: another reviewer has it.
        """
        parts, check = self._parts, await self._check(check_id)
        if check.user_id == reviewer_id:
            raise OwnCheck
        act = _act(Act.IDENTITY_CHECK_CLAIMED, user_actor(reviewer_id), check_id)
        now_ms = parts.clock.now_ms()
        if not await parts.store.claim(check_id, reviewer_id, act, now_ms, CLAIM_MS):
            now = await self._check(check_id)
            raise NotClaimed if now.status is Status.SUBMITTED else WrongState
        return await self._check(check_id)

    async def release(self, check_id: int, reviewer_id: int) -> Check:
        """Take a check from one's desk, back into the queue. Again: nothing more happens."""
        parts = self._parts
        act = _act(Act.IDENTITY_CHECK_RELEASED, user_actor(reviewer_id), check_id)
        await self._check(check_id)
        await parts.store.release(check_id, reviewer_id, act, parts.clock.now_ms())
        return await self._check(check_id)

    async def decide(
        self, check_id: int, reviewer_id: int, status: Status, reason: str, note: str
    ) -> Check:
        """Approve, reject, or ask for more; raises as `Decisions`, and NoSuchCheck."""
        check = await self._check(check_id)
        decided = Decided(check_id, check.user_id, check.level, status, reviewer_id, reason, note)
        return await self._parts.decide(decided, user_actor(reviewer_id))

    async def lower(self, user_id: int, level: int, reviewer_id: int, reason: str) -> int:
        """Take a level away; return what it was. The same level again: nothing more happens.

        Raises:
            OwnCheck, OnlyLower, NoSuchPerson: as they say.
        """
        parts = self._parts
        if user_id == reviewer_id:
            raise OwnCheck
        if await parts.users.credentials_of(user_id) is None:
            raise NoSuchPerson
        before = await parts.store.level_of(user_id)
        if level > before:
            raise OnlyLower
        if level == before:
            return before
        act = AuditAct(
            act=Act.IDENTITY_LEVEL_LOWERED,
            actor=user_actor(reviewer_id),
            object=user_actor(user_id),
            before={"level": before},
            after={"level": level},
            reason=reason,
        )
        if not await parts.store.lower_level(user_id, before, level, act, parts.clock.now_ms()):
            raise WrongState("The level changed just now; look again.")
        await parts.decide.tell_level(user_id, level)
        text = f"Your identity level is {level} now; before it was {before}."
        await parts.notices.tell(user_id, Notice("Your identity level", text))
        return before

    async def _check(self, check_id: int) -> Check:
        check = await self._parts.store.check(check_id)
        if check is None:
            raise NoSuchCheck
        return check


def _act(act: Act, actor: str, check_id: int, after: Facts = _NOTHING) -> AuditAct:
    return AuditAct(act=act, actor=actor, object=check_object(check_id), after=after)
