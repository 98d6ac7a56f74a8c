"""What a client may try that costs the exchange more than it costs the client: on uvloop, as in production."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import cast

import pytest
import uvloop
from websockets.exceptions import ConnectionClosed

from cse.core.errors import CseError, Unavailable
from cse.gateway.ws.channel import Channel
from cse.gateway.ws.channels.candles import CandlesChannel
from cse.gateway.ws.connection import Connection
from cse.gateway.ws.options import CLOSE_SHUTDOWN, CLOSE_SLOW, WsOptions
from tests.integration.test_ws_disconnect import BUY
from tests.integration.test_ws_sockets import BOOK, PING, TEXT, frame, raw
from tests.unit.gateway.ws.client import client
from tests.unit.gateway.ws.venue import ALICE, WsVenue
from tests.waiting import wait_until_async

MANY = 10_000_000


def on_uvloop(story: Callable[[], Coroutine[None, None, None]]) -> None:
    uvloop.run(asyncio.wait_for(story(), 120))


@pytest.mark.parametrize(
    ("error", "status"), [(Unavailable("the keys are away"), 503), (RuntimeError("a bug"), 500)]
)
def test_a_handshake_that_fails_is_answered(error: Exception, status: int) -> None:
    """Whatever goes wrong in it: nothing else would end a connection that is not read any more."""

    async def story() -> None:
        async with WsVenue().serve() as venue:

            async def fail(*_: object) -> None:
                raise error

            venue.server._identity = fail  # type: ignore[method-assign,assignment]  # what may fail
            async with raw(venue, upgrade=False) as one:
                assert (await one.head()).startswith(b"HTTP/1.1 %d " % status)
                problem = json.loads(await one.reader.read())
                assert problem["status"] == status
            assert venue.server._admitted == 0

    assert isinstance(error, CseError) is (status == 503)
    on_uvloop(story)


def test_who_pings_and_never_reads_is_sent_away() -> None:
    """Pongs wait like everything else: past the buffer the connection ends, and memory does not grow."""

    async def story() -> None:
        options = WsOptions(
            buffer_bytes=20_000, messages_per_second=MANY, message_burst=MANY,
            address_messages=MANY, send_timeout_ms=60_000,
        )  # fmt: skip
        async with WsVenue(options).serve() as venue, raw(venue) as one:
            await wait_until_async(lambda: len(venue.server) == 1, what="the client")
            (pinging,) = venue.server._clients
            reading = cast("asyncio.Transport", one.writer.transport)
            reading.pause_reading()
            pings = frame(PING, bytes(125)) * 100
            while not pinging.connection.closing:
                assert pinging.wire.waiting_bytes <= options.buffer_bytes, "it does not grow"
                one.send(pings)
                await asyncio.sleep(0)
            reading.resume_reading()
            assert await one.closed() == CLOSE_SLOW

    on_uvloop(story)


def test_coming_and_leaving_leaves_nothing_behind_while_nothing_is_read() -> None:
    """A client whose reading pauses may subscribe and unsubscribe as it likes: no channel stays for it."""

    async def story() -> None:
        async with WsVenue().serve() as venue, raw(venue) as one:
            await wait_until_async(lambda: len(venue.server) == 1, what="the client")
            (busy,) = venue.server._clients
            connection: Connection = busy.connection
            connection.pause()  # as the transport says when much waits
            for op in ["subscribe", "unsubscribe"] * 20:
                one.send(frame(TEXT, json.dumps({"op": op, "channels": [BOOK]}).encode()))
                await one.next()
            assert not connection._due
            assert not connection._opening
            connection.resume()

    on_uvloop(story)


def test_orders_under_way_are_answered_before_a_restart() -> None:
    """Who is sent away knows what became of its orders; one that comes meanwhile is refused, not lost."""

    async def story() -> None:
        patient = WsVenue(WsOptions(send_timeout_ms=60_000))
        async with patient.serve() as venue, client(venue.url, venue.token(ALICE)) as reader:
            venue.queue.gate.clear()
            await reader.send(op="order.place", id="under way", **BUY)
            await wait_until_async(lambda: venue.queue.waiting, what="the order to be under way")
            venue.server.close_all()
            venue.server.close_all()  # as the web server does once more
            refused = await reader.ask("order.place", **BUY)
            assert refused["error"]["code"] == "unavailable"
            venue.queue.gate.set()
            answer = await reader.until(lambda message: message.get("id") == "under way")
            assert answer["ok"]
            with pytest.raises(ConnectionClosed):
                await reader.until(lambda message: False)
            assert reader.socket.close_code == CLOSE_SHUTDOWN
            await venue.server.drained_within(5)

    on_uvloop(story)


def test_an_order_that_is_never_answered_holds_no_restart_up() -> None:
    """After the time for goodbyes the connection ends without its answer."""

    async def story() -> None:
        options = WsOptions(send_timeout_ms=50)
        async with WsVenue(options).serve() as venue, client(venue.url, venue.token(ALICE)) as one:
            venue.queue.gate.clear()
            await one.send(op="order.place", **BUY)
            await wait_until_async(lambda: venue.queue.waiting, what="the order to be under way")
            venue.server.close_all()
            with pytest.raises(ConnectionClosed):
                await one.until(lambda message: False)
            assert one.socket.close_code == CLOSE_SHUTDOWN
            await venue.server.drained_within(0.05)  # the order is under way still

    on_uvloop(story)


def test_a_refused_subscription_costs_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """One too many is refused before any channel is made; a channel that is not subscribed prints nothing."""
    found: list[str] = []
    printed: list[object] = []

    async def story() -> None:
        options = WsOptions(max_subscriptions=2)
        async with WsVenue(options).serve() as venue, client(venue.url) as reader:
            find = venue.streams.find

            def noted(name: str, account_id: int | None) -> Channel:
                found.append(name)
                return find(name, account_id)

            monkeypatch.setattr(venue.streams, "find", noted)
            every = [f"candles.GOLD-USD1.{interval}" for interval in ("1m", "5m", "1h")]
            refused = await reader.ask("subscribe", channels=every)
            assert refused["error"]["code"] == "rate_limited"
            assert found == []
            refused = await reader.ask("subscribe", channels=[every[0], "candles.GOLD-USD1.7m"])
            assert refused["error"]["code"] == "not_found"
            assert (len(found), printed) == (2, [])
            (only,) = venue.server._clients
            assert only.connection.quota._subscriptions == 0
            assert (await reader.ask("subscribe", channels=every[:2]))["ok"]
            assert len(printed) == 2

    load = CandlesChannel._load

    def noted_load(channel: CandlesChannel) -> None:
        printed.append(channel)
        load(channel)

    monkeypatch.setattr(CandlesChannel, "_load", noted_load)
    on_uvloop(story)


def test_handshakes_that_wait_for_keys_do_not_go_past_the_bound() -> None:
    """However many are looked up at once, no more connections are let in than there may be."""

    async def story() -> None:
        async with WsVenue(WsOptions(max_connections=1)).serve() as venue:
            waiting, go_on = [0], asyncio.Event()

            async def look_up(*_: object) -> None:
                waiting[0] += 1
                await go_on.wait()

            venue.server._identity = look_up  # type: ignore[method-assign,assignment]  # what may wait
            async with raw(venue, upgrade=False) as one, raw(venue, upgrade=False) as two:
                await wait_until_async(lambda: waiting[0] == 2, what="both handshakes")
                go_on.set()
                heads = [(await each.head())[9:12] for each in (one, two)]
                assert sorted(heads) == [b"101", b"503"]

    on_uvloop(story)
