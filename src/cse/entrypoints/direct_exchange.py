"""One request that is served past ASGI and its answer, as uvicorn's connection sees it: as a cycle of its own."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

if TYPE_CHECKING:
    from cse.entrypoints.direct_protocol import DirectProtocol


class DirectExchange:
    """Has what `HttpToolsProtocol` asks its cycles for; sends the answer in one piece.

    Pipelined requests wait for it, a lost connection and a shutdown are told to it, as to any cycle.
    """

    __slots__ = ("_connection", "disconnected", "keep_alive", "response_complete")

    more_body: Final = False
    """The request was there as a whole."""

    def __init__(self, connection: "DirectProtocol") -> None:
        """Answer over this connection."""
        self._connection = connection
        self.response_complete = False
        self.disconnected = False
        self.keep_alive = True

    @property
    def message_event(self) -> asyncio.Event:
        """What uvicorn sets to wake who waits for messages: nobody does."""
        return _NOBODY

    def answer(self, status: int, lines: bytes, body: bytes, *, close: bool = False) -> None:
        """Send the whole answer, unless the client has gone; `close`: its header lines end the connection."""
        connection = self._connection
        if self.disconnected or self.response_complete or connection.transport.is_closing():
            return
        end = b"\r\n"
        if close:
            self.keep_alive = False
        elif not self.keep_alive:
            end = b"connection: close\r\n\r\n"
        connection.transport.write(
            b"".join((STATUS_LINE[status], connection.server_lines(), lines, end, body))
        )
        self.response_complete = True
        if not self.keep_alive:
            connection.transport.close()
        connection.on_direct_answer()

    def run(self, rest: Coroutine[Any, Any, None]) -> None:
        """Run what takes waiting as a task of the server's."""
        task, tasks = asyncio.get_running_loop().create_task(rest), self._connection.tasks
        tasks.add(task)
        task.add_done_callback(tasks.discard)


class _Nobody(asyncio.Event):
    """Never set: every connection shares it."""

    def set(self) -> None:
        """Wake nobody."""


_NOBODY: Final = _Nobody()
