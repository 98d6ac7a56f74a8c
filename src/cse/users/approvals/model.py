"""A proposal on its way: who asked for what, who agreed, and what became of it."""

from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from cse.users.audit import Act, Facts

KEY_BYTES: Final = 16


class Status(StrEnum):
    """How far a proposal is. `pending` and `approved` can expire; what stands below `executing` is over."""

    PENDING = "pending"
    APPROVED = "approved"
    """Enough people agreed; whichever gateway is first executes it."""
    EXECUTING = "executing"
    """One gateway is at it, or died at it; nobody else begins."""
    DONE = "done"
    FAILED = "failed"
    """Nothing was done; `outcome` says why."""
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    """Whether it was done cannot be told by looking: a person finds out (`Approvals.settle`)."""


STALE: Final = "stale"
"""What was so when it was proposed is not so any more."""
PROPOSER_MAY_NOT: Final = "proposer_may_not"
"""Whoever proposed it has lost the permission since."""
APPROVER_MAY_NOT: Final = "approver_may_not"
"""Of those who agreed too few still have the permission: it may have been a stolen session's vote."""
RETRIED: Final = "retried"
"""Something that it needs was away: it is executed again."""
FOUND_DONE: Final = "found_done"
"""The gateway that executed it did not live to say so; what was wanted is so."""
NOT_FOUND_DONE: Final = "not_found_done"
"""As above, but what was wanted is not so."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks for."""

    act: Act
    object: str
    wanted: Facts
    """What the act's executor needs."""
    after: Facts
    """What is to be so, as people and the audit trail read it."""
    reason: str
    proposed_by: int
    """User id."""
    subjects: list[int] = []
    """User ids of those whom it is about: they have no say in it."""
    key: bytes
    """16 bytes that name it: the same again is the same proposal, and the engine's key where it takes one."""


class Place(NamedTuple):
    """Where a step was asked from."""

    session_id: str = ""
    ip: str = ""


class Vote(msgspec.Struct, frozen=True):
    """What somebody said to a proposal."""

    user_id: int
    agrees: bool
    reason: str
    at_ms: int


class Approval(Proposal, frozen=True, kw_only=True):
    """A proposal as it is stored."""

    number: int
    before: Facts
    """What was so when it was proposed."""
    session_id: str
    ip: str
    """Of whoever proposed it."""
    needed: int
    """How many others must agree."""
    proposed_at: int
    expires_at: int
    status: Status
    outcome: str
    """A code; empty unless there is something to say."""
    changed_at: int
    votes: list[Vote]

    @property
    def name(self) -> str:
        """The approval as an object of the audit trail."""
        return f"approval:{self.number}"
