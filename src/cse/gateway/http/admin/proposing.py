"""How the admin API proposes what takes a second person, shows proposals, and tells why one is refused."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

import msgspec

from cse.gateway.concerns import served
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.operations import Call
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.problems import ApiProblem, from_reject_code, not_found
from cse.gateway.schemas import TimeMs
from cse.messages.reject_codes import RejectCode
from cse.users.approvals.errors import ActRefused, ApprovalError
from cse.users.approvals.model import KEY_BYTES, Approval, Place, Proposal
from cse.users.audit import Act, Facts, Value, origin

APPROVAL_CODES: Final[dict[str, tuple[int, str]]] = {
    "second_factor_required_for_staff": (403, "Staff acts with a second factor only: add one."),
    "own_proposal": (403, "Nobody lets through what they proposed: a second person decides."),
    "own_case": (403, "Nobody proposes or decides what is about themselves."),
    "not_proposer": (403, "Only whoever proposed it can withdraw it; others reject it."),
    "approval_not_pending": (409, "The approval is over, or was let through already."),
    "already_voted": (409, "You have approved it already; it takes somebody else."),
    "no_change": (409, "What is proposed is so already."),
    "too_many_pending": (409, "Too many proposals wait; decide some of them first."),
}
"""Codes of staff's calls besides problems.EDGE_CODES: status and meaning."""
_STATUSES: Final = {
    "not_found": 404,
    "forbidden": 403,
    "key_conflict": 409,
    **{code: status for code, (status, _) in APPROVAL_CODES.items()},
}
PROPOSED: Final = 202
_ENGINE: Final = {code.name.lower(): code for code in RejectCode}
StatusName = Literal[
    "pending",
    "approved",
    "executing",
    "done",
    "failed",
    "rejected",
    "withdrawn",
    "expired",
    "unknown",
]


class VoteJson(msgspec.Struct, frozen=True):
    """What somebody said to a proposal."""

    user_id: int
    agrees: bool
    reason: str
    at_ms: TimeMs


class ApprovalJson(msgspec.Struct, frozen=True):
    """A proposal, and how far it is."""

    id: int
    act: str
    """As the audit log calls it, such as `fee_tier.set`."""
    object: str
    before: dict[str, Value]
    """What was so when it was proposed; if it is not so any more, the act fails as `stale`."""
    after: dict[str, Value]
    """What is to be so."""
    reason: str
    proposed_by: int
    """User id."""
    proposed_at: TimeMs
    expires_at: TimeMs
    needed: int
    """How many others must agree."""
    votes: list[VoteJson]
    status: StatusName
    outcome: str
    """Why it failed, or how it was found out; else empty."""
    changed_at: TimeMs


class ApprovalAnswer(msgspec.Struct, frozen=True):
    """A proposal as it stands now."""

    approval: ApprovalJson


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a call asks for, in the words of `Proposal`."""

    act: Act
    object: str
    wanted: Facts
    after: Facts
    reason: str
    subjects: list[int] = []
    key: bytes = b""
    """Empty: the proposal is a new one in any case."""


async def propose(deps: GatewayDeps, call: Call, asked: Wanted) -> Answer:
    """Answer with the caller's proposal: 202, also where nobody else is needed and it was executed at once."""
    return answered(await proposed(deps, call, asked), PROPOSED)


async def proposed(deps: GatewayDeps, call: Call, asked: Wanted) -> Approval:
    """Take a proposal of the caller's.

    Raises:
        ApiProblem: it is refused; see `Approvals.propose`.
        Unavailable: it cannot be taken now; nothing was done.
    """
    proposal = Proposal(
        act=asked.act,
        object=asked.object,
        wanted=asked.wanted,
        after=asked.after,
        reason=asked.reason,
        proposed_by=call.caller.user_id,
        subjects=asked.subjects,
        key=asked.key or secrets.token_bytes(KEY_BYTES),
    )
    place = Place(call.caller.session_id, origin.get().ip)
    with refusals():
        return await served(deps.concerns.approvals).propose(proposal, place)


def answered(approval: Approval, status: int = 200) -> Answer:
    """Return the answer that shows a proposal."""
    return Answer(status, encode(ApprovalAnswer(approval_json(approval))))


def approval_json(approval: Approval) -> ApprovalJson:
    """Return a proposal as the API shows it."""
    return ApprovalJson(
        id=approval.number,
        act=approval.act.value,
        object=approval.object,
        before=dict(approval.before),
        after=dict(approval.after),
        reason=approval.reason,
        proposed_by=approval.proposed_by,
        proposed_at=approval.proposed_at,
        expires_at=approval.expires_at,
        needed=approval.needed,
        votes=[VoteJson(*msgspec.structs.astuple(vote)) for vote in approval.votes],
        status=approval.status.value,
        outcome=approval.outcome,
        changed_at=approval.changed_at,
    )


@contextmanager
def refusals() -> Iterator[None]:
    """Let refusals of proposals be problems."""
    try:
        yield
    except ApprovalError as error:
        raise ApiProblem(_STATUSES[error.code], error.code, str(error)) from error
    except ActRefused as error:
        engine = _ENGINE.get(error.code)
        raise (
            from_reject_code(engine) if engine else not_found(error.code.removesuffix("_not_found"))
        ) from error
