"""/api/identity and /api/identity-checks: one's own level, and the checks that raise it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from cse.gateway.concerns import served
from cse.gateway.cursors import IDENTITY_CHECKS, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.lists import Page, parse_id
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.problems import ApiProblem, edge_problem, invalid
from cse.gateway.requests import decode
from cse.users.errors import InvalidField
from cse.users.identity_checks.errors import REFUSALS, IdentityRefusal, NoSuchCheck
from cse.users.identity_checks.files import TAKEN
from cse.users.identity_checks.levels import limits_table
from cse.users.identity_checks.model import (
    MAX_DOCUMENT_BYTES,
    Document,
    DocumentKind,
    PersonalData,
)
from cse.users.identity_checks.own_checks import OwnChecks, Told
from cse.users.identity_checks.service import IdentityChecks

TAG: Final = "people"
IDENTITY_CODES: Final[dict[str, tuple[int, str]]] = {
    refusal.code: (refusal.status, refusal.meaning) for refusal in REFUSALS
}
"""Codes of these calls besides problems.EDGE_CODES: status and meaning."""
CHECK: Final = {"check_id": {"type": "integer", "minimum": 1}}
KindName = Literal["identity_document", "selfie", "proof_of_address", "source_of_funds"]
StatusName = Literal[
    "draft", "submitted", "held", "more_needed", "approved", "rejected", "withdrawn"
]
TimeMs = Annotated[int, Meta(description="Unix milliseconds.")]


class CheckRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A check to begin."""

    level: Annotated[int, Meta(ge=1, le=3)]
    """The one above your own."""
    data: PersonalData | None = None
    """Left out: as in your last check that was approved."""


class DataRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Other personal data."""

    data: PersonalData


class DocumentQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file is to show."""

    kind: KindName


class DocumentJson(msgspec.Struct, frozen=True):
    """A document, without what is in it."""

    document_id: int
    kind: KindName
    media: str
    """As it is kept: pictures are made anew, as JPEG."""
    size_bytes: int
    uploaded_at: TimeMs
    deleted_at: TimeMs | None


class CheckJson(msgspec.Struct, frozen=True):
    """A check of one's own."""

    check_id: int
    level: int
    status: StatusName
    progress: str
    """Of one that is handed in: `in_queue`, `in_review`, or another word of who looks at it; else empty."""
    missing: list[KindName]
    """Documents that must be added before it can be handed in."""
    documents: list[DocumentJson]
    reason: str
    note: str
    """What you are asked for, or why it was decided so."""
    created_at: TimeMs
    submitted_at: TimeMs | None
    decided_at: TimeMs | None


class CheckList(msgspec.Struct, frozen=True):
    """A page of own checks, newest first."""

    checks: list[CheckJson]
    next_cursor: str | None


class LevelJson(msgspec.Struct, frozen=True):
    """What a level lets one do."""

    level: int
    may_trade: bool
    may_hold_withdraw_keys: bool


class IdentityAnswer(msgspec.Struct, frozen=True):
    """One's own level, and what each level lets one do here."""

    level: int
    levels: list[LevelJson]


class DocumentAdded(msgspec.Struct, frozen=True):
    """The document is kept, sealed."""

    document_id: int


class IdentityCalls:
    """Own identity over HTTP. Only a person's log-in opens these calls, never an API key."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the user service."""
        self._deps = deps

    async def identity(self, call: Call) -> Answer:
        """Return the own identity level, and what each level lets one do."""
        level = await self._own.level_of(_person(call))
        table = [LevelJson(*row) for row in limits_table(self._checks.rules)]
        return Answer(200, encode(IdentityAnswer(level, table)))

    async def checks(self, call: Call) -> Answer:
        """Return own identity checks, newest first, with what is missing."""
        wanted: Page = call.query(Page)
        after = read_cursor(IDENTITY_CHECKS, wanted.cursor)
        found = await self._own.listed(
            _person(call), before=after[0] if after else None, limit=wanted.limit + 1
        )
        page = found[: wanted.limit]
        more = len(found) > wanted.limit
        cursor = write_cursor(IDENTITY_CHECKS, page[-1].check.check_id) if more else None
        return Answer(200, encode(CheckList([_check(told) for told in page], cursor)))

    async def begin(self, call: Call) -> Answer:
        """Begin a check for the level above the own one. It is a draft until it is submitted; one at a time."""
        asked = decode(CheckRequest, call.body)
        with refusals():
            told = await self._own.begin(_person(call), asked.level, asked.data)
        return Answer(201, encode(_check(told)))

    async def change_data(self, call: Call) -> Answer:
        """Put other personal data into a check that is a draft, or that more was asked for."""
        asked = decode(DataRequest, call.body)
        with refusals():
            told = await self._own.change_data(_person(call), check_id(call), asked.data)
        return Answer(200, encode(_check(told)))

    async def add_document(self, call: Call) -> Answer:
        """Add a document: the body is a PDF, JPEG or PNG of at most 10 MiB, pictures of 25 million pixels.

        It is what its content says, whatever it is called. Pictures are made anew. It is kept encrypted; only the
        exchange's reviewers can see it, and each look is recorded.
        """
        wanted: DocumentQuery = call.query(DocumentQuery)
        media = call.context.headers[b"content-type"].partition(b";")[0].strip().lower()
        with refusals():
            document_id = await self._own.add_document(
                _person(call),
                check_id(call),
                DocumentKind(wanted.kind),
                media.decode("latin-1"),
                call.body,
            )
        return Answer(201, encode(DocumentAdded(document_id)))

    async def submit(self, call: Call) -> Answer:
        """Hand a check in for review. Again: nothing more happens."""
        with refusals():
            told = await self._own.submit(_person(call), check_id(call))
        return Answer(200, encode(_check(told)))

    async def withdraw(self, call: Call) -> Answer:
        """Withdraw a check that is not decided; its documents are deleted later. Again: nothing more happens."""
        with refusals():
            told = await self._own.withdraw(_person(call), check_id(call))
        return Answer(200, encode(_check(told)))

    @property
    def _checks(self) -> IdentityChecks:
        return served(self._deps.concerns.identity_checks)

    @property
    def _own(self) -> OwnChecks:
        return self._checks.own


def check_id(call: Call) -> int:
    """Return which check the path names; raises NoSuchCheck."""
    found = parse_id(call.path["check_id"])
    if found is None:
        raise NoSuchCheck
    return found


def document_json(document: Document) -> DocumentJson:
    """Return a document as it is shown, without what is in it."""
    return DocumentJson(
        document_id=document.document_id,
        kind=document.kind.value,
        media=document.media,
        size_bytes=document.size_bytes,
        uploaded_at=document.uploaded_at,
        deleted_at=document.deleted_at,
    )


@contextmanager
def refusals() -> Iterator[None]:
    """Tell refusals as the API tells them; what is no refusal passes through."""
    try:
        yield
    except InvalidField as error:
        raise invalid({f"data.{error.field}": error.reason}) from error
    except IdentityRefusal as error:
        raise ApiProblem(error.status, error.code, str(error)) from error


def _check(told: Told) -> CheckJson:
    check = told.check
    return CheckJson(
        check_id=check.check_id,
        level=check.level,
        status=check.status.value,
        progress=told.progress,
        missing=[kind.value for kind in told.missing],
        documents=[document_json(each) for each in told.documents],
        reason=check.reason,
        note=check.note,
        created_at=check.created_at,
        submitted_at=check.submitted_at,
        decided_at=check.decided_at,
    )


def _person(call: Call) -> int:
    """Return who is logged in; API keys are not people."""
    if not call.caller.user_id:
        raise edge_problem("forbidden", "This is for people who log in, not for API keys.")
    return call.caller.user_id


def identity_check_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about one's own identity."""
    calls, read, one = IdentityCalls(deps), Need.READ, "/api/identity-checks/{check_id}"
    about = Operation(
        "PUT",
        one,
        calls.change_data,
        "Change the personal data of an identity check",
        TAG,
        CheckJson,
        read,
        statuses=(403, 404, 409),
        parameters=CHECK,
    )
    return [
        Operation(
            "GET", "/api/identity", calls.identity, "Own identity level", TAG, IdentityAnswer, read
        ),
        Operation(
            "GET",
            "/api/identity-checks",
            calls.checks,
            "Own identity checks",
            TAG,
            CheckList,
            read,
            query=Page,
        ),
        Operation(
            "POST",
            "/api/identity-checks",
            calls.begin,
            "Begin an identity check",
            TAG,
            CheckJson,
            read,
            body=CheckRequest,
            status=201,
            statuses=(403, 409),
        ),
        about._replace(body=DataRequest),
        about._replace(
            method="POST",
            path=f"{one}/documents",
            handler=calls.add_document,
            summary="Add a document to an identity check",
            answer=DocumentAdded,
            query=DocumentQuery,
            status=201,
            max_body_bytes=MAX_DOCUMENT_BYTES,
            takes=TAKEN,
        ),
        about._replace(
            method="POST",
            path=f"{one}/submit",
            handler=calls.submit,
            summary="Hand in an identity check",
        ),
        about._replace(
            method="POST",
            path=f"{one}/withdraw",
            handler=calls.withdraw,
            summary="Withdraw an identity check",
        ),
    ]
