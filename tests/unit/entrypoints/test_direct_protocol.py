"""Connections whose requests go past ASGI behave as all others: order, patience, limits, hanging up, shutdown."""

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from cse.entrypoints.direct_protocol import DirectProtocol
from cse.gateway.http.direct_head import MAX_KNOWN, Found, Head, KnownHeads, head_of
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


class Hasty(DirectProtocol):
    """Waits next to no time for heads, and for bodies."""

    head_timeout_s = 0.05
    body_patience_s = 0.05


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
    protocol: type[DirectProtocol] = DirectProtocol, **more: Any
) -> AsyncIterator[Talk]:
    app = App()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, http=protocol, lifespan="off", log_config=None, **more)
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


async def test_a_whole_request_goes_past_asgi() -> None:
    """Now, later or by a task: the answer is the direct one, and the connection stays."""
    async with talking() as talk:
        for path in (b"/direct", b"/task", b"/later", b"/direct"):
            talk.writer.write(DIRECT.replace(b"/direct", path) + b"abc")
            if path == b"/later":
                await wait_until_async(lambda: bool(talk.calls.waiting), what="the request")
                talk.calls.let()
            head, body = await talk.answer()
            assert (head[:15], body) == (b"HTTP/1.1 200 OK", b"cba")
            assert b"\r\ndate: " in head
        assert (talk.app.served, talk.calls.begun) == ([], 4)
        assert talk.server.server_state.total_requests == 4


@pytest.mark.parametrize("cut", [1, 30, len(DIRECT) - 1, len(DIRECT), len(DIRECT) + 1])
async def test_a_request_in_pieces_is_a_whole_one_in_the_end(cut: int) -> None:
    """Wherever it is cut: most clients send head and body one after the other."""
    async with talking() as talk:
        whole = DIRECT + b"abc"
        talk.writer.write(whole[:cut])
        await talk.writer.drain()
        await wait_until_async(lambda: _has_taken(talk, cut), what="a piece")
        talk.writer.write(whole[cut:])
        assert (await talk.answer())[1] == b"cba"
        talk.writer.write(DIRECT + b"xyz")
        assert (await talk.answer())[1] == b"zyx"
        assert (talk.calls.begun, talk.app.served) == (2, [])


def _has_taken(talk: Talk, size: int) -> bool:
    """Whether the server has taken in the first so many bytes of a connection: half a head, or half a body."""
    for protocol in talk.server.server_state.connections:
        assert isinstance(protocol, DirectProtocol)
        return protocol._head_bytes == size or protocol._head is not None
    return False


@pytest.mark.parametrize("sent", [b"", b"a"])
async def test_who_takes_long_to_send_a_body_is_uvicorns(sent: bytes) -> None:
    """With what has come so far; the edge then has its own patience."""
    async with talking(Hasty) as talk:
        talk.writer.write(DIRECT + sent)
        await wait_until_async(lambda: talk.app.served == ["/direct"], what="the ordinary way")
        talk.writer.write(b"abc"[len(sent) :])
        assert (await talk.answer())[1] == b"abc"
        talk.writer.write(DIRECT + b"xyz")
        assert (await talk.answer())[1] == b"zyx"


async def test_who_hangs_up_within_a_body_is_noted_by_the_application() -> None:
    """As on the ordinary way: it is told, and may count it."""
    async with talking() as talk:
        talk.writer.write(DIRECT + b"a")
        await wait_until_async(lambda: _has_taken(talk, 0), what="half a body")
        talk.writer.close()
        await wait_until_async(lambda: talk.app.gone == 1, what="the word of it")
        assert not talk.calls.begun


async def test_a_shutdown_waits_for_the_rest_of_a_body() -> None:
    """A request of which the head is there is still answered."""
    async with talking() as talk:
        talk.writer.write(DIRECT + b"a")
        await wait_until_async(lambda: _has_taken(talk, 0), what="half a body")
        talk.server.should_exit = True
        await wait_until_async(lambda: talk.app.served == ["/direct"], what="the shutdown")
        talk.writer.write(b"bc")
        head, body = await talk.answer()
        assert (b"\r\nconnection: close\r\n" in head, body) == (True, b"abc")


async def test_answers_come_in_the_order_of_the_requests() -> None:
    """Pipelined ones wait for the one that is under way, whichever way each goes."""
    async with talking() as talk:
        talk.writer.write(LATER + b"abc" + OTHER + b"def" + DIRECT + b"ghi" + LATER + b"jkl")
        await wait_until_async(lambda: bool(talk.calls.waiting), what="the first")
        assert talk.app.served == []
        talk.calls.let()
        bodies = [(await talk.answer())[1] for _ in range(4)]
        assert bodies[:2] == [b"cba", b"def"]
        assert [bytes(sorted(body)) for body in bodies[2:]] == [b"ghi", b"jkl"]
        talk.writer.write(DIRECT + b"abc" + DIRECT + b"def" + OTHER + b"ghi" + DIRECT + b"jkl")
        assert [(await talk.answer())[1] for _ in range(3)] == [b"cba", b"fed", b"ghi"]
        assert sorted((await talk.answer())[1]) == sorted(b"jkl")


@pytest.mark.parametrize(
    "head",
    [
        DIRECT.replace(b"1.1", b"1.0"),
        DIRECT.replace(b"Host: x", b"Connection: close"),
        DIRECT.replace(b"Host: x", b"Upgrade: h2c"),
        DIRECT.replace(b"Content-Length: 3", b"Content-Length: 11"),
        DIRECT.replace(b"Content-Length: 3", b"Transfer-Encoding: chunked"),
        DIRECT.replace(b"POST", b"PUT"),
        DIRECT.replace(b"/direct", b"/direct?x"),
        DIRECT.replace(b"/direct", b"/direc%74"),
    ],
)
async def test_the_unusual_goes_the_ordinary_way(head: bytes) -> None:
    """HTTP/1.0, closing, upgrading, long or chunked bodies, other methods and ways of writing the path."""
    async with talking() as talk:
        body = b"abc" if b": 11" not in head else b"abcdefghijk"
        talk.writer.write(head + (b"3\r\nabc\r\n0\r\n\r\n" if b"chunked" in head else body))
        assert (await talk.answer())[1] == b"abc"
        assert talk.app.served == ["/direct"]
        assert not talk.calls.begun


async def test_a_client_that_expects_is_told_to_go_on() -> None:
    """`Expect: 100-continue` is answered before the body is sent."""
    async with talking() as talk:
        talk.writer.write(DIRECT.replace(b"Host: x", b"Expect: 100-continue"))
        assert await talk.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        talk.writer.write(b"abc")
        assert (await talk.answer())[1] == b"abc"


async def test_who_hangs_up_is_not_written_to() -> None:
    """An answer to somebody who has gone goes nowhere, and harms nobody."""
    async with talking() as talk:
        talk.writer.write(LATER + b"abc")
        await wait_until_async(lambda: bool(talk.calls.waiting), what="the request")
        talk.writer.close()
        await wait_until_async(lambda: not talk.server.server_state.connections, what="hanging up")
        talk.calls.let()


async def test_a_shutdown_waits_for_what_is_under_way() -> None:
    """The request under way is answered, says that the connection ends, and ends it."""
    async with talking() as talk:
        talk.writer.write(LATER + b"abc")
        await wait_until_async(lambda: bool(talk.calls.waiting), what="the request")
        talk.server.should_exit = True
        exchange = talk.calls.waiting[0][0]
        await wait_until_async(lambda: not exchange.keep_alive, what="the shutdown")
        talk.calls.let()
        head, body = await talk.answer()
        assert (b"\r\nconnection: close\r\n" in head, body) == (True, b"cba")
        assert await talk.reader.read() == b""


async def test_idle_connections_end_after_their_time() -> None:
    """The time for idle connections begins with the answer, and every request begins it anew."""
    async with talking(timeout_keep_alive=1) as talk:
        loop, answered = asyncio.get_running_loop(), 0.0
        for _ in range(3):
            talk.writer.write(DIRECT + b"abc")
            await talk.answer()
            answered = loop.time()
            quiet = asyncio.Event()
            loop.call_later(0.4, quiet.set)
            await quiet.wait()
        assert await talk.reader.read() == b""
        assert loop.time() - answered >= 0.95


async def test_an_answered_connection_may_be_quiet_for_longer_than_a_head_may_take() -> None:
    """Only who has begun a further head is hurried."""
    async with talking(Hasty) as talk:
        for _ in range(2):
            talk.writer.write(DIRECT + b"abc")
            assert (await talk.answer())[1] == b"cba"
            quiet = asyncio.Event()
            asyncio.get_running_loop().call_later(0.15, quiet.set)
            await quiet.wait()
        talk.writer.write(b"POST /dir")
        assert (await talk.reader.read()).startswith(b"HTTP/1.1 408 ")


async def test_a_client_that_does_not_read_is_not_written_to_without_end() -> None:
    """While the connection's buffer is full, requests go uvicorn's way, which waits for room."""
    async with talking() as talk:
        (protocol,) = talk.server.server_state.connections
        assert isinstance(protocol, DirectProtocol)
        protocol.pause_writing()
        talk.writer.write(DIRECT + b"abc")
        await wait_until_async(lambda: talk.app.served == ["/direct"], what="the request")
        protocol.resume_writing()
        assert (await talk.answer())[1] == b"abc"
        assert not talk.calls.begun


async def test_nonsense_after_an_answer_is_refused() -> None:
    """What is no request gets uvicorn's 400, whatever was before it."""
    async with talking() as talk:
        talk.writer.write(DIRECT + b"abc")
        await talk.answer()
        talk.writer.write(b"no request\r\n\r\n")
        assert (await talk.reader.read()).startswith(b"HTTP/1.1 400 ")


async def test_a_head_that_comes_again_is_not_read_again() -> None:
    """The parser sees the first of its kind; the next ones, of any connection, are served from what is known."""
    async with talking() as talk:
        read: list[bytes] = []
        feed = DirectProtocol._feed

        def noting(self: DirectProtocol, data: bytes) -> None:
            read.append(data)
            feed(self, data)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(DirectProtocol, "_feed", noting)
            for body in (b"abc", b"def"):
                talk.writer.write(DIRECT + body)
                assert (await talk.answer())[1] == body[::-1]
            talk.writer.close()
            await talk.open(talk.address)
            talk.writer.write(DIRECT + b"ghi")
            assert (await talk.answer())[1] == b"ihg"
            assert read == [DIRECT + b"abc"]
            assert [*talk.calls.known] == [DIRECT]


@pytest.mark.parametrize(
    "pieces",
    [
        [DIRECT[:9], DIRECT[9:] + b"abc"],
        [DIRECT + b"abc" + DIRECT + b"def"],
        [DIRECT + b"abc" + DIRECT],
        [DIRECT + b"ab", b"c"],
        [DIRECT.replace(b"Host", b"X-Request-Id") + b"abc"],
        [DIRECT.replace(b"Host: x", b"Host: " + b"x" * 2_048) + b"abc"],
        [b"POST /direct HTTP/1.1\nHost: x\nContent-Length: 9\n\nab\r\n\r\nabc"],
    ],
)
async def test_only_heads_that_came_alone_and_whole_are_known(pieces: list[bytes]) -> None:
    """What the parser did not read from the first byte to the last of one piece is not taken for known."""
    async with talking() as talk:
        for piece in pieces:
            talk.writer.write(piece)
            await talk.writer.drain()
            if len(pieces) > 1:
                await wait_until_async(lambda: _has_taken(talk, len(pieces[0])), what="a piece")
        await talk.reader.readuntil(b"\r\n\r\n")
        assert not talk.calls.known


async def test_a_known_head_counts_only_where_a_request_may_begin() -> None:
    """Within another one's body, behind one that is under way, cut short or followed: the parser decides."""
    async with talking() as talk:
        talk.writer.write(DIRECT + b"abc")
        await talk.answer()
        inner = DIRECT + b"xyz"
        outer = b"POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(inner)
        talk.writer.write(outer)
        await wait_until_async(lambda: talk.app.served == ["/other"], what="the head")
        talk.writer.write(inner)
        await talk.reader.readuntil(b"\r\n\r\n")
        assert await talk.reader.readexactly(len(inner)) == inner
        talk.writer.write(LATER + b"abc")
        await wait_until_async(lambda: bool(talk.calls.waiting), what="the request")
        talk.writer.write(DIRECT + b"def")
        await wait_until_async(lambda: _pipelined(talk) == 1, what="what is behind it")
        talk.calls.let()
        assert [(await talk.answer())[1] for _ in range(2)] == [b"cba", b"def"]
        talk.writer.write(DIRECT + b"abc" + DIRECT + b"de")
        assert (await talk.answer())[1] == b"cba"
        talk.writer.write(b"f")
        assert (await talk.answer())[1] == b"fed"


@pytest.mark.parametrize("path", [b"/direct", b"/other"])
async def test_a_known_head_behind_half_a_head_is_no_request(path: bytes) -> None:
    """The half may have come in one piece with the request before it: the parser stands in the middle of a
    head, and who reads the stream differently could be made to take the rest for somebody else's request.
    """
    async with talking() as talk:
        talk.writer.write(DIRECT + b"abc")
        await talk.answer()
        half = b"POST /other HTTP/1.1\r\nX: "
        talk.writer.write(DIRECT.replace(b"/direct", path) + b"abc" + half)
        await talk.answer()
        talk.writer.write(DIRECT + b"def")
        _, body = await talk.answer()
        assert body == b"def", "one request, for /other, with the first line of the next as X"
        assert talk.app.served[-1] == "/other"
        assert talk.calls.begun == 1 + (path == b"/direct")


async def test_half_a_head_behind_a_request_has_to_go_on() -> None:
    """It is hurried as any other, although it came in one piece with a request."""
    async with talking(Hasty) as talk:
        talk.writer.write(DIRECT + b"abc" + b"POST /dir")
        await talk.answer()
        assert (await talk.reader.read()).startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_trickles_is_uvicorns() -> None:
    """The time for a body is counted from its first piece: one byte now and then is no way to stay."""
    async with talking(Hasty) as talk:
        loop = asyncio.get_running_loop()
        talk.writer.write(DIRECT.replace(b": 3", b": 10"))
        for sent in range(10):
            quiet = asyncio.Event()
            loop.call_later(0.03, quiet.set)
            await quiet.wait()
            if talk.app.served:
                break
            talk.writer.write(b"%d" % sent)
        assert talk.app.served == ["/direct"]


async def test_a_refusal_never_overtakes_a_direct_answer() -> None:
    """Nonsense behind an order that is under way: the order's own answer comes, and is the last one."""
    async with talking() as talk:
        talk.writer.write(LATER + b"abc" + b"nonsense\r\n\r\n")
        await wait_until_async(lambda: bool(talk.calls.waiting), what="the request")
        talk.calls.let()
        head, body = await talk.answer()
        assert (b"\r\nconnection: close\r\n" in head, body) == (True, b"cba")
        assert await talk.reader.read() == b""


def _pipelined(talk: Talk) -> int:
    (protocol,) = talk.server.server_state.connections
    assert isinstance(protocol, DirectProtocol)
    return len(protocol.pipeline)


def test_known_heads_are_bounded() -> None:
    """The ones that are known longest go first."""
    known = KnownHeads()
    head = head_of(Found("/direct", OPERATION), [], 10)
    assert head is not None
    for at in range(MAX_KNOWN + 3):
        known.remember(b"%d" % at, head)
    assert len(known) == MAX_KNOWN
    assert next(iter(known)) == b"3"
