"""Clients that are broken, greedy, slow or bad: each is answered or shown the door, the others notice nothing."""

import asyncio
import json
import random

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from cse.gateway.ws.options import CLOSE_POLICY, CLOSE_SLOW, CLOSE_TOO_BIG, WsOptions
from cse.market_data import INTERVALS
from cse.messages import commands as c
from cse.messages.wire import Side
from tests.unit.gateway.ws.client import ClientBook, client, slow_client
from tests.unit.gateway.ws.venue import ALICE, BOB, StandingTime, WsVenue
from tests.unit.projections.live.streams import place
from tests.waiting import wait_until_async

BOOK, TRADES = "orderbook.GOLD-USD1", "trades.GOLD-USD1"

BAD_FRAMES = [
    "", " ", "null", "[]", "1", '"ping"', "{", "{}", '{"op":"ping"', '{"op":1}', '{"op":"PING"}', "\x00",
    '{"op":"ping","id":1.5}', '{"op":"ping","id":[]}', '{"op":"ping","id":9007199254740993}',
    '{"op":"ping","id":"' + "x" * 65 + '"}', '{"op":"ping","extra":1}', '{"op":"ping"}{"op":"ping"}',
    '{"op":"subscribe"}', '{"op":"subscribe","channels":[]}', '{"op":"subscribe","channels":"trades"}',
    '{"op":"subscribe","channels":[1]}', '{"op":"subscribe","channels":["' + "x" * 65 + '"]}',
    '{"op":"subscribe","channels":["trades.GOLD-USD1"],"since":-1}',
    '{"op":"subscribe","channels":["trades.GOLD-USD1","trades.NONE-USD"]}',
    '{"op":"subscribe","channels":["trades.GOLD-USD1.x"]}', '{"op":"subscribe","channels":["trades."]}',
    '{"op":"subscribe","channels":["candles.GOLD-USD1.7m"]}', '{"op":"subscribe","channels":["\\ud800"]}',
    '{"op":"resync"}', '{"op":"resync","channel":["a"]}', '{"op":"auth"}', '{"op":"auth","token":1}',
    '{"op":"auth","token":"' + "a." * 3_000 + '"}', '{"op":"auth","token":"\\u0000"}',
    '{"op":"order.place"}', '{"op":"order.batch","items":[]}', '{"op":"order.nothing"}',
    '{"op":"ping","\u00fc\U0001f4a5":1}', '{"op":"subscribe","channels":["trades.\u20ac\U0001f4a5"]}',
    '{"op":' + "[" * 500 + "]" * 500 + "}", '{"a":' * 500 + "1" + "}" * 500, '{"op":"' + "p" * 60_000 + '"}',
]  # fmt: skip


async def test_bad_messages_are_answered_with_an_error() -> None:
    """Every one gets a problem document with a 4xx status, and the connection goes on."""
    async with WsVenue().serve() as venue, client(venue.url) as reader:
        for frame in BAD_FRAMES:
            await reader.socket.send(frame)
            answer = await reader.until(lambda message: "ok" in message)
            assert answer["ok"] is False, frame
            assert 400 <= answer["error"]["status"] < 500, frame
            assert answer["error"]["detail"], frame
        assert (await reader.ask("ping"))["ok"]
        assert reader.of(TRADES) == [], "all channels or none"


@pytest.mark.parametrize("encoding", ["json", "msgpack"])
async def test_random_bytes_are_answered_with_an_error(encoding: str) -> None:
    """Binary junk of every length, to both kinds of connection."""
    dice = random.Random(5)
    async with WsVenue().serve() as venue, client(f"{venue.url}?encoding={encoding}") as reader:
        for size in [0, 1, 2, *dice.choices(range(3, 4_000), k=60)]:
            await reader.socket.send(dice.randbytes(size))
            assert (await reader.until(lambda message: "ok" in message))["ok"] is False
        assert (await reader.ask("ping"))["ok"]


async def test_the_wrong_kind_of_frame_is_refused() -> None:
    """A binary frame on a JSON connection and a text frame on a MessagePack one say what is wrong."""
    async with (
        WsVenue().serve() as venue,
        client(venue.url) as text,
        client(f"{venue.url}?encoding=msgpack") as binary,
    ):
        await text.socket.send(b'{"op":"ping"}')
        await binary.socket.send('{"op":"ping"}')
        for reader in (text, binary):
            answer = await reader.until(lambda message: "ok" in message)
            assert answer["error"]["code"] == "invalid_json"


async def test_msgpack_that_json_cannot_say_is_refused() -> None:
    """Deep nesting, extension types, keys that are no text, numbers out of range."""
    frames = [
        b"\x91" * 2_000 + b"\xc0", b"\x81\x01\x02", b"\xd4\x05\x00", b"\x81\xa2op\xd4\x05\x00",
        b"\x82\xa2op\xa4ping\xa2id\xcf" + b"\xff" * 8, b"\x81\xa2op\xcb\x7f\xf8" + b"\x00" * 6,
        b"\x81\xa2op\xc4\x01\xff",
    ]  # fmt: skip
    async with WsVenue().serve() as venue, client(f"{venue.url}?encoding=msgpack") as reader:
        for frame in frames:
            await reader.socket.send(frame)
            assert (await reader.until(lambda message: "ok" in message))["ok"] is False
        assert (await reader.ask("ping"))["ok"]


async def test_a_message_too_big_ends_the_connection() -> None:
    """Close code 1009 and the limit in the reason."""
    async with WsVenue().serve() as venue, client(venue.url) as reader:
        await reader.socket.send(json.dumps({"op": "ping", "id": "x" * 70_000}))
        with pytest.raises(ConnectionClosed):
            await reader.settle()
        assert reader.socket.close_code == CLOSE_TOO_BIG
        assert "65536" in (reader.socket.close_reason or "")


async def test_too_many_messages_are_refused_and_then_ended() -> None:
    """First errors, then close code 1008; whoever keeps to the rate is not touched."""
    options = WsOptions(messages_per_second=1, message_burst=5, max_refused=3)
    venue = WsVenue(options, monotonic_ns=StandingTime())
    async with venue.serve(), client(venue.url) as reader:
        for _ in range(5):
            assert (await reader.ask("ping"))["ok"]
        await reader.send(op="ping", id=99)
        answer = await reader.until(lambda message: "ok" in message)
        assert answer["error"]["code"] == "rate_limited"
        for _ in range(10):
            await reader.send(op="ping")
        with pytest.raises(ConnectionClosed):
            await reader.until(lambda message: message.get("ok"))
        assert reader.socket.close_code == CLOSE_POLICY


async def test_subscriptions_are_limited() -> None:
    """One more than allowed is refused as a whole; those that run go on."""
    options = WsOptions(max_subscriptions=2)
    async with WsVenue(options).serve() as venue, client(venue.url) as reader:
        assert (await reader.ask("subscribe", channels=[BOOK]))["ok"]
        refused = await reader.ask("subscribe", channels=[TRADES, "ticker.GOLD-USD1"])
        assert refused["error"]["code"] == "rate_limited"
        assert (await reader.ask("subscribe", channels=[TRADES, BOOK]))["ok"]


async def test_opening_many_channels_costs_as_much_as_many_messages() -> None:
    """Asking for everything again and again meets the message rate soon."""
    options = WsOptions(messages_per_second=1, message_burst=20)
    every = [f"candles.GOLD-USD{n}.{interval}" for n in (1, 2) for interval in INTERVALS]
    venue = WsVenue(options, monotonic_ns=StandingTime())
    async with venue.serve(), client(venue.url, max_queue=None) as reader:
        answers = [await reader.ask("subscribe", channels=every) for _ in range(3)]
        assert [answer["ok"] for answer in answers] == [True, True, True]
        await reader.send(op="ping")
        answer = await reader.until(lambda message: "ok" in message)
        assert answer["error"]["code"] == "rate_limited"


async def test_connections_are_limited() -> None:
    """The one too many is refused in the handshake with 503; room that is left can be taken again."""
    async with WsVenue(WsOptions(max_connections=1)).serve() as venue:
        async with client(venue.url) as reader:
            await reader.settle()
            with pytest.raises(InvalidStatus) as refused:
                await connect(venue.url)
            assert refused.value.response.status_code == 503
        await wait_until_async(lambda: not len(venue.server), what="the first to be gone")
        async with client(venue.url) as reader:
            await reader.settle()


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://[", "file://"]
)
async def test_pages_of_other_origins_may_not_connect(origin: str) -> None:
    """A browser page from elsewhere gets 403 before there is a WebSocket."""
    async with WsVenue().serve() as venue:
        with pytest.raises(InvalidStatus) as refused:
            await connect(venue.url, origin=origin)  # type: ignore[arg-type]  # a str is an Origin
        assert refused.value.response.status_code == 403
        assert json.loads(refused.value.response.body or b"")["code"] == "forbidden"


async def test_own_pages_and_allowed_ones_may_connect() -> None:
    """The server's own origin, those of the list, and programs, which send none."""
    options = WsOptions(allowed_origins=("https://app.example",))
    async with WsVenue(options).serve() as venue:
        own = venue.url.replace("ws://", "http://").removesuffix("/ws")
        for origin in (own, "https://app.example", None):
            async with client(venue.url, origin=origin) as reader:
                await reader.settle()


@pytest.mark.parametrize(
    ("query", "header", "status"),
    [
        ("?encoding=xml", None, 400), ("?nonsense=1", None, 400), ("?encoding=json&encoding=json", None, 400),
        ("?cancel_on_disconnect=yes", None, 400), ("", "Bearer no.such.token", 401), ("", "Basic YTpi", 401),
    ],
)  # fmt: skip
async def test_a_bad_handshake_is_refused(query: str, header: str | None, status: int) -> None:
    """Unknown options and bad credentials are told in the handshake, as problem documents."""
    async with WsVenue().serve() as venue:
        headers = {"Authorization": header} if header else {}
        with pytest.raises(InvalidStatus) as refused:
            await connect(venue.url + query, additional_headers=headers)
        response = refused.value.response
        problem = json.loads(response.body or b"")
        assert response.status_code == problem["status"] == status
        assert response.headers["X-Request-Id"] == problem["request_id"]


async def test_handshakes_count_against_the_addresss_limit() -> None:
    """Connecting again and again is refused like any other call; who is connected stays."""
    venue = WsVenue()
    venue.few_handshakes(2)
    async with venue.serve(), client(venue.url) as first:
        assert first.socket.response is not None
        assert first.socket.response.headers["X-Request-Id"]
        async with client(venue.url):
            with pytest.raises(InvalidStatus) as refused:
                await connect(venue.url)
        assert refused.value.response.status_code == 429
        assert int(refused.value.response.headers["Retry-After"]) >= 1
        await first.settle()


async def test_a_slow_reader_of_books_gets_a_fresh_snapshot() -> None:
    """Updates it could not take are left out, a snapshot follows, and the book is right in the end."""
    options = WsOptions(conflate_bytes=20_000)
    async with WsVenue(options).serve() as venue, slow_client(venue.url) as slow:
        await slow.ask("subscribe", channels=[BOOK])
        book, turns = ClientBook(), 0
        channel = venue.streams.find(BOOK, None)
        (connection,) = channel.subscribers
        while channel not in connection._opening:  # type: ignore[attr-defined]  # what the test waits for
            orders = [place(ALICE, Side.BUY, 800 + turns % 100 + n, 1) for n in range(40)]
            venue.queue.apply(*orders, c.CancelAll(ALICE, 0))
            turns += 1
            await asyncio.sleep(0)
        venue.queue.apply(place(ALICE, Side.SELL, 1_001, 1))
        await slow.settle()
        await slow.settle()
        for message in slow.of(BOOK):
            book.take(message)
        kinds = [message["type"] for message in slow.of(BOOK)]
        assert kinds.count("snapshot") == 2, "the first one, and the one after the conflation"
        assert book.levels("asks") == [["0.1001", "0.01"]]
        assert book.sequence == venue.hub.depth(1).sequence


async def test_a_slow_reader_of_trades_is_disconnected() -> None:
    """Trades are never left out: past the buffer the connection ends with code and reason."""
    options = WsOptions(buffer_bytes=50_000, send_timeout_ms=60_000)
    async with (
        WsVenue(options).serve() as venue,
        slow_client(venue.url) as slow,
        client(venue.url) as quick,
    ):
        for reader in (slow, quick):
            await reader.ask("subscribe", channels=[TRADES])
            await reader.next(TRADES)
        trades = 0
        while not any(one.connection.closing for one in venue.server._clients):
            sells = [place(ALICE, Side.SELL, 1_000, 1) for _ in range(40)]
            venue.queue.apply(*sells, place(BOB, Side.BUY, 1_000, 40))
            trades += 40
            await quick.settle()
        with pytest.raises(ConnectionClosed):
            await slow.until(lambda message: False)
        assert slow.socket.close_code == CLOSE_SLOW
        assert "50000 bytes" in (slow.socket.close_reason or "")
        assert sum(len(message["trades"]) for message in quick.of(TRADES)) == trades


async def test_a_dead_client_does_not_stay() -> None:
    """A connection that is cut leaves neither a subscription nor a task behind."""
    async with WsVenue().serve() as venue:
        async with client(venue.url, venue.token(ALICE)) as reader:
            await reader.ask("subscribe", channels=[BOOK, "user.orders"])
            reader.socket.transport.abort()
            await wait_until_async(lambda: not len(venue.server), what="the server to notice")
        assert not venue.streams.find(BOOK, None).subscribers
        assert not venue.streams.find("user.orders", ALICE).subscribers
        venue.queue.apply(place(ALICE, Side.BUY, 990, 1))
