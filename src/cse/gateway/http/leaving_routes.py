"""/api/account/export and /api/account/close: people take their data with them, and leave."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from cse.core.clock import Clock
from cse.gateway.concerns import served
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.operations import Call, Operation
from cse.gateway.http.session_cookie import session_cookies
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.problems import ApiProblem, edge_problem, invalid
from cse.gateway.requests import decode
from cse.gateway.schemas import TimeMs
from cse.users.errors import InvalidField, UnknownUser
from cse.users.leaving.closure import Closures
from cse.users.leaving.export import Exports
from cse.users.leaving.model import ExportRuns, NotEmpty, TooManyExports, WrongHandle
from cse.users.profiles.text import clean_text

TAG: Final = "people"
LEAVING_CODES: Final[dict[str, tuple[int, str]]] = {
    "closure_refused": (409, "The account cannot be closed yet; `fields` says why, by account."),
    "export_runs": (409, "An export of your data is under way."),
    "too_many_exports": (429, "No more exports can be made today; wait as Retry-After says."),
}
"""Codes of these calls besides problems.EDGE_CODES: status and meaning."""
_MAX_REASON: Final = 500
_EXPORT_HEADERS: Final = {
    "Content-Disposition": 'attachment; filename="cs-exchange-export.ndjson"',
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class CloseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The own handle, typed as a confirmation."""

    handle: Annotated[str, Meta(max_length=64, examples=["your_handle"])]
    reason: Annotated[str, Meta(max_length=2_000)] = ""
    """Why, in your own words (at most 500 characters); nobody has to say."""


class CloseAnswer(msgspec.Struct, frozen=True):
    """Whether it is done."""

    status: Literal["closed", "closing"]
    """`closing`: part of the exchange is out of reach; it is done by itself as soon as it can be."""
    closed_at: TimeMs | None


class ExportInfo(msgspec.Struct, frozen=True):
    """An export that was begun."""

    export_id: str
    asked_at: TimeMs
    finished_at: TimeMs | None
    """Null: under way, or its server stopped."""
    lines: int
    """That it had when it ended."""


class ExportList(msgspec.Struct, frozen=True):
    """The last exports, newest first; at most 20."""

    exports: list[ExportInfo]


class LeavingCalls:
    """Leaving over HTTP: for people who log in, never for API keys."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the user service."""
        self._deps = deps
        self._cookies = session_cookies(deps)

    async def close(self, call: Call) -> Answer:
        """Close all own accounts for good. Refused while there are open orders, money, holds or an office.

        Keys and sessions end, profile, picture and second factors are deleted; a letter says so. The name is kept as
        long as the law asks, five years, and deleted then.
        """
        asked = decode(CloseRequest, call.body)
        is_browser = self._cookies.is_browser(call.context)
        closures: Closures = served(self._deps.concerns.closures)
        with _refusals(self._deps.clock):
            reason = clean_text("reason", asked.reason, _MAX_REASON)
            closure = await closures.close(_person(call), asked.handle, reason)
        if is_browser:
            self._cookies.forget(call.context)
        if closure.closed_at is None:
            return Answer(202, encode(CloseAnswer("closing", None)))
        return Answer(200, encode(CloseAnswer("closed", closure.closed_at)))

    async def export(self, call: Call) -> Answer:
        """Send everything that is held about the caller: one JSON object a line, each with its `kind`.

        The last line is of the kind `end` and says how many lines came before it; without it something was cut off.
        One at a time, three within 24 hours. Nothing secret is in it.
        """
        exports: Exports = served(self._deps.concerns.exports)
        with _refusals(self._deps.clock):
            _, text = await exports.begin(_person(call))
        return Answer(200, b"", _EXPORT_HEADERS, text)

    async def exports(self, call: Call) -> Answer:
        """Return which exports were made of the caller's data."""
        exports: Exports = served(self._deps.concerns.exports)
        recent = [
            ExportInfo(each.export_id, each.asked_at, each.finished_at, each.lines)
            for each in await exports.recent(_person(call))
        ]
        return Answer(200, encode(ExportList(recent)))


def leaving_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about leaving."""
    calls, read, path = LeavingCalls(deps), Need.READ, "/api/account/export"
    return [
        Operation(
            "POST",
            "/api/account/close",
            calls.close,
            "Close the own account",
            TAG,
            CloseAnswer,
            read,
            body=CloseRequest,
            statuses=(409,),
            also={202: "It goes on by itself."},
        ),
        Operation(
            "POST",
            path,
            calls.export,
            "Take the own data along",
            TAG,
            None,
            read,
            statuses=(409,),
            media="application/x-ndjson",
        ),
        Operation("GET", path, calls.exports, "Exports that were made", TAG, ExportList, read),
    ]


@contextmanager
def _refusals(clock: Clock) -> Iterator[None]:
    """Tell the user service's refusals as the API tells them; what is no refusal passes through."""
    try:
        yield
    except InvalidField as error:
        raise invalid({error.field: error.reason}) from error
    except WrongHandle as error:
        raise invalid({"handle": "is not your handle: type it to confirm"}) from error
    except NotEmpty as error:
        fields: dict[str, str] = {}
        for each in error.obstacles:
            place = f"account {each.account_id}"
            fields[place] = f"{fields[place]}; {each.detail}" if place in fields else each.detail
        raise ApiProblem(409, "closure_refused", str(error), fields=fields) from error
    except ExportRuns as error:
        raise ApiProblem(409, "export_runs", str(error), retryable=True) from error
    except TooManyExports as error:
        wait = {"Retry-After": str(-(-max(1, error.until_ms - clock.now_ms()) // 1000))}
        raise ApiProblem(
            429, "too_many_exports", str(error), retryable=True, headers=wait
        ) from error
    except UnknownUser as error:
        raise ApiProblem(401, "invalid_token", str(error)) from error


def _person(call: Call) -> int:
    """Return who is logged in; API keys are not people."""
    if not call.caller.user_id:
        raise edge_problem("forbidden", "This is for people who log in, not for API keys.")
    return call.caller.user_id
