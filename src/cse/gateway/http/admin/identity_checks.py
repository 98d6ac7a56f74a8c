"""Staff reviews identity checks, looks at documents, takes levels away; risk staff decides about likenesses."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from cse.gateway.concerns import served
from cse.gateway.cursors import IDENTITY_HITS, IDENTITY_QUEUE, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import TAG, USER, Reason, ReasonOnly
from cse.gateway.http.admin.proposing import PROPOSED, ApprovalAnswer, Wanted, propose
from cse.gateway.http.identity_check_routes import (
    CHECK,
    DocumentJson,
    StatusName,
    TimeMs,
    check_id,
    document_json,
    refusals,
)
from cse.gateway.http.lists import Page, parse_id
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.requests import decode
from cse.users.audit import Act
from cse.users.authority import Permission
from cse.users.identity_checks.documents import check_object
from cse.users.identity_checks.errors import NoSuchCheck, NoSuchPerson
from cse.users.identity_checks.files import JPEG, PDF
from cse.users.identity_checks.manual import Dossier
from cse.users.identity_checks.model import Check, Hit, PersonalData, Status
from cse.users.identity_checks.service import IdentityChecks

_ENDINGS: Final = {PDF: "pdf", JPEG: "jpg"}
_DECISIONS: Final = {
    "approve": Status.APPROVED,
    "reject": Status.REJECTED,
    "ask_for_more": Status.MORE_NEEDED,
}
HitStatus = Literal["open", "cleared", "confirmed"]
_HIT: Final = {"hit_id": {"type": "integer", "minimum": 1}}
_DOCUMENT: Final = {**CHECK, "document_id": {"type": "integer", "minimum": 1}}


class QueueQuery(Page, frozen=True, forbid_unknown_fields=True):
    """Which checks."""

    status: StatusName = "submitted"


class HitQuery(Page, frozen=True, forbid_unknown_fields=True):
    """Which likenesses."""

    status: HitStatus = "open"


class StaffCheck(msgspec.Struct, frozen=True):
    """A check in the queue; who it is about is shown by the check itself alone."""

    check_id: int
    user_id: int
    level: int
    status: StatusName
    provider: str
    reviewer_id: int | None
    """Whose desk it lies on; of a decided one, who decided."""
    reason: str
    note: str
    created_at: TimeMs
    submitted_at: TimeMs | None
    decided_at: TimeMs | None


class StaffCheckList(msgspec.Struct, frozen=True):
    """A page of checks, oldest first."""

    checks: list[StaffCheck]
    next_cursor: str | None


class HitJson(msgspec.Struct, frozen=True):
    """A name that is like one of the sanctions list."""

    hit_id: int
    check_id: int
    user_id: int
    entry_id: str
    """The list's own id of the person."""
    entry_name: str
    likeness: int
    """In percent; 100: the same words."""
    status: HitStatus
    found_at: TimeMs
    decided_at: TimeMs | None
    decided_by: int | None


class HitList(msgspec.Struct, frozen=True):
    """A page of likenesses, oldest first."""

    hits: list[HitJson]
    next_cursor: str | None


class StaffDossier(msgspec.Struct, frozen=True):
    """All that is known of a check."""

    check: StaffCheck
    data: PersonalData
    documents: list[DocumentJson]
    hits: list[HitJson]


class DecisionRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is decided about a check that you have claimed."""

    decision: Literal["approve", "reject", "ask_for_more"]
    reason: Reason
    note: Annotated[str, Meta(max_length=1_000)] = ""
    """For the person, in plain words."""


class LevelRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The level that is left."""

    level: Annotated[int, Meta(ge=0, le=3)]
    reason: Reason


class LevelAnswer(msgspec.Struct, frozen=True):
    """What a person's level was and is."""

    user_id: int
    before: int
    level: int


class ReviewCalls:
    """Reviews over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the user service."""
        self._deps = deps

    async def queue(self, call: Call) -> Answer:
        """Return identity checks in a state, oldest first; those that are held wait for risk staff."""
        wanted: QueueQuery = call.query(QueueQuery)
        after = read_cursor(IDENTITY_QUEUE, wanted.cursor)
        found = await self._checks.reviews.queue(
            Status(wanted.status), after=after[0] if after else 0, limit=wanted.limit + 1
        )
        page, more = found[: wanted.limit], len(found) > wanted.limit
        cursor = write_cursor(IDENTITY_QUEUE, page[-1].check_id) if more else None
        return Answer(200, encode(StaffCheckList([_check(each) for each in page], cursor)))

    async def dossier(self, call: Call) -> Answer:
        """Return a check with the person's data. That it was looked at is recorded first."""
        with refusals():
            found = await self._checks.reviews.dossier(check_id(call), call.caller.actor)
        return Answer(200, encode(_dossier(found)))

    async def document(self, call: Call) -> Answer:
        """Return a document as a download. That it was looked at is recorded first."""
        document_id = parse_id(call.path["document_id"])
        with refusals():
            if document_id is None:
                raise NoSuchCheck
            opened = await self._checks.reviews.document(
                check_id(call), document_id, call.caller.actor
            )
        name = f"check-{opened.document.check_id}-{document_id}.{_ENDINGS[opened.document.media]}"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
            "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        return Answer(200, opened.data, headers)

    async def claim(self, call: Call) -> Answer:
        """Put a submitted check on your desk: for half an hour nobody else can decide it. Again: from now on."""
        with refusals():
            check = await self._checks.reviews.claim(check_id(call), call.caller.user_id)
        return Answer(200, encode(_check(check)))

    async def release(self, call: Call) -> Answer:
        """Take a check from your desk. Again: nothing more happens."""
        with refusals():
            check = await self._checks.reviews.release(check_id(call), call.caller.user_id)
        return Answer(200, encode(_check(check)))

    async def decide(self, call: Call) -> Answer:
        """Approve a check on your desk, reject it, or ask its person for more. Nobody decides about themself."""
        asked = decode(DecisionRequest, call.body)
        with refusals():
            check = await self._checks.reviews.decide(
                check_id(call),
                call.caller.user_id,
                _DECISIONS[asked.decision],
                asked.reason,
                asked.note,
            )
        return Answer(200, encode(_check(check)))

    async def lower(self, call: Call) -> Answer:
        """Take a person's identity level away, or some of it. It is raised by a check alone."""
        asked = decode(LevelRequest, call.body)
        user_id = parse_id(call.path["user_id"])
        with refusals():
            if user_id is None:
                raise NoSuchPerson
            before = await self._checks.reviews.lower(
                user_id, asked.level, call.caller.user_id, asked.reason
            )
        return Answer(200, encode(LevelAnswer(user_id, before, asked.level)))

    async def hits(self, call: Call) -> Answer:
        """Return likenesses to the sanctions list, oldest first."""
        wanted: HitQuery = call.query(HitQuery)
        after = read_cursor(IDENTITY_HITS, wanted.cursor)
        found = await self._checks.holds.hits(
            wanted.status, after=after[0] if after else 0, limit=wanted.limit + 1
        )
        page, more = found[: wanted.limit], len(found) > wanted.limit
        cursor = write_cursor(IDENTITY_HITS, page[-1].hit_id) if more else None
        return Answer(200, encode(HitList([_hit(each) for each in page], cursor)))

    async def clear(self, call: Call) -> Answer:
        """Propose that it is somebody else. When a held check has no open likeness left it goes on to review."""
        asked = decode(ReasonOnly, call.body)
        with refusals():
            hit = await self._checks.holds.hit(_hit_id(call))
        wanted = Wanted(
            act=Act.SANCTIONS_HIT_CLEARED,
            object=check_object(hit.check_id),
            wanted={"hit_id": hit.hit_id},
            after={"hit_id": hit.hit_id, "status": "cleared"},
            reason=asked.reason,
            subjects=[hit.user_id],
        )
        return await propose(self._deps, call, wanted)

    async def confirm(self, call: Call) -> Answer:
        """Say that it is them: the person's accounts are frozen, and a check that waits is rejected."""
        asked = decode(ReasonOnly, call.body)
        with refusals():
            hit = await self._checks.holds.decide(
                _hit_id(call), call.caller.user_id, asked.reason, confirmed=True
            )
        return Answer(200, encode(_hit(hit)))

    @property
    def _checks(self) -> IdentityChecks:
        return served(self._deps.concerns.identity_checks)


def review_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about other people's identity."""
    calls, base = ReviewCalls(deps), "/api/admin/identity-checks"
    get = Operation(
        "GET",
        base,
        calls.queue,
        "Identity checks to review",
        TAG,
        StaffCheckList,
        Need.READ,
        query=QueueQuery,
        permission=Permission.IDENTITY_REVIEW,
    )
    one = get._replace(query=None, statuses=(403, 404), parameters=CHECK, answer=StaffCheck)
    act = one._replace(method="POST", statuses=(403, 404, 409))
    return [
        get,
        one._replace(
            path=f"{base}/{{check_id}}",
            handler=calls.dossier,
            summary="An identity check with its person's data",
            answer=StaffDossier,
        ),
        one._replace(
            path=f"{base}/{{check_id}}/documents/{{document_id}}",
            handler=calls.document,
            summary="Download a document",
            answer=None,
            media="application/octet-stream",
            parameters=_DOCUMENT,
        ),
        act._replace(
            path=f"{base}/{{check_id}}/claim",
            handler=calls.claim,
            summary="Put an identity check on your desk",
        ),
        act._replace(
            path=f"{base}/{{check_id}}/release",
            handler=calls.release,
            summary="Take an identity check from your desk",
        ),
        act._replace(
            path=f"{base}/{{check_id}}/decision",
            handler=calls.decide,
            summary="Decide an identity check",
            body=DecisionRequest,
        ),
        act._replace(
            path="/api/admin/users/{user_id}/identity-level",
            handler=calls.lower,
            summary="Lower a person's identity level",
            body=LevelRequest,
            answer=LevelAnswer,
            parameters=USER,
        ),
        *_hit_operations(calls, get),
    ]


def _hit_operations(calls: ReviewCalls, get: Operation) -> list[Operation]:
    base = "/api/admin/sanctions-hits"
    listed = get._replace(
        path=base,
        handler=calls.hits,
        summary="Likenesses to the sanctions list",
        answer=HitList,
        query=HitQuery,
        permission=Permission.IDENTITY_HOLDS,
    )
    act = listed._replace(
        method="POST",
        query=None,
        answer=HitJson,
        body=ReasonOnly,
        parameters=_HIT,
        statuses=(403, 404, 409),
    )
    return [
        listed,
        act._replace(
            path=f"{base}/{{hit_id}}/clear",
            handler=calls.clear,
            summary="Propose to clear a likeness",
            answer=ApprovalAnswer,
            status=PROPOSED,
        ),
        act._replace(
            path=f"{base}/{{hit_id}}/confirm", handler=calls.confirm, summary="Confirm a likeness"
        ),
    ]


def _hit_id(call: Call) -> int:
    hit_id = parse_id(call.path["hit_id"])
    if hit_id is None:
        raise NoSuchCheck("There is no such likeness.")
    return hit_id


def _check(check: Check) -> StaffCheck:
    return StaffCheck(
        check_id=check.check_id,
        user_id=check.user_id,
        level=check.level,
        status=check.status.value,
        provider=check.provider,
        reviewer_id=check.reviewer_id,
        reason=check.reason,
        note=check.note,
        created_at=check.created_at,
        submitted_at=check.submitted_at,
        decided_at=check.decided_at,
    )


def _hit(hit: Hit) -> HitJson:
    shown: dict[str, Any] = msgspec.structs.asdict(hit)
    del shown["entry_digest"]
    return HitJson(**shown)


def _dossier(found: Dossier) -> StaffDossier:
    return StaffDossier(
        _check(found.check),
        found.data,
        [document_json(each) for each in found.documents],
        [_hit(each) for each in found.hits],
    )
