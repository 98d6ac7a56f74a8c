"""uvicorn's HTTP/1.1 protocol with what it leaves unlimited: how many connections there are, how big and how
slow a request's head may be. What it refuses by itself gets a problem document, too.
"""

import asyncio
import resource
import sys
from secrets import token_hex
from typing import Any, Final

import structlog
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.entrypoints.address_connections import AddressConnections
from cse.entrypoints.websockets import hand_over
from cse.gateway.http.context import RawHeaders
from cse.gateway.http.heads import rendered
from cse.gateway.problems import CONTENT_TYPE, ApiProblem, edge_problem, from_error
from cse.gateway.ws.handshake import Handshake
from cse.gateway.ws.server import PATH, WebSocketServer

log = structlog.get_logger(__name__)

MAX_HEAD_BYTES: Final = 65_536
"""Request line and headers. More is refused once it is clear that the head goes on."""
MAX_URL_BYTES: Final = 8_192
"""Path and query of a request."""
MAX_HEADERS: Final = 100
"""Header lines of a request."""
HEAD_TIMEOUT_S: Final = 15.0
"""From the connection (or the first piece of a further head) until the head is whole."""


_PATH: Final = PATH.encode("ascii")
RESERVED_FILES: Final = 128
"""Of the files that the process may open, those that connections never get (an eighth, if that is more)."""


def connections_allowed() -> int:
    """Return how many connections leave files for the journal's next segment, the database, snapshots.

    Without a file for its next segment the journal stops, and with it the exchange.
    """
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return sys.maxsize
    return files - min(max(RESERVED_FILES, files // 8), files // 2)


class GuardedProtocol(HttpToolsProtocol):
    """One connection. Heads come in one piece nearly always: a timer is set only for those that do not."""

    max_head_bytes = MAX_HEAD_BYTES
    head_timeout_s = HEAD_TIMEOUT_S
    connections_allowed = staticmethod(connections_allowed)
    addresses: AddressConnections | None = None
    """Counts the connections of each address; None: nobody does."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """As uvicorn's."""
        super().__init__(*args, **options)
        self._in_head = True
        self._head_bytes = 0
        """What has come of a head; 0 only between two requests."""
        self._upgraded = False
        self._deadline: asyncio.TimerHandle | None = None
        self._refused = "malformed_request"
        """What is told when the parser stops."""
        self._counted = ""
        """The address that this connection counts for."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Wait for a head from now on, if there is room."""
        super().connection_made(transport)
        if len(self.connections) > self.connections_allowed():  # WebSockets are among them
            self._refuse("unavailable")
        elif not self._has_place():
            self._refuse("too_many_connections")
        else:
            self._arm()

    def _has_place(self) -> bool:
        if self.addresses is None or not self.client:
            return True
        self._counted = self.addresses.come(self.client[0])
        return self.addresses.allows(self._counted)

    def _leave_place(self) -> None:
        if self.addresses is not None and self._counted:
            self.addresses.go(self._counted)
            self._counted = ""

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._disarm()
        self._leave_place()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in a piece; refuse the connection when its head has become too big."""
        if self._in_head:
            self._head_bytes += len(data)
        self._feed(data)
        if self._upgraded or self.transport.is_closing():
            return
        if self._in_head and self._head_bytes > self.max_head_bytes:
            self._refuse("head_too_large")
        else:
            self._hurry()  # uvicorn has just stopped its own timer for the idle connection

    def on_response_complete(self) -> None:
        """Go on after an answer: half of the next head may be there already."""
        super().on_response_complete()
        self._hurry()

    def _hurry(self) -> None:
        """Set the timer if more must come, unless an answer is still to come first."""
        cycle: RequestResponseCycle | None = self.cycle  # None: the first is to come
        if self._deadline is None and self._is_due and (cycle is None or cycle.response_complete):
            self._arm()

    @property
    def _is_due(self) -> bool:
        """Whether more must come: the rest of a head, or of a body that was answered before it was whole."""
        return self._head_bytes > 0 or not self._in_head

    def _feed(self, data: bytes) -> None:
        """Give a piece to the parser, and thus to the callbacks below."""
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._head_begins()
        super().on_message_begin()

    def _head_begins(self) -> None:
        """Count at least a byte of it: the piece that it begins in may have counted for the request before."""
        self._head_bytes = self._head_bytes or 1

    def on_headers_complete(self) -> None:
        """Give the head to uvicorn."""
        self._check_head()
        self._head_is_whole()
        if self.parser.should_upgrade() and not self._should_upgrade() and _has_body(self.headers):
            raise BodyBehindUpgrade
        super().on_headers_complete()

    def _check_head(self) -> None:
        """Refuse a head that is whole and yet too much."""
        if len(self.url) > MAX_URL_BYTES:
            self._refused = "url_too_long"
        elif len(self.headers) > MAX_HEADERS:
            self._refused = "head_too_large"
        else:
            return
        raise HeadRefused

    def _head_is_whole(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        self._disarm()

    def on_message_complete(self) -> None:
        """Expect the next head."""
        self._in_head = True
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over for good: no further head will come."""
        self._upgraded = True
        self._disarm()
        server: WebSocketServer | None = getattr(self.config.app, "websockets", None)
        path, _, query_string = self.url.partition(b"?")
        if server is None or path != _PATH or self.parser.get_method() != b"GET":
            super().handle_websocket_upgrade()
            return
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._refuse("malformed_request")  # the answer before it would be lost among frames
            return
        self.transport.pause_reading()
        handshake = Handshake(
            query_string, dict(self.headers), self.client[0] if self.client else None
        )
        task = self.loop.create_task(self._let_in(server, handshake))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _let_in(self, server: WebSocketServer, handshake: Handshake) -> None:
        """Begin a WebSocket, or say why not."""
        session_id = token_hex(8)
        try:
            admission = await server.admit(handshake, session_id)
        except Exception as error:  # noqa: BLE001  # told and logged; nothing else would end the connection
            self._write_problem(_problem_of(error, session_id), session_id)
            return
        if self.transport.is_closing():
            server.turned_away(admission)
            return
        self.connections.discard(self)
        self._leave_place()  # WebSockets have a limit of their own
        hand_over(self.transport, server, admission, self.connections)

    def _arm(self) -> None:
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self.head_timeout_s, self._too_slow)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self._refuse("request_timeout")

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # as uvicorn calls it
        """Refuse what the parser does not take for a request; uvicorn's own words are no problem document."""
        self._refuse(self._refused)

    def _unsupported_upgrade_warning(self) -> None:
        """End the connection with the answer: to the parser what follows belongs to another protocol."""
        self.cycle.keep_alive = False

    def _refuse(self, code: str) -> None:
        """Tell why with a problem document, and end the connection. Never in the place of another answer:
        who sent a good request before this one would take the refusal for that.
        """
        self._disarm()
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete:
            self._write_refusal(code)
        elif not cycle.more_body:  # its answer is still to come, and is the last one
            cycle.keep_alive = False
            self.flow.pause_reading()
        elif self.pipeline:
            self.transport.close()
        else:
            self._write_refusal(code)  # what is refused is the request under way

    def _write_refusal(self, code: str) -> None:
        self._write_problem(edge_problem(code), token_hex(8))

    def _write_problem(self, problem: ApiProblem, request_id: str) -> None:
        body = problem.render(request_id)
        lines = [
            *(
                (name.lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in problem.headers.items()
            ),
            (b"content-type", CONTENT_TYPE),
            (b"content-length", b"%d" % len(body)),
            (b"x-request-id", request_id.encode("ascii")),
            (b"connection", b"close"),
        ]
        self.transport.write(
            b"".join((STATUS_LINE[problem.status], rendered(lines), b"\r\n", body))
        )
        self.transport.close()


def _problem_of(error: Exception, session_id: str) -> ApiProblem:
    if isinstance(error, ApiProblem | Unavailable | OutcomeUnknown):
        return from_error(error)
    log.error("websocket_handshake_failed", request_id=session_id, exc_info=error)
    return edge_problem("internal_error")


class HeadRefused(Exception):
    """The URL is too long, or there are too many headers; ends the parser's work."""


class BodyBehindUpgrade(Exception):
    """A request with a body asks for another protocol than WebSocket. The parser takes the body for what
    follows the request, so that it would be served as the next one.
    """


def _has_body(headers: RawHeaders) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and int(value) != 0)
        for name, value in headers
    )
