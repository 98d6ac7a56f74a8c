"""What the edge knows of one request; applications further in find it in the ASGI scope."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final

from cse.gateway.limits import Verdict

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
RawHeaders = list[tuple[bytes, bytes]]

KEY: Final = "cse.request"
"""Where the context stands in the scope."""
NO_PARAMETERS: Final[Mapping[str, str]] = {}


class RequestContext:
    """One HTTP request, read once at the edge."""

    __slots__ = (
        "answer_headers",
        "body",
        "client",
        "headers",
        "method",
        "path",
        "path_params",
        "query_string",
        "request_id",
        "route",
        "secure",
        "status",
        "target",
        "verdict",
    )

    def __init__(
        self,
        method: str,
        path: str,
        request_id: str,
        headers: dict[bytes, bytes],
        client: str | None,
        *,
        secure: bool,
    ) -> None:
        """Begin without a query, a body and a route."""
        self.method = method
        self.path = path
        self.request_id = request_id
        self.headers = headers
        """By lower-case name; the last one of a name counts."""
        self.client = client
        """The address of the socket's other end; None for a Unix socket."""
        self.secure = secure
        """Whether it came over TLS."""
        self.path_params = NO_PARAMETERS
        self.query_string = b""
        self.target = b""
        """Path and query as they came, for signatures; set on the ordinary way only."""
        self.body = b""
        self.route = ""
        """The path template that took it, for metrics; empty when none did."""
        self.answer_headers: RawHeaders = []
        """Headers that the answer gets besides its own."""
        self.verdict: Verdict | None = None
        """What the caller has left; only on limited routes."""
        self.status = 0


def context_of(scope: Scope) -> RequestContext:
    """Return the context that the edge has put into the scope."""
    context: RequestContext = scope[KEY]
    return context
