"""What the edge knows of one request; everything further in finds it in the ASGI scope."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
RawHeaders = list[tuple[bytes, bytes]]

KEY: Final = "cse.request"
"""Where the context stands in the scope."""


class RequestContext:
    """One HTTP request, read once at the edge."""

    __slots__ = (
        "answer_headers",
        "body",
        "headers",
        "limit_headers",
        "request_id",
        "route",
        "scope",
        "status",
    )

    def __init__(self, scope: Scope, request_id: str, headers: dict[bytes, bytes]) -> None:
        """Begin without a body and without a route."""
        self.scope = scope
        self.request_id = request_id
        self.headers = headers
        """By lower-case name; the last one of a name counts."""
        self.body = b""
        self.route = ""
        """The path template that took it, for metrics; empty when none did."""
        self.answer_headers: RawHeaders = []
        """Headers that the answer gets besides its own."""
        self.limit_headers: RawHeaders = []
        """What the caller has left; only on limited routes."""
        self.status = 0


def context_of(scope: Scope) -> RequestContext:
    """Return the context that the edge has put into the scope."""
    context: RequestContext = scope[KEY]
    return context
