"""Connections that never finish a request's head are ended; those that behave do not notice."""

import asyncio
import json
import resource
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import connect

from cse.entrypoints.address_connections import AddressConnections
from cse.entrypoints.direct_protocol import DirectProtocol
from cse.entrypoints.http_protocol import GuardedProtocol, connections_allowed
from cse.gateway.client_address import ClientAddresses
from tests.waiting import wait_until_async

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the length of the body; `/early` answers before it is there."""
    if scope["type"] == "websocket":
        await echo(receive, send)
        return
    size, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = b"%d" % size
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def echo(receive: Any, send: Any) -> None:
    """Accept a WebSocket and send back what comes."""
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


class Patient(GuardedProtocol):
    """Small heads, long waits."""

    max_head_bytes = 1_000


class Hasty(GuardedProtocol):
    """Waits next to no time."""

    head_timeout_s = 0.05


class HastyLater(GuardedProtocol):
    """Waits next to no time for heads after the first one, which comes when the machine has time for it."""

    @property
    def head_timeout_s(self) -> float:  # type: ignore[override]  # it may change
        """Whoever has sent no head yet has no cycle of request and response."""
        return 60 if self.cycle is None else 0.05


class Crowded(GuardedProtocol):
    """Has room for two."""

    connections_allowed = staticmethod(lambda: 2)


@asynccontextmanager
async def connected(
    protocol: type[GuardedProtocol],
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
            timeout_keep_alive=600,
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        await wait_until_async(lambda: server.started, what="the server")
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            server.should_exit = True
            await task


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nX: ", b"\r\n"])
async def test_who_does_not_begin_with_a_whole_head_is_ended(sent: bytes) -> None:
    """Silence, half a head, nothing but a line break: the connection does not stay."""
    async with connected(Hasty) as (reader, writer):
        writer.write(sent)
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("request_", "then"),
    [
        (GET, b"GET / HTTP/1.1\r\nX: "), (GET, b"\r\n"),
        (b"GET /early HTTP/1.1\r\nContent-Length: 9\r\n\r\n", b"1"),
    ],
)  # fmt: skip
async def test_who_does_not_finish_a_further_head_is_ended(request_: bytes, then: bytes) -> None:
    """After an answer, too: each piece stops uvicorn's timer for idle connections, so ours must go on."""
    async with connected(HastyLater) as (reader, writer):
        writer.write(request_)
        assert (await reader.readuntil(b"\r\n\r\n0")).startswith(b"HTTP/1.1 200 OK")
        writer.write(then)
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("piece", [b"X: 123456\r\n", b"XXXXXXXXXX"])
async def test_a_head_without_end_is_refused(piece: bytes) -> None:
    """Headers, or one header, that go on and on are not gathered in memory."""
    async with connected(Patient) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n")
        for _ in range(200):
            writer.write(piece)
        assert (await reader.read()).startswith(b"HTTP/1.1 431 ")


async def test_whoever_behaves_does_not_notice() -> None:
    """Requests in pieces, bodies longer than a head may be, and several on one connection are answered."""
    async with connected(Patient) as (reader, writer):
        for byte in GET:
            writer.write(bytes([byte]))
            await writer.drain()
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
        assert await reader.readexactly(1) == b"0"
        writer.write(b"POST / HTTP/1.1\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5_000 + GET)
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(4) == b"5000"
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(1) == b"0"


async def test_an_upgraded_connection_is_not_waited_for() -> None:
    """A WebSocket may say nothing for longer than a head may take: it has no further head to send."""
    made: list[GuardedProtocol] = []

    class Noted(GuardedProtocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
            made.append(self)
            super().connection_made(transport)
            assert self._deadline is not None, "it has a head to send"

    async with connected(Noted) as (_, writer):
        host, port = writer.get_extra_info("peername")
        async with connect(f"ws://{host}:{port}") as websocket:
            await websocket.send("there")
            assert await websocket.recv() == "there"
            silent, upgraded = made
            assert silent._deadline is not None
            assert upgraded._deadline is None


async def test_connections_do_not_take_the_last_files() -> None:
    """The one too many is told 503 and closed; when somebody leaves there is room again."""
    async with connected(Crowded) as (reader, writer):
        address = writer.get_extra_info("peername")
        second = await asyncio.open_connection(*address)
        for connection in ((reader, writer), second):
            connection[1].write(GET)
            assert (await connection[0].readuntil(b"\r\n\r\n0")).startswith(b"HTTP/1.1 200 OK")
        third_reader, third = await asyncio.open_connection(*address)
        assert (await third_reader.read()).startswith(b"HTTP/1.1 503 ")
        third.close()
        second[1].close()
        assert await wait_until_served(address)


async def wait_until_served(address: tuple[str, int]) -> bool:
    """Connect again and again until a request is answered."""
    while True:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(GET)
        answer = await reader.readline()
        writer.close()
        if answer.startswith(b"HTTP/1.1 200 OK"):
            return True


@pytest.mark.parametrize(
    ("files", "allowed"),
    [(20_000, 17_500), (1_024, 896), (256, 128), (100, 50), (resource.RLIM_INFINITY, sys.maxsize)],
)
def test_some_files_are_kept_for_the_exchange_itself(
    files: int, allowed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An eighth, 128 at least, and never more than half of very few."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert connections_allowed() == allowed


@pytest.mark.parametrize(
    ("protocol", "sent", "status", "code"),
    [
        (Hasty, b"GET /", 408, "request_timeout"),
        (Patient, b"GET / HTTP/1.1\r\n" + b"X: 123456\r\n" * 200, 431, "head_too_large"),
        (
            GuardedProtocol,
            b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 101 + b"\r\n",
            431,
            "head_too_large",
        ),
        (
            DirectProtocol,
            b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 101 + b"\r\n",
            431,
            "head_too_large",
        ),
        (GuardedProtocol, b"GET /?" + b"x" * 8_191 + b" HTTP/1.1\r\n\r\n", 414, "url_too_long"),
        (DirectProtocol, b"GET /?" + b"x" * 8_191 + b" HTTP/1.1\r\n\r\n", 414, "url_too_long"),
        (Patient, b"no request\r\n\r\n", 400, "malformed_request"),
        (Patient, b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400, "malformed_request"),
    ],
)
async def test_what_the_connection_refuses_is_told_as_a_problem(
    protocol: type[GuardedProtocol], sent: bytes, status: int, code: str
) -> None:
    """Whole, with an id to ask by, and the connection ends as it says."""
    async with connected(protocol) as (reader, writer):
        writer.write(sent)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 %d " % status)
        lines = dict(line.split(b": ") for line in head.split(b"\r\n")[1:])
        document = json.loads(body)
        assert lines == {
            b"content-type": b"application/problem+json",
            b"content-length": b"%d" % len(body),
            b"x-request-id": document["request_id"].encode(),
            b"connection": b"close",
        }
        assert (document["status"], document["code"]) == (status, code)


UPGRADE = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"


@pytest.mark.parametrize("length", [b"Content-Length: 27", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("apart", [False, True])
async def test_a_body_behind_an_upgrade_is_no_request(length: bytes, apart: bool) -> None:
    """The parser takes it for the next request, as if we had agreed to upgrade: such a request is refused,
    so that nobody can hide one request in the body of another.
    """
    head = UPGRADE + length + b"\r\n\r\n"
    async with connected(Patient) as (reader, writer):
        writer.write(head if apart else head + GET)
        told = b""
        if apart:
            told = await reader.readuntil(b"\r\n\r\n")
            writer.write(GET)
        told += await reader.read()
        assert told.startswith(b"HTTP/1.1 400 ")
        assert told.count(b"HTTP/1.1 ") == 1


async def test_an_upgrade_that_we_do_not_know_ends_with_its_answer() -> None:
    """It is served as if nothing had been asked; what follows it is nothing that we could read."""
    async with connected(Patient) as (reader, writer):
        writer.write(UPGRADE + b"\r\n")
        writer.write(GET)
        told = await reader.read()
        assert told.startswith(b"HTTP/1.1 200 ")
        assert b"\r\nconnection: close\r\n" in told
        assert told.count(b"HTTP/1.1 ") == 1


async def test_a_refusal_never_overtakes_an_answer() -> None:
    """Who sends nonsense behind a request would take a 400 for the answer to that: the answer comes, and the
    connection ends with it.
    """
    async with connected(Patient) as (reader, writer):
        writer.write(GET + b"nonsense\r\n\r\n")
        told = await reader.read()
        assert told.startswith(b"HTTP/1.1 200 ")
        assert b"\r\nconnection: close\r\n" in told
        assert told.count(b"HTTP/1.1 ") == 1


CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na"


async def test_nonsense_within_a_body_is_refused_in_its_place() -> None:
    """As the answer to its own request; where another answer comes first, the connection ends without words."""
    async with connected(Patient) as (reader, writer):
        writer.write(CHUNKED + b"nonsense")
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
    async with connected(Patient) as (reader, writer):
        writer.write(GET + CHUNKED + b"nonsense")
        assert await reader.read() == b""


async def test_connections_of_one_address_are_limited() -> None:
    """The third of an address is told 429 and closed; when one has left there is room, and nothing stays counted."""

    class Two(GuardedProtocol):
        addresses = AddressConnections(2, ClientAddresses())

    async with connected(Two) as (reader, writer):
        host, port = writer.get_extra_info("peername")[:2]
        writer.write(GET)
        await reader.readuntil(b"\r\n\r\n0")
        _, second = await asyncio.open_connection(host, port)
        refused, third = await asyncio.open_connection(host, port)
        told = await refused.read()
        assert told.startswith(b"HTTP/1.1 429 ")
        assert b"too_many_connections" in told
        third.close()
        second.close()
        await wait_until_async(lambda: Two.addresses.of("127.0.0.1") == 1, what="room")
        again, fourth = await asyncio.open_connection(host, port)
        fourth.write(GET)
        await again.readuntil(b"\r\n\r\n0")
        fourth.close()
    await wait_until_async(lambda: len(Two.addresses) == 0, what="everybody to leave")


def test_trusted_proxies_have_as_many_connections_as_they_need() -> None:
    """They bring everybody; an IPv6 /64 is one address."""
    counted = AddressConnections(1, ClientAddresses(["10.0.0.0/8"]))
    assert [counted.come("10.1.2.3") for _ in range(5)] == [""] * 5
    one, two = counted.come("2001:db8::1"), counted.come("2001:db8::2")
    assert one == two
    assert not counted.allows(two)
    assert counted.allows(counted.come("10.1.2.3"))
