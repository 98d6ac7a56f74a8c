"""GET and DELETE /api/sessions, DELETE /api/sessions/{session_id}: a person's log-ins, by device."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cse.gateway.cursors import SESSIONS, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.lists import Page
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.problems import not_found
from cse.gateway.schemas import TimeMs
from cse.users.model import SeenSession

TAG: Final = "people"
_SESSION_ID: Final = "^[0-9a-f]{32}$"
_CURSOR_DIGITS: Final = 13
"""Of a session id: 52 bits fit into a cursor, and no person has two log-ins that share them in one millisecond."""


class SessionJson(msgspec.Struct, frozen=True, rename={"session_id": "id"}):
    """A log-in that is not over."""

    session_id: Annotated[str, Meta(pattern=_SESSION_ID)]
    current: bool
    """Whether this call was made with it."""
    user_agent: Annotated[str, Meta(max_length=256, examples=["Mozilla/5.0 (X11; Linux x86_64)"])]
    """What the client said that it is when it logged in; nobody has checked it. Empty: nothing."""
    created_at: TimeMs
    created_from: Annotated[str, Meta(examples=["203.0.113.7", "2001:db8::7"])]
    """Client address of the log-in; empty: not known."""
    last_used_at: TimeMs
    """A minute behind at most."""
    last_used_from: Annotated[str, Meta(examples=["203.0.113.7"])]
    expires_at: TimeMs
    """When it ends unless it is refreshed."""
    ends_at: TimeMs
    """When it ends however often it is refreshed."""


class SessionPage(msgspec.Struct, frozen=True):
    """A page of own sessions, newest first."""

    sessions: list[SessionJson]
    next_cursor: str | None


class SessionsEnded(msgspec.Struct, frozen=True):
    """How many sessions ended by the call."""

    ended: int


class SessionEnded(msgspec.Struct, frozen=True):
    """The session that is over."""

    session_id: Annotated[str, Meta(pattern=_SESSION_ID)]


class SessionCalls:
    """Own sessions over HTTP. Only a person's log-in opens these calls, never an API key."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the user service."""
        self._deps = deps

    async def sessions(self, call: Call) -> Answer:
        """Return own sessions that are not over, newest first, each with its device.

        Programs that log in by an API key have no session here: /api/keys lists their keys.
        """
        wanted: Page = call.query(Page)
        after = read_cursor(SESSIONS, wanted.cursor)
        found = await self._deps.users.session_list.page(
            call.caller.user_id,
            before=(after[0], f"{after[1]:0{_CURSOR_DIGITS}x}") if after else None,
            limit=wanted.limit + 1,
        )
        page = found[: wanted.limit]
        cursor = _cursor(page[-1]) if len(found) > wanted.limit else None
        shown = [_json(session, call.caller.session_id) for session in page]
        return Answer(200, encode(SessionPage(shown, cursor)))

    async def end(self, call: Call) -> Answer:
        """End one own session, also the current one: its tokens are refused and its streams end within a second.

        Ending it again answers the same.
        """
        session_id = call.path["session_id"]
        if not await self._deps.users.session_list.end(call.caller.user_id, session_id):
            raise not_found("session")
        return Answer(200, encode(SessionEnded(session_id)))

    async def end_others(self, call: Call) -> Answer:
        """End all own sessions but the one that this call is made with, everywhere within a second.

        API keys and the order-entry sessions that they opened go on: delete the keys to end those.
        """
        caller = call.caller
        ended = await self._deps.users.session_list.end_others(caller.user_id, caller.session_id)
        return Answer(200, encode(SessionsEnded(ended)))


def session_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about own sessions."""
    calls, read = SessionCalls(deps), Need.READ
    path = "/api/sessions"
    return [
        Operation("GET", path, calls.sessions, "Own sessions", TAG, SessionPage, read, query=Page),
        Operation(
            "DELETE",
            path,
            calls.end_others,
            "End all sessions but the current one",
            TAG,
            SessionsEnded,
            read,
        ),
        Operation(
            "DELETE",
            path + "/{session_id}",
            calls.end,
            "End a session",
            TAG,
            SessionEnded,
            read,
            statuses=(404,),
            parameters={"session_id": {"type": "string", "pattern": _SESSION_ID}},
        ),
    ]


def _cursor(last: SeenSession) -> str:
    return write_cursor(SESSIONS, last.created_at, int(last.session_id[:_CURSOR_DIGITS], 16))


def _json(session: SeenSession, current: str) -> SessionJson:
    return SessionJson(
        session_id=session.session_id,
        current=session.session_id == current,
        user_agent=session.user_agent,
        created_at=session.created_at,
        created_from=session.began_from,
        last_used_at=session.used_at,
        last_used_from=session.used_from,
        expires_at=session.expires_at,
        ends_at=session.ends_at,
    )
