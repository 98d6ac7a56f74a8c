"""Requests of the busiest calls go past ASGI where nothing about them is unusual; all others to uvicorn."""

from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from cse.entrypoints.direct_exchange import DirectExchange
from cse.entrypoints.http_protocol import GuardedProtocol
from cse.gateway.http.direct import DirectCalls, Found

_UNUSUAL: Final = frozenset({b"expect", b"transfer-encoding", b"upgrade"})
"""What asks for more than an answer to what came."""


class DirectProtocol(GuardedProtocol):
    """One connection. A request is served past ASGI when it came as a whole, and nothing is before it.

    Such are nearly all of them. A request that turns out to be unusual when its head is known, or when the
    piece that brought it ends before its body does, is uvicorn's as if nobody had looked at it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        """As uvicorn's; the application says by its `direct_calls` what it serves past itself."""
        super().__init__(*args, **options)
        self._direct: DirectCalls | None = getattr(self.config.app, "direct_calls", None)
        self._found: Found | None = None
        self._known: dict[bytes, bytes] = {}
        self._body = b""

    def on_message_begin(self) -> None:
        """Begin a head; uvicorn's scope is made when it is needed."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        """Decide which way the request goes."""
        self._found = found = self._direct_call()
        if found is None:
            self._begin_ordinary()
        else:
            self._head_is_whole()
            self._body = b""

    def on_body(self, body: bytes) -> None:
        """Take in a piece of the body."""
        if self._found is None:
            super().on_body(body)
        else:
            self._body = self._body + body if self._body else body

    def on_message_complete(self) -> None:
        """Serve a request that has come as a whole."""
        found = self._found
        if found is None:
            super().on_message_complete()
            return
        assert self._direct is not None, "it found the call"
        self._found = None
        self._in_head = True
        exchange = DirectExchange(
            self.transport,
            self._known,
            self.client[0] if self.client else None,
            secure=self.scheme == "https",
            server_headers=self.server_state.default_headers,
            tasks=self.tasks,
            finished=self.on_response_complete,
        )
        self.cycle = exchange  # type: ignore[assignment]  # it is all that uvicorn asks of one
        self._direct.begin(found, self._body, exchange)

    def _feed(self, data: bytes) -> None:
        super()._feed(data)
        if self._found is not None and not self.transport.is_closing():
            self._found = (
                None  # its body is still to come: uvicorn's flow control, the edge's patience
            )
            self._begin_ordinary()
            if self._body:
                super().on_body(self._body)

    def _direct_call(self) -> Found | None:
        """Return the call that is served past ASGI, if this is one and in no way unusual."""
        if self._direct is None or self.flow.write_paused or self.limit_concurrency is not None:
            return None
        found = self._direct.find(self.parser.get_method(), self.root_path.encode() + self.url)
        if found is None or not self._is_plain():
            return None
        self._known = headers = dict(self.headers)
        if not _UNUSUAL.isdisjoint(headers):
            return None
        length = int(headers.get(b"content-length", b"0"))
        return found if length <= self._direct.max_body_bytes else None

    def _is_plain(self) -> bool:
        """Tell whether nothing is under way before it, and the connection goes on after it."""
        cycle: RequestResponseCycle | None = self.cycle  # None: the first is to come
        return (
            (cycle is None or cycle.response_complete)
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
        )

    def _begin_ordinary(self) -> None:
        """Give uvicorn the head that was kept from it."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers += headers  # the scope has this list
        super().on_headers_complete()
