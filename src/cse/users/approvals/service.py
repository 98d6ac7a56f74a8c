"""Proposals, what others say to them, and the loop that ends what waits."""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec
import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.users.approvals.errors import (
    MayNot,
    NoChange,
    NoSuchApproval,
    NotPending,
    NotProposer,
    OwnCase,
    OwnProposal,
)
from cse.users.approvals.execution import Executor
from cse.users.approvals.model import Approval, Place, Proposal, Status
from cse.users.approvals.ports import Acts, ApprovalStore, Ballot, Ending, Terms
from cse.users.audit import user_actor
from cse.users.roles import Roles

LIFE_MS: Final = 86_400_000
FRESH_MS: Final = 2_000
"""So long what is approved is left to the call that approved it, whose answer then tells the end."""
STUCK_MS: Final = 30_000
"""So long an execution may take before another gateway looks what became of it."""
_LOOK_MS: Final = 1_000

log = structlog.get_logger(__name__)


class ApprovalOptions(msgspec.Struct, frozen=True):
    """How many people, and how long."""

    needed: int = 1
    """Others who must agree; 0: a proposal is executed at once."""
    life_ms: int = LIFE_MS
    fresh_ms: int = FRESH_MS
    stuck_ms: int = STUCK_MS


class Approvals:
    """What staff proposes and decides; keep `run` running."""

    def __init__(
        self,
        store: ApprovalStore,
        acts: Acts,
        roles: Roles,
        clock: Clock,
        options: ApprovalOptions = ApprovalOptions(),  # noqa: B008  # it is frozen
    ) -> None:
        """Use these; nothing is read yet."""
        self._store = store
        self._acts = acts
        self._roles = roles
        self._clock = clock
        self._options = options
        self._executor = Executor(store, acts, roles, clock)

    async def propose(self, proposal: Proposal, place: Place) -> Approval:
        """Take a proposal; where nobody else is needed it is executed at once.

        Raises:
            OwnCase: it is about the proposer.
            NoChange: it is so already.
            MayNot: the proposer lacks the permission of the act.
            KeyTaken, TooManyPending: see `ApprovalStore.propose`.
            ActRefused: there is no such object.
            Unavailable: something that it takes is out of reach; nothing was done.
        """
        self._check(proposal, proposal.proposed_by)
        before = await self._acts[proposal.act].now(proposal.wanted)
        if before == proposal.after:
            raise NoChange
        now_ms = self._clock.now_ms()
        terms = Terms(before, place, self._options.needed, now_ms, now_ms + self._options.life_ms)
        approval = await self._store.propose(proposal, terms)
        return await self._go_on(approval)

    async def approve(self, number: int, user_id: int, reason: str) -> Approval:
        """Agree; whoever is the last that is needed sees it executed.

        Raises:
            NoSuchApproval, NotPending, AlreadyVoted: see `ApprovalStore.vote`.
            OwnProposal, OwnCase, MayNot: this person has no say in it.
            Unavailable: the database is out of reach.
        """
        await self._check_voter(number, user_id)
        ballot = Ballot(number, user_id, agrees=True, reason=reason)
        return await self._go_on(await self._store.vote(ballot, self._clock.now_ms()))

    async def reject(self, number: int, user_id: int, reason: str) -> Approval:
        """End a proposal; errors as `approve`."""
        await self._check_voter(number, user_id)
        ballot = Ballot(number, user_id, agrees=False, reason=reason)
        return await self._store.vote(ballot, self._clock.now_ms())

    async def withdraw(self, number: int, user_id: int) -> Approval:
        """Take one's own proposal back; raises NoSuchApproval, NotProposer, NotPending, Unavailable."""
        approval = await self.approval(number)
        if approval.proposed_by != user_id:
            raise NotProposer
        return await self._store.withdraw(number, user_actor(user_id), self._clock.now_ms())

    async def settle(self, number: int, user_id: int, *, is_done: bool, reason: str) -> Approval:
        """Say what became of one that is `unknown`, having looked; errors as `approve`."""
        await self._check_voter(number, user_id)
        approval = await self.approval(number)
        if approval.status is not Status.UNKNOWN:
            raise NotPending(approval.status.value)
        status = Status.DONE if is_done else Status.FAILED
        ending = Ending(number, status, reason, user_actor(user_id))
        ended = await self._store.end(ending, self._clock.now_ms())
        return ended or await self.approval(number)

    async def approval(self, number: int) -> Approval:
        """Return one; raises NoSuchApproval, Unavailable."""
        found = await self._store.approval(number)
        if found is None:
            raise NoSuchApproval
        return found

    async def page(
        self, status: Status | None, *, before: int | None, limit: int
    ) -> Sequence[Approval]:
        """Return a page, newest first, from below a number on; raises Unavailable."""
        return await self._store.approvals(status, before=before, limit=limit)

    async def look(self) -> None:
        """End what is out of time, go on with what waits, settle what was left behind.

        Raises:
            Unavailable: the database or the engine is out of reach.
        """
        now_ms = self._clock.now_ms()
        await self._store.expire(now_ms)
        waiting = await self._store.waiting(
            approved_before=now_ms - self._options.fresh_ms,
            stuck_before=now_ms - self._options.stuck_ms,
        )
        for approval in waiting:
            if approval.status is Status.APPROVED:
                await self._executor.execute(approval)
            else:
                await self._executor.settle(approval)

    async def run(self) -> None:
        """Look every second, until cancelled."""
        while True:
            try:
                await self.look()
            except Unavailable as error:
                log.warning("approvals_wait", error=str(error))
            await asyncio.sleep(_LOOK_MS / 1000)

    async def _go_on(self, approval: Approval) -> Approval:
        if approval.status is not Status.APPROVED:
            return approval
        try:
            return await self._executor.execute(approval)
        except Unavailable as error:  # it is approved; the loop goes on with it
            log.warning("approval_waits", approval=approval.number, error=str(error))
            return approval

    async def _check_voter(self, number: int, user_id: int) -> None:
        approval = await self.approval(number)
        self._check(approval, user_id)
        if approval.proposed_by == user_id:
            raise OwnProposal

    def _check(self, proposal: Proposal, user_id: int) -> None:
        permission = self._acts[proposal.act].permission
        if not self._roles.may(user_id, permission):
            raise MayNot(permission.value)
        if user_id in proposal.subjects:
            raise OwnCase
