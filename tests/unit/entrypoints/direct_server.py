"""A small server of `DirectProtocol`, and one connection to it, for tests of what goes past ASGI."""

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from cse.entrypoints.direct_protocol import DirectProtocol
from cse.entrypoints.http_protocol import GuardedProtocol
from cse.gateway.http.direct_head import Found, Head, KnownHeads, head_of
from tests.waiting import wait_until_async

DIRECT = b"POST /direct HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"
LATER = b"POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"
OTHER = b"POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"
LENGTH = b"content-length: 3\r\n"
OPERATION: Any = None


class Calls:
    """Answers /direct on the spot and /later when it is let; both with the body turned round."""

    def __init__(self) -> None:
        self.known = KnownHeads()
        self.waiting: list[tuple[Any, bytes]] = []
        self.begun = 0
        self.ended: list[bytes] = []

    def head(self, method: bytes, url: bytes, headers: Any) -> Head | None:
        if method != b"POST" or url not in {b"/direct", b"/later", b"/task"}:
            return None
        return head_of(Found(url.decode(), OPERATION), headers, 10)

    def begin(self, head: Head, body: bytes, client: Any, exchange: Any, *, secure: bool) -> None:
        self.begun += 1
        assert (client, secure) == ("127.0.0.1", False)
        if head.found.path == "/direct":
            exchange.answer(200, LENGTH, body[::-1])
        elif head.found.path == "/later":
            self.waiting.append((exchange, body))
        else:
            exchange.run(self._rest(exchange, body))

    async def _rest(self, exchange: Any, body: bytes) -> None:
        await asyncio.sleep(0)
        exchange.answer(200, LENGTH, body[::-1])

    def let(self) -> None:
        exchange, body = self.waiting.pop(0)
        exchange.answer(200, LENGTH, body[::-1])


class App:
    """The ordinary way: the body as it came."""

    def __init__(self) -> None:
        self.direct_calls = Calls()
        self.served: list[str] = []
        self.gone = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.served.append(scope["path"])
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone += 1
                return
            body, more = body + message.get("body", b""), message.get("more_body", False)
        head = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})


class Patient(DirectProtocol):
    """Waits for bodies for as long as a slow machine may take to send them."""

    body_patience_s = 60


class Hasty(DirectProtocol):
    """Waits next to no time for bodies, and for heads after the first one."""

    body_patience_s = 0.05

    @property
    def head_timeout_s(self) -> float:  # type: ignore[override]  # it may change
        """The first one comes when the machine has time for it."""
        return 60 if self.cycle is None else 0.05


class Talk:
    """A connection to a server of `app`."""

    def __init__(self, app: App, server: uvicorn.Server, task: Coroutine[Any, Any, None]) -> None:
        self.app, self.server = app, server
        self.calls = app.direct_calls
        self.task = asyncio.create_task(task)

    async def open(self, address: tuple[str, int]) -> None:
        self.address = address
        self.reader, self.writer = await asyncio.open_connection(*address)

    async def answer(self) -> tuple[bytes, bytes]:
        """The head and the body (of three bytes) of the next answer."""
        return await self.reader.readuntil(b"\r\n\r\n"), await self.reader.readexactly(3)


@asynccontextmanager
async def talking(
    protocol: type[GuardedProtocol] = Patient, *, timeout_keep_alive: int = 600
) -> AsyncIterator[Talk]:
    app = App()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            app,
            http=protocol,
            lifespan="off",
            log_config=None,
            timeout_keep_alive=timeout_keep_alive,
        )
        server = uvicorn.Server(config)
        talk = Talk(app, server, server.serve(sockets=[listening]))
        await wait_until_async(lambda: server.started, what="the server")
        await talk.open(listening.getsockname())
        try:
            yield talk
        finally:
            talk.writer.close()
            server.should_exit = True
            await talk.task


def connection_of(talk: Talk) -> DirectProtocol:
    """The server's end of its only connection."""
    (protocol,) = talk.server.server_state.connections
    assert isinstance(protocol, DirectProtocol)
    return protocol


def has_taken(talk: Talk, size: int) -> bool:
    """Whether the server has taken in the first so many bytes of a connection: half a head, or half a body."""
    for protocol in talk.server.server_state.connections:
        assert isinstance(protocol, DirectProtocol)
        return protocol._head is not None or 0 < protocol._head_bytes == size
    return False
