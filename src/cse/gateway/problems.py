"""Refusals as the API tells them: RFC 9457 problem documents with our `code`, `request_id`, `retryable`.

Every error answer of the gateway, over HTTP and over WebSocket, is one of these.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import structlog

from cse.core.errors import CseError, OutcomeUnknown, Unavailable
from cse.messages.events import Rejected
from cse.messages.reject_codes import REFUSALS, RejectCode
from cse.users.registration.verified import NotVerified

log = structlog.get_logger(__name__)

CONTENT_TYPE: Final = b"application/problem+json"

EDGE_CODES: Final[dict[str, tuple[int, str]]] = {
    "invalid_request": (400, "The request does not have the shape that this call takes."),
    "invalid_json": (400, "The body is no JSON that the exchange takes."),
    "invalid_cursor": (400, "The cursor was not given out by this list."),
    "malformed_request": (400, "What came is no HTTP request."),
    "not_authenticated": (401, "Log in first: send `Authorization: Bearer ...`."),
    "forbidden": (403, "You are known, but this is not for you."),
    "not_found": (404, "There is nothing here (or it is not yours)."),
    "method_not_allowed": (405, "This path does not take this method; see the Allow header."),
    "request_timeout": (408, "The request did not arrive in time."),
    "body_too_large": (413, "The request body is larger than the exchange takes."),
    "url_too_long": (414, "The path and the query are longer than the exchange takes."),
    "unsupported_media_type": (415, "The body must be application/json."),
    "head_too_large": (431, "The request line and the headers are larger than the exchange takes."),
    "rate_limited": (429, "Too many requests; wait as long as Retry-After says."),
    "too_many_connections": (429, "This address has too many connections open."),
    "internal_error": (500, "Something went wrong on our side; give us the request id."),
    "outcome_unknown": (503, "It is not known whether this was done: ask by client_order_id."),
    "unavailable": (503, "The exchange cannot do this now; nothing was done; try again."),
    "history_behind": (503, "History is not complete yet; nothing is lost; try again."),
}
"""Codes that the gateway itself gives; the engine's are in messages.reject_codes.REFUSALS."""


class SecondFactorAsked(msgspec.Struct, frozen=True):
    """What a log-in whose password was right can go on with."""

    kinds: list[str]
    """What of `totp`, `passkey` and `recovery_code` can be sent, too; one is enough."""
    passkey_options: dict[str, Any] | None
    """For `PublicKeyCredential.parseRequestOptionsFromJSON`, good once and for five minutes; null: no passkeys."""


class Problem(msgspec.Struct, frozen=True, omit_defaults=False):
    """An RFC 9457 problem document (`application/problem+json`)."""

    type: str
    """Where the code is described."""
    title: str
    status: int
    detail: str
    """What went wrong, in words for the person who reads it."""
    code: str
    """Stable and for programs."""
    request_id: str
    """Also in the header X-Request-Id; quote it when asking for help."""
    retryable: bool
    """True: the same request may succeed later as it is."""
    fields: dict[str, str] | None = None
    """For `invalid_request`: what is wrong with which field."""
    second_factor: SecondFactorAsked | msgspec.UnsetType = msgspec.UNSET
    """With `second_factor_required` only."""


class ApiProblem(CseError):
    """A refusal on its way to the client; whoever answers renders it."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        fields: Mapping[str, str] | None = None,
        retryable: bool = False,
        headers: Mapping[str, str] | None = None,
        second_factor: SecondFactorAsked | msgspec.UnsetType = msgspec.UNSET,
    ) -> None:
        """Hold what the problem document will say; `headers` go onto an HTTP answer."""
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.fields = dict(fields) if fields else None
        self.retryable = retryable
        self.headers = dict(headers or {})
        self.second_factor = second_factor

    def document(self, request_id: str) -> Problem:
        """Return the problem document of this refusal."""
        return Problem(
            type=f"/api/problems/{self.code}",
            title=self.code.replace("_", " ").capitalize(),
            status=self.status,
            detail=self.detail,
            code=self.code,
            request_id=request_id,
            retryable=self.retryable,
            fields=self.fields,
            second_factor=self.second_factor,
        )

    def render(self, request_id: str) -> bytes:
        """Return the problem document as JSON."""
        return msgspec.json.encode(self.document(request_id))


def invalid(fields: Mapping[str, str]) -> ApiProblem:
    """Return the 400 that names what is wrong with which field."""
    detail = "; ".join(f"{name}: {message}" for name, message in fields.items())
    return ApiProblem(400, "invalid_request", detail, fields=fields)


def not_found(what: str) -> ApiProblem:
    """Return the 404 for something that does not exist or is somebody else's."""
    return ApiProblem(404, "not_found", f"There is no such {what}.")


def edge_problem(code: str, detail: str | None = None) -> ApiProblem:
    """Return the problem of one of the gateway's own codes."""
    status, message = EDGE_CODES[code]
    return ApiProblem(status, code, detail or message, retryable=status in {429, 503})


def from_reject_code(
    code: RejectCode, detail: str | None = None, *, fields: Mapping[str, str] | None = None
) -> ApiProblem:
    """Return an engine's refusal as the API tells it."""
    refusal = REFUSALS[code]
    return ApiProblem(refusal.status, code.name.lower(), detail or refusal.message, fields=fields)


def from_rejected(event: Rejected) -> ApiProblem:
    """Return a `Rejected` event as the API tells it."""
    return from_reject_code(event.code)


TOLD: Final = (ApiProblem, Unavailable, OutcomeUnknown, NotVerified)
"""Errors that clients are told of; any other is a fault of ours."""


def from_error(error: CseError) -> ApiProblem:
    """Return what the API tells of an error that crossed a package border; faults of ours are logged."""
    if isinstance(error, ApiProblem):
        return error
    if isinstance(error, NotVerified):
        return ApiProblem(403, "email_not_verified", str(error))
    # What stands behind a colon is why: paths, addresses, drivers' words. Clients are not told.
    told = str(error).partition(": ")[0].removesuffix(".")
    if isinstance(error, OutcomeUnknown):
        code = "outcome_unknown"
        detail = f"{told}. Ask by client_order_id, or send the same again with the same key."
    elif isinstance(error, Unavailable):
        code, detail = "unavailable", f"{told}." if told else EDGE_CODES["unavailable"][1]
    else:
        log.error("unexpected_error", exc_info=error)
        return edge_problem("internal_error")
    return ApiProblem(503, code, detail, retryable=True, headers={"Retry-After": "1"})
