"""The sockets themselves: handshakes, pieces, pings, compression, who is sent away, and how all go at the end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvloop
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.options import (
    CLOSE_BAD_TEXT,
    CLOSE_ERROR,
    CLOSE_IDLE,
    CLOSE_POLICY,
    CLOSE_SHUTDOWN,
    CLOSE_TOO_BIG,
    WsOptions,
)
from cse.messages.wire import Side
from tests.unit.gateway.ws.client import ClientBook, client
from tests.unit.gateway.ws.venue import ALICE, StandingTime, WsVenue
from tests.unit.projections.live.streams import place
from tests.waiting import wait_until_async

BOOK = "orderbook.GOLD-USD1"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The example of RFC 6455, 1.3."""
HEAD = {
    "Host": "cse.test", "Upgrade": "websocket", "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": KEY,
}  # fmt: skip
PING, PONG, TEXT, CONTINUATION, CLOSE = 0x89, 0x8A, 0x81, 0x80, 0x88


def frame(first: int, payload: bytes) -> bytes:
    """A client's frame, its mask all zeros."""
    size = len(payload)
    length = bytes((0x80 | size,)) if size < 126 else bytes((0xFE,)) + size.to_bytes(2, "big")
    return bytes((first,)) + length + bytes(4) + payload


class Raw:
    """A client that says exactly what a test wants."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def head(self) -> bytes:
        """The server's answer to a handshake."""
        return await self.reader.readuntil(b"\r\n\r\n")

    def send(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))

    async def next(self) -> tuple[int, bytes]:
        """The next frame: its first byte and its payload."""
        first, size = await self.reader.readexactly(2)
        if size == 126:
            size = int.from_bytes(await self.reader.readexactly(2), "big")
        return first, await self.reader.readexactly(size)

    async def closed(self) -> int:
        """The code of the close frame that ends the connection; what comes before it is passed over."""
        while True:
            first, payload = await self.next()
            if first == CLOSE:
                return int.from_bytes(payload[:2], "big")


@asynccontextmanager
async def raw(venue: WsVenue, *, upgrade: bool = True, **changes: str | None) -> AsyncIterator[Raw]:
    """A connection whose handshake has these headers besides, or instead (None: without)."""
    where = urlsplit(venue.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    lines = {**HEAD, **{name.replace("_", "-"): value for name, value in changes.items()}}
    sent = [f"{name}: {value}\r\n" for name, value in lines.items() if value is not None]
    writer.write(("GET /ws HTTP/1.1\r\n" + "".join(sent) + "\r\n").encode())
    made = Raw(reader, writer)
    try:
        if upgrade:
            assert (await made.head()).startswith(b"HTTP/1.1 101 ")
        yield made
    finally:
        writer.close()
        await writer.wait_closed()


async def test_the_handshake_is_answered_as_the_rfc_says() -> None:
    """Its own example: key and accept value."""
    async with WsVenue().serve() as venue, raw(venue, upgrade=False) as one:
        head = (await one.head()).decode().lower()
        assert f"sec-websocket-accept: {ACCEPT.lower()}" in head
        assert "x-request-id: " in head
        assert "sec-websocket-extensions" not in head


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Sec_WebSocket_Version": "12"}, 426), ({"Sec_WebSocket_Version": None}, 426),
        ({"Sec_WebSocket_Key": None}, 400), ({"Sec_WebSocket_Key": "short"}, 400),
        ({"Sec_WebSocket_Key": "!" * 24}, 400), ({"Sec_WebSocket_Key": KEY * 2}, 400),
    ],
)  # fmt: skip
async def test_a_handshake_without_version_or_key_is_refused(
    changes: dict[str, str | None], status: int
) -> None:
    """As a problem document, and the connection ends; 426 names the version that is spoken."""
    async with WsVenue().serve() as venue, raw(venue, upgrade=False, **changes) as one:
        head = (await one.head()).decode().lower()
        assert head.startswith(f"http/1.1 {status} ")
        assert ("sec-websocket-version: 13" in head) is (status == 426)
        assert json.loads(await one.reader.read())["status"] == status


async def test_a_message_may_come_in_pieces() -> None:
    """Fragments with a ping between them are one message (RFC 6455, 5.4)."""
    async with WsVenue().serve() as venue, raw(venue) as one:
        one.send(
            frame(0x01, b'{"op":"pi'),
            frame(PING, b"?"),
            frame(0x00, b'ng","id'),
            frame(0x80, b'":5}'),
        )
        assert await one.next() == (PONG, b"?")
        first, payload = await one.next()
        assert first == TEXT
        assert json.loads(payload)["id"] == 5


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([frame(CONTINUATION, b"{}")], 1002),
        ([frame(0x01, b"{"), frame(TEXT, b"{}")], 1002),
        ([frame(TEXT, b"\xff\xfe")], CLOSE_BAD_TEXT),
        ([frame(0x01, b'"' + b"x" * 40_000), frame(0x00, b"x" * 40_000)], CLOSE_TOO_BIG),
        ([frame(0xC1, b"abc")], CLOSE_POLICY),
        ([frame(0x83, b"abc")], 1002),
        ([bytes((0x81, 0x02)) + b"{}"], 1002),
        ([frame(CLOSE, (1000).to_bytes(2, "big"))], 1000),
        ([frame(CLOSE, (4321).to_bytes(2, "big"))], 4321),
        ([frame(CLOSE, (1006).to_bytes(2, "big"))], 1000),
        ([frame(CLOSE, b"")], 1000),
    ],
)  # fmt: skip
async def test_what_ends_a_connection(frames: list[bytes], code: int) -> None:
    """Broken pieces, bad text, unknown frames, no mask, compression unasked for: each with its code."""
    async with WsVenue().serve() as venue, raw(venue) as one:
        one.send(*frames)
        assert await one.closed() == code
        one.send(frame(CLOSE, code.to_bytes(2, "big")))
        await wait_until_async(lambda: not len(venue.server), what="the server to forget it")


async def test_pieces_without_end_are_refused() -> None:
    """Empty fragments cost as much as messages: a stream of them meets the rate, then the door."""
    options = WsOptions(messages_per_second=1, message_burst=10, max_refused=10)
    venue = WsVenue(options, monotonic_ns=StandingTime())
    async with venue.serve(), raw(venue) as one:
        one.send(*(frame(0x01 if n % 2 == 0 else 0x00, b"") for n in range(1)))
        one.send(*(frame(0x00, b"") for _ in range(100)))
        assert await one.closed() in {CLOSE_POLICY, 1002}


async def test_a_flood_of_pings_is_cut_off() -> None:
    """A ping is a message to the rate; those over it get no pong, and too many end it."""
    options = WsOptions(messages_per_second=1, message_burst=5, max_refused=20)
    venue = WsVenue(options, monotonic_ns=StandingTime())
    async with venue.serve(), raw(venue) as one:
        one.send(*(frame(PING, b"") for _ in range(100)))
        pongs = 0
        while (got := await one.next())[0] == PONG:
            pongs += 1
        assert got[0] == CLOSE
        assert int.from_bytes(got[1][:2], "big") == CLOSE_POLICY
        assert pongs == 5


def heard_now(venue: WsVenue) -> int:
    """How many clients have said something since time passed last."""
    now_ms = venue.server.now_ms()
    return sum(each.heard_ms == now_ms for each in venue.server._clients)


async def test_a_client_that_is_not_there_any_more_is_noticed() -> None:
    """It gets a ping; without an answer it is gone, its subscriptions too. Who answers stays."""
    time, options = StandingTime(), WsOptions(check_session_ms=10, send_timeout_ms=50)
    async with (
        WsVenue(options, monotonic_ns=time).serve() as venue,
        raw(venue) as dead,
        client(venue.url) as living,
    ):
        await living.ask("subscribe", channels=[BOOK])
        dead.send(frame(TEXT, json.dumps({"op": "subscribe", "channels": [BOOK]}).encode()))
        await wait_until_async(lambda: len(venue.streams.find(BOOK, None).subscribers) == 2)
        time.let_pass(options.ping_ms)
        while (await dead.next())[0] != PING:
            pass
        await wait_until_async(lambda: heard_now(venue) == 1, what="the living one's answer")
        time.let_pass(options.ping_ms)
        assert await dead.closed() == CLOSE_ERROR
        await wait_until_async(lambda: len(venue.server) == 1, what="the dead one to be gone")
        assert len(venue.streams.find(BOOK, None).subscribers) == 1
        await living.settle()


async def test_a_client_that_wants_nothing_is_sent_away() -> None:
    """Pongs do not keep it; a subscription does, and so does being logged in."""
    time, options = StandingTime(), WsOptions(check_session_ms=10)
    async with (
        WsVenue(options, monotonic_ns=time).serve() as venue,
        client(venue.url) as listening,
        client(venue.url, venue.token(ALICE)) as trading,
        client(venue.url) as idle,
    ):
        await listening.ask("subscribe", channels=[BOOK])
        for _ in range(options.idle_ms // options.ping_ms - 1):
            time.let_pass(options.ping_ms)
            await wait_until_async(lambda: heard_now(venue) == 3, what="everybody's pong")
        time.let_pass(options.ping_ms)
        with pytest.raises(ConnectionClosed):
            await idle.until(lambda message: False)
        assert idle.socket.close_code == CLOSE_IDLE
        await listening.settle()
        await trading.settle()


async def test_an_address_has_only_so_many_connections() -> None:
    """429 in the handshake; when one goes another may come."""
    async with WsVenue(WsOptions(address_connections=2)).serve() as venue:
        async with client(venue.url), client(venue.url):
            with pytest.raises(InvalidStatus) as refused:
                await connect(venue.url)
            assert refused.value.response.status_code == 429
        await wait_until_async(lambda: not len(venue.server), what="both to be gone")
        async with client(venue.url) as one:
            await one.settle()


async def test_an_account_has_only_so_many_connections() -> None:
    """In the handshake 429; to `auth` an error, and the connection goes on without a name."""
    async with WsVenue(WsOptions(account_connections=1)).serve() as venue:
        token = venue.token(ALICE)
        async with client(venue.url, token), client(venue.url) as other:
            with pytest.raises(InvalidStatus) as refused:
                await connect(venue.url, additional_headers={"Authorization": f"Bearer {token}"})
            assert refused.value.response.status_code == 429
            assert (await other.ask("auth", token=token))["error"]["code"] == "rate_limited"
            answer = await other.ask("subscribe", channels=["user.orders"])
            assert answer["error"]["code"] == "not_authenticated"


@pytest.mark.parametrize("encoding", ["json", "msgpack"])
async def test_compressed_messages_say_the_same(encoding: str) -> None:
    """A client that offers compression and one that does not have the same book."""
    url = f"?encoding={encoding}"
    async with (
        WsVenue(WsOptions(compression=True)).serve() as venue,
        client(venue.url + url, compression="deflate") as small,
        client(venue.url + url, compression=None) as plain,
    ):
        assert small.socket.response is not None
        agreed = small.socket.response.headers["Sec-WebSocket-Extensions"]
        assert agreed.startswith("permessage-deflate")
        books = [ClientBook(), ClientBook()]
        for reader in (small, plain):
            assert (await reader.ask("subscribe", channels=[BOOK]))["ok"]
            await reader.next(BOOK, "snapshot")
        venue.queue.apply(*(place(ALICE, Side.BUY, 900 + n, 1) for n in range(30)))
        for reader, book in zip((small, plain), books, strict=True):
            await reader.settle()
            for message in reader.of(BOOK):
                book.take(message)
        assert len(books[0].levels("bids")) == 30
        assert books[0].sides == books[1].sides


async def test_compression_is_off_unless_switched_on() -> None:
    """An offer is passed over in silence."""
    async with WsVenue().serve() as venue, client(venue.url, compression="deflate") as one:
        assert one.socket.response is not None
        assert "Sec-WebSocket-Extensions" not in one.socket.response.headers
        await one.settle()


async def test_all_are_sent_away_before_a_restart() -> None:
    """Close code 1012 to everybody, 503 to who comes then; who does not answer is cut off."""
    async with WsVenue(WsOptions(send_timeout_ms=50)).serve() as venue, raw(venue) as deaf:
        async with client(venue.url) as polite:
            await polite.ask("subscribe", channels=[BOOK])
            venue.server.close_all()
            with pytest.raises(ConnectionClosed):
                await polite.until(lambda message: False)
            assert polite.socket.close_code == CLOSE_SHUTDOWN
            assert "connect again" in (polite.socket.close_reason or "")
        with pytest.raises(InvalidStatus) as refused:
            await connect(venue.url)
        assert refused.value.response.status_code == 503
        assert await deaf.closed() == CLOSE_SHUTDOWN
        await asyncio.wait_for(venue.server.drained(), 30)


async def test_an_upgrade_behind_a_request_under_way_is_refused() -> None:
    """The answer that is still to come is sent whole, and then the connection ends without a WebSocket."""
    async with WsVenue().serve() as venue, raw(venue, upgrade=False) as one:
        assert (await one.head()).startswith(b"HTTP/1.1 101 ")
        where = urlsplit(venue.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        upgrade = "".join(f"{name}: {value}\r\n" for name, value in HEAD.items())
        writer.write(
            b"GET /api/asyncapi.json HTTP/1.1\r\nHost: cse.test\r\n\r\n"
            + f"GET /ws HTTP/1.1\r\n{upgrade}\r\n".encode()
        )
        whole = await reader.read()
        assert whole.startswith(b"HTTP/1.1 200 ")
        assert json.loads(whole.partition(b"\r\n\r\n")[2])["asyncapi"] == "3.0.0"
        writer.close()
        await writer.wait_closed()


def test_frames_of_one_turn_leave_in_one_system_call() -> None:
    """Thirty messages to each of five clients, published one by one in a turn of uvloop: one write each."""

    async def story() -> int:
        options = WsOptions()
        async with (
            WsVenue(options, socket_bytes=options.socket_bytes).serve() as venue,
            AsyncExitStack() as stack,
        ):
            readers = [await stack.enter_async_context(raw(venue)) for _ in range(5)]
            for one in readers:
                one.send(frame(TEXT, json.dumps({"op": "subscribe", "channels": [BOOK]}).encode()))
                await one.next()
                await one.next()
            channel = venue.streams.find(BOOK, None)
            before = writes()
            for n in range(30):
                channel.publish(Outgoing(None, json=b'{"n":%d}' % n))
            for one in readers:
                for n in range(30):
                    assert await one.next() == (TEXT, b'{"n":%d}' % n)
            return writes() - before

    assert uvloop.run(story()) == 5


def writes() -> int:
    """How many system calls of this process wrote something so far (proc(5), `io`)."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["syscw"])
