"""Ports of approvals: where they are stored, and what executes each kind of act."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from cse.users.approvals.model import Approval, Place, Proposal, Status
from cse.users.audit import Act, AuditAct, Facts, user_actor
from cse.users.authority import Permission

MAX_PENDING: Final = 1_000
"""Proposals that may wait at once."""


class Terms(NamedTuple):
    """What a proposal is stored with."""

    before: Facts
    place: Place
    needed: int
    """0: it is approved by itself."""
    at_ms: int
    expires_at: int


class Ballot(NamedTuple):
    """What somebody says to a proposal."""

    number: int
    user_id: int
    agrees: bool
    reason: str


class Ending(NamedTuple):
    """What became of an execution."""

    number: int
    status: Status
    outcome: str
    actor: str = "system"
    """Who says so: the exchange, or a person who found out."""


class ApprovalStore(Protocol):
    """Proposals. Every method is one transaction, with the step's record in the audit log; all raise Unavailable."""

    async def propose(self, proposal: Proposal, terms: Terms) -> Approval:
        """Store a proposal; the same key again returns the one that is there.

        Raises:
            KeyTaken: the key names something else.
            TooManyPending: see MAX_PENDING.
        """
        ...

    async def approval(self, number: int) -> Approval | None:
        """Return one."""
        ...

    async def approvals(
        self, status: Status | None, *, before: int | None, limit: int
    ) -> Sequence[Approval]:
        """Return some, newest first, from below a number on."""
        ...

    async def vote(self, ballot: Ballot, at_ms: int) -> Approval:
        """Count a vote: one against ends it, the last that is needed approves it.

        Raises:
            NoSuchApproval, NotPending: also when it has expired.
            AlreadyVoted: this person has.
        """
        ...

    async def withdraw(self, number: int, actor: str, at_ms: int) -> Approval:
        """Take a proposal back that is pending; raises NoSuchApproval, NotPending."""
        ...

    async def claim(self, number: int, at_ms: int) -> Approval | None:
        """Begin to execute what is approved and has not expired; of many at once one gets it.

        None: it is not approved (any more), or something else is being done to the same object just now.
        """
        ...

    async def release(self, number: int, at_ms: int) -> Approval | None:
        """Nothing was done: approved again, to be retried; None: it is not executing any more."""
        ...

    async def end(self, ending: Ending, at_ms: int) -> Approval | None:
        """Say what became of what was `executing` or `unknown`; None: that is known already."""
        ...

    async def waiting(self, *, approved_before: int, stuck_before: int) -> Sequence[Approval]:
        """Return what has been approved, and what has been executing, since such times or longer."""
        ...

    async def expire(self, at_ms: int) -> int:
        """End what is pending or approved and out of time; return how many."""
        ...


class Execution(NamedTuple):
    """An approved act that is to be done now."""

    approval: Approval

    @property
    def wanted(self) -> Facts:
        """What is to be done."""
        return self.approval.wanted

    @property
    def actor(self) -> str:
        """Who does it: the proposer."""
        return user_actor(self.approval.proposed_by)

    @property
    def signed(self) -> Facts:
        """What the act's own record says of the approval."""
        agreed = [user_actor(vote.user_id) for vote in self.approval.votes if vote.agrees]
        return {"approval": self.approval.name, "approved_by": agreed}

    @property
    def record(self) -> AuditAct:
        """The act's own record: who did it, and who approved it."""
        approval = self.approval
        return AuditAct(
            act=approval.act,
            actor=self.actor,
            object=approval.object,
            before=approval.before,
            after={**approval.after, **self.signed},
            reason=approval.reason,
        )


class Executable(NamedTuple):
    """One kind of act that goes through approvals."""

    permission: Permission
    """Of whoever proposes it, and of whoever approves it."""
    now: Callable[[Facts], Awaitable[Facts]]
    """Return what is so now, in the form of `before` and `after`; raises ActRefused if there is no such object."""
    execute: Callable[[Execution], Awaitable[None]]
    """Record it, then do it. Raises ActRefused and Unavailable (nothing was done), OutcomeUnknown."""
    is_repeatable: bool = False
    """Whether executing it twice does it once (the engine knows its key)."""


Acts = Mapping[Act, Executable]
"""The table of everything that takes a second person."""
