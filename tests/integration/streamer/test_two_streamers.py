"""Two streamers behind one Redis, and the exchange's own WebSocket: the same sequences, the same messages."""

import asyncio
import json

import httpx
import msgspec
import pytest
from websockets.asyncio.client import connect

from tests.integration.streamer.follower import USER, Follower, following
from tests.integration.streamer.world import MARKET, Fleet
from tests.waiting import wait_until, wait_until_async

AT_ONCE = (f"orderbook.{MARKET}", f"bbo.{MARKET}", f"trades.{MARKET}", "status", *USER)
"""Sent at the end of a turn: each update is the same for everybody."""
INDICATOR = f"indicators.{MARKET}.1m.sma(3)"
PACED = (
    f"orderbook.{MARKET}.20@100ms",
    f"ticker.{MARKET}",
    "tickers",
    f"candles.{MARKET}.1m",
    f"candles.{MARKET}.1s",
    INDICATOR,
)
BOOK, STEP = f"orderbook.{MARKET}", f"orderbook.{MARKET}.step=0.01"


async def level(fleet: Fleet, *followers: Follower) -> None:
    """Return once each has in every channel what the exchange's own client has, and nothing more comes."""
    async with following([fleet.url], list(followers[0].messages), fleet.token(0)) as own:

        def same() -> bool:
            return all(
                own.sequence(name) == follower.sequence(name) != -1
                for name in own.messages
                for follower in followers
            )

        await wait_until_async(same, 60, "all to be where the exchange is")


async def snapshots(url: str, channels: list[str], token: str) -> dict[str, dict[str, object]]:
    """What somebody who comes now is sent first."""
    headers = {"Authorization": f"Bearer {token}"}
    found: dict[str, dict[str, object]] = {}
    async with connect(url, additional_headers=headers, proxy=None) as socket:
        await socket.send(json.dumps({"op": "subscribe", "channels": channels}))
        while len(found) < len(channels):
            message = json.loads(await asyncio.wait_for(socket.recv(), 20))
            if "channel" in message:
                found.setdefault(message["channel"], message)
    return found


async def test_the_same_on_every_channel(fleet: Fleet) -> None:
    """Updates that are not paced are equal message for message; what a newcomer gets is equal for all kinds."""
    channels = [*AT_ONCE, *PACED, STEP]
    urls = [fleet.url, *(streamer.url for streamer in fleet.streamers)]
    token = fleet.token(0)
    async with (
        following(urls[:1], channels, token) as own,
        following(urls[1:2], channels, token) as first,
        following(urls[2:], channels, token) as second,
    ):
        await level(fleet, own, first, second)
        await fleet.trade_meanwhile(10)
        await level(fleet, own, first, second)
        for name in AT_ONCE:
            began = max(f.messages[name][0]["sequence"] for f in (own, first, second))
            told = own.updates(name, began)
            assert told or name == "status"
            assert told == first.updates(name, began) == second.updates(name, began)
        for name in channels:
            for follower in (own, first, second):
                follower.check_chain(name)

        async def same() -> bool:  # what is paced may be on its way
            theirs = [await snapshots(url, list(PACED), token) for url in urls]
            for each in theirs:
                del each[INDICATOR][
                    "time"
                ]  # when its values were computed: once for each who asks first
            return theirs[0] == theirs[1] == theirs[2]

        await wait_until_async(same, 60, "newcomers to get the same everywhere")

        def same_books() -> bool:  # the coarse one is paced as well
            return all(
                own.book(name).sides == follower.book(name).sides
                for name in (BOOK, STEP)
                for follower in (first, second)
            )

        await wait_until_async(same_books, what="the followers to have the same books")


async def test_messagepack_says_the_same(fleet: Fleet) -> None:
    """The same messages as binary frames."""
    url = fleet.streamers[0].url
    found = []
    for query, decode in (("", json.loads), ("?encoding=msgpack", msgspec.msgpack.decode)):
        async with connect(url + query, proxy=None) as socket:
            asked = {"op": "subscribe", "channels": ["status"]}
            await socket.send(msgspec.msgpack.encode(asked) if query else json.dumps(asked))
            told: dict[str, object] = {}
            while told.get("channel") != "status":
                told = decode(await asyncio.wait_for(socket.recv(), 30))
            found.append(told)
    assert found[0] == found[1]


async def test_a_slow_reader_costs_nobody_else_anything(fleet: Fleet) -> None:
    """Somebody who takes nothing off the wire for a while: others are level, and it is, too, once it reads."""
    url = fleet.streamers[0].url
    async with following([url], [BOOK]) as quick, connect(url, proxy=None, max_queue=1) as slow:
        await slow.send(json.dumps({"op": "subscribe", "channels": [BOOK, f"trades.{MARKET}"]}))
        await fleet.trade_meanwhile(10)
        await level(fleet, quick)
        late = Follower([url], [BOOK, f"trades.{MARKET}"], None)
        while late.sequence(BOOK) < quick.sequence(BOOK):
            await late.take(slow, json.loads(await asyncio.wait_for(slow.recv(), 30)))
        assert late.book(BOOK).sides == quick.book(BOOK).sides


async def test_orders_go_through_a_streamer(fleet: Fleet) -> None:
    """As at a gateway: the same answers, the same refusals; and they are cancelled when the client goes."""
    order = {
        "market": MARKET,
        "side": "buy",
        "type": "limit",
        "price": "1.0000",
        "quantity": "1.00",
    }
    headers = {"Authorization": f"Bearer {fleet.token(0)}"}
    url = f"{fleet.streamers[1].url}?cancel_on_disconnect=true"
    async with connect(url, additional_headers=headers, proxy=None) as socket:
        await socket.send(json.dumps({"op": "order.place", "id": 1, **order}))
        placed = json.loads(await asyncio.wait_for(socket.recv(), 30))
        assert (placed["id"], placed["ok"], placed["status"]) == (1, True, 201)
        await socket.send(json.dumps({"op": "order.place", "id": 2, **order, "price": "x"}))
        refused = json.loads(await asyncio.wait_for(socket.recv(), 30))
        assert (refused["id"], refused["error"]["code"]) == (2, "invalid_request")
        await socket.send(json.dumps({"op": "order.cancel", "id": 3, "order_id": 2**40}))
        unknown = json.loads(await asyncio.wait_for(socket.recv(), 30))
        assert (unknown["id"], unknown["error"]["status"]) == (3, 404)
        order_id = placed["result"]["order"]["id"]
        assert fleet.engine(f"/api/orders/{order_id}")["order"]["status"] == "open"

    def cancelled() -> bool:
        return bool(fleet.engine(f"/api/orders/{order_id}")["order"]["status"] == "cancelled")

    await wait_until_async(cancelled, what="the order to be cancelled")


async def test_somebody_without_a_token_places_nothing(fleet: Fleet) -> None:
    """The streamer itself refuses; nothing reaches a gateway."""
    async with connect(fleet.streamers[0].url, proxy=None) as socket:
        await socket.send(json.dumps({"op": "order.cancel_all", "id": 1}))
        refused = json.loads(await asyncio.wait_for(socket.recv(), 30))
        assert refused["error"]["code"] == "not_authenticated"
        await socket.send(json.dumps({"op": "auth", "token": "made up", "id": 2}))
        refused = json.loads(await asyncio.wait_for(socket.recv(), 30))
        assert refused["error"]["code"] == "invalid_token"


async def test_a_session_that_ends_ends_here_too(fleet: Fleet) -> None:
    """Logging out at the gateway closes the private channels of a streamer's client."""
    with fleet.exchange.person("cyd") as person:
        token = person.headers["authorization"].partition(" ")[2]
        headers = {"Authorization": f"Bearer {token}"}
        async with connect(
            fleet.streamers[0].url, additional_headers=headers, proxy=None
        ) as socket:
            await socket.send(json.dumps({"op": "subscribe", "channels": ["user.orders"]}))
            async with asyncio.timeout(30):
                while json.loads(await socket.recv()).get("type") != "snapshot":
                    pass
                assert person.post("/api/auth/logout").status_code == 204
                closed = json.loads(await socket.recv())
            assert (closed["type"], closed["code"]) == ("closed", "session_revoked")


def test_health_and_metrics(fleet: Fleet) -> None:
    """On the port of the WebSocket; what is not there is a problem document."""
    base = fleet.streamers[0].base

    def ask(path: str) -> httpx.Response:
        return httpx.get(f"{base}{path}", timeout=30)

    wait_until(lambda: ask("/api/health/ready").json()["status"] == "ready", what="readiness")
    ready = ask("/api/health/ready").json()
    assert ready["dependencies"].keys() >= {"redis", "exchange", "database"}
    assert ask("/api/health/live").json() == {"status": "live"}
    wait_until(lambda: "cse_streamer_hears_exchange 1.0" in ask("/metrics").text, what="the metric")
    assert "cse_websocket_connections" in ask("/metrics").text
    nothing = ask("/api/markets")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("name", ["orderbook.NONE-USDC", "candles.NOVA-USDC.7m", "user.orders"])
async def test_what_is_not_there_is_refused_at_once(fleet: Fleet, name: str) -> None:
    """With the same codes as at the exchange itself."""
    codes = []
    for url in (fleet.url, fleet.streamers[0].url):
        async with connect(url, proxy=None) as socket:
            await socket.send(json.dumps({"op": "subscribe", "channels": [name], "id": 1}))
            answer = json.loads(await asyncio.wait_for(socket.recv(), 30))
            codes.append((answer["ok"], answer["error"]["code"]))
    assert codes[0] == codes[1]
