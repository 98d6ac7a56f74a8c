"""Requests of the busiest calls go past ASGI where nothing about them is unusual; all others to uvicorn."""

from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from cse.entrypoints.direct_exchange import DirectExchange
from cse.entrypoints.http_protocol import GuardedProtocol
from cse.entrypoints.idle import IdleTimer
from cse.gateway.http.context import RawHeaders
from cse.gateway.http.direct import DirectCalls
from cse.gateway.http.direct_head import Head
from cse.gateway.http.heads import rendered

BODY_PATIENCE_S: Final = 1.0
"""How long the rest of a body may take before the request is no usual one any more."""


class DirectProtocol(GuardedProtocol):
    """One connection. A request is served past ASGI once it has come as a whole, if nothing is before it.

    Such are nearly all of them. A request that turns out to be unusual when its head is known, or while its
    body is waited for, is uvicorn's as if nobody had looked at it.
    """

    body_patience_s = BODY_PATIENCE_S

    def __init__(self, *args: Any, **options: Any) -> None:
        """As uvicorn's; the application says by its `direct_calls` what it serves past itself."""
        super().__init__(*args, **options)
        self._direct: DirectCalls | None = getattr(self.config.app, "direct_calls", None)
        self._known: dict[bytes, Head] = self._direct.known if self._direct else {}
        self._idle = IdleTimer(self.loop, self.timeout_keep_alive, self.timeout_keep_alive_handler)
        self._patience = IdleTimer(self.loop, self.body_patience_s, self._give_up)
        self._head: Head | None = None
        """Of the request whose body is being read."""
        self._body = b""
        self._begun = 0
        """How many requests the piece that is being read has begun."""
        self._served: Head | None = None
        """The last of them that was served past ASGI."""
        self._server_headers: RawHeaders = []
        self._server_lines = b""

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more; uvicorn's to note is who hangs up within a body."""
        self._give_up()
        self._idle.cancel()
        self._patience.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """End the connection, after the request that is on its way, if one is."""
        self._give_up()
        super().shutdown()

    @property
    def _is_due(self) -> bool:
        return self._head is None and super()._is_due  # bodies have their own time

    def _unset_keepalive_if_required(self) -> None:
        self._idle.end()
        super()._unset_keepalive_if_required()

    def data_received(self, data: bytes) -> None:
        """Serve a request whose head is known at once; give all else to the parser."""
        end = data.find(b"\r\n\r\n") + 4
        head = self._known.get(data[:end])
        if head is not None and len(data) == end + head.length and self._is_at_start():
            self._head_is_whole()
            self._in_head = True
            self._unset_keepalive_if_required()
            self._serve(head, data[end:])
        else:
            super().data_received(data)

    def _feed(self, data: bytes) -> None:
        is_first, self._begun, before = self._is_at_start(len(data)), 0, self._head
        super()._feed(data)
        served = self._take_served()
        if self._head is not None:  # its body is still to come
            if (
                self._head is not before
            ):  # time for all of it: a piece now and then is no way to stay
                self._patience.begin()
            return
        self._patience.end()
        if is_first and self._begun == 1 and served is not None:
            self._remember(data, served)

    def _take_served(self) -> Head | None:
        served, self._served = self._served, None
        return served

    def _is_at_start(self, taken: int = 0) -> bool:
        """Tell whether a request may begin here past ASGI, with so many bytes of it counted already."""
        cycle: RequestResponseCycle | None = self.cycle  # None: the first is to come
        return (
            self._in_head
            and self._head_bytes == taken
            and (cycle is None or cycle.response_complete)
            and not self.flow.write_paused
            and not self.transport.is_closing()
        )

    def _remember(self, data: bytes, head: Head) -> None:
        """Know the head of a request that was all of a piece, so that the parser need not read it again."""
        end = data.find(b"\r\n\r\n") + 4
        if self._direct is not None and len(data) == end + head.length:
            self._direct.known.remember(data[:end], head)

    def on_message_begin(self) -> None:
        """Begin a head; uvicorn's scope is made when it is needed."""
        self._begun += 1
        self._head_begins()
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        """Decide which way the request goes."""
        self._check_head()
        self._head = self._direct_head()
        if self._head is None:
            self._begin_ordinary()
        else:
            self._head_is_whole()
            self._body = b""

    def on_body(self, body: bytes) -> None:
        """Take in a piece of the body."""
        if self._head is None:
            super().on_body(body)
        else:
            self._body = self._body + body if self._body else body

    def on_message_complete(self) -> None:
        """Serve a request that has come as a whole."""
        head = self._head
        if head is None:
            super().on_message_complete()
        else:
            self._head, self._served = None, head
            self._in_head = True
            self._serve(head, self._body)

    def _direct_head(self) -> Head | None:
        """Return the head that has just been read, if its request is one to serve past ASGI."""
        parser = self.parser
        cycle: RequestResponseCycle | None = self.cycle
        if self._direct is None or self.flow.write_paused or self.limit_concurrency is not None:
            return None
        if cycle is not None and not cycle.response_complete:
            return None
        if parser.get_http_version() != "1.1" or not parser.should_keep_alive():
            return None
        return self._direct.head(parser.get_method(), self.url, self.headers)

    def _give_up(self) -> None:
        """Give uvicorn a request whose body is not whole yet: its flow control, the edge's patience."""
        if self._head is not None:
            self._head = None
            self._begin_ordinary()
            if self._body:
                super().on_body(self._body)

    def _begin_ordinary(self) -> None:
        """Give uvicorn the head that was kept from it."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers += headers  # the scope has this list
        super().on_headers_complete()

    def _serve(self, head: Head, body: bytes) -> None:
        assert self._direct is not None, "it found the call"
        exchange = DirectExchange(self)
        self.cycle = exchange  # type: ignore[assignment]  # it is all that uvicorn asks of one
        client = self.client[0] if self.client else None
        self._direct.begin(head, body, client, exchange, secure=self.scheme == "https")

    def on_direct_answer(self) -> None:
        """Go on after an answer: with what was pipelined behind it, or idle."""
        if self.pipeline or self.flow.read_paused:
            self.on_response_complete()
        else:
            self.server_state.total_requests += 1
            self._idle.begin()
            if self._head_bytes:  # half of the next head is there already
                self._hurry()

    def server_lines(self) -> bytes:
        """Return the header lines of the server itself (the date), which change once a second."""
        headers = self.server_state.default_headers
        if headers is not self._server_headers:
            self._server_headers, self._server_lines = headers, rendered(headers)
        return self._server_lines
