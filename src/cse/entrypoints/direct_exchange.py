"""One request that is served past ASGI and its answer, as uvicorn's connection sees it: as a cycle of its own."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from cse.gateway.http.context import RawHeaders

_LINE: Final = b"%b: %b\r\n"
_CLOSE_HEADER: Final = (b"connection", b"close")
_REFUSED: Final = 400


class DirectExchange:
    """Has what `HttpToolsProtocol` asks its cycles for; sends the answer in one piece.

    Pipelined requests wait for it, a lost connection and a shutdown are told to it, as to any cycle.
    """

    __slots__ = (
        "_finished",
        "_server_headers",
        "_tasks",
        "_transport",
        "client",
        "disconnected",
        "headers",
        "keep_alive",
        "message_event",
        "response_complete",
        "secure",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        headers: dict[bytes, bytes],
        client: str | None,
        *,
        secure: bool,
        server_headers: RawHeaders,
        tasks: set[asyncio.Task[Any]],
        finished: Callable[[], None],
    ) -> None:
        """Answer over `transport`, with the server's own headers first; `finished` is told after that."""
        self.headers = headers
        self.client = client
        self.secure = secure
        self._transport = transport
        self._server_headers = server_headers
        self._tasks = tasks
        self._finished = finished
        self.response_complete = False
        self.disconnected = False
        self.keep_alive = True
        self.message_event = _NOBODY

    def answer(self, status: int, headers: RawHeaders, body: bytes) -> None:
        """Send the whole answer, unless the client has gone."""
        if self.disconnected:
            return
        lines = [STATUS_LINE[status]]
        lines += [_LINE % line for line in self._server_headers]
        lines += [_LINE % line for line in headers]
        if status >= _REFUSED and _CLOSE_HEADER in headers:
            self.keep_alive = False
        elif not self.keep_alive:
            lines.append(_LINE % _CLOSE_HEADER)
        lines += (b"\r\n", body)
        self._transport.write(b"".join(lines))
        self.response_complete = True
        if not self.keep_alive:
            self._transport.close()
        self._finished()

    def run(self, rest: Coroutine[Any, Any, None]) -> None:
        """Run what takes waiting as a task of the server's."""
        task = asyncio.get_running_loop().create_task(rest)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Nobody(asyncio.Event):
    """Nobody waits for messages of a request that came as a whole."""

    def set(self) -> None:
        """Wake nobody."""


_NOBODY: Final = _Nobody()
