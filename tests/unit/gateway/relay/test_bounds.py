"""What bounds a publisher: its line to the bus, what it follows, how often it makes a book."""

import asyncio
import json

import pytest

from cse.adapters.cache.memory import MemoryCache
from cse.gateway.problems import ApiProblem
from cse.gateway.relay import follows, outbound
from cse.gateway.relay.asks import WINDOW, Asks
from cse.gateway.relay.outbound import Outbound
from cse.gateway.relay.protocol import (
    ANSWER,
    ASK,
    FOLLOW_S,
    HELLO,
    Answer,
    Ask,
    encode,
    read_answer,
)
from cse.gateway.ws.frames import Outgoing
from cse.messages.bus import BusMessage
from cse.messages.wire import Side
from tests.unit.gateway.relay.world import MARKET, LossyBus, World, world
from tests.unit.gateway.ws.venue import ALICE, BOB
from tests.unit.projections.live.streams import place
from tests.waiting import wait_until_async

BOOK = f"orderbook.{MARKET}"
TOP = f"orderbook.{MARKET}.5@100ms"


async def test_too_much_at_once_is_dropped_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the bound all that waits goes, and a new epoch stands before what comes next."""
    monkeypatch.setattr(outbound, "MAX_WAITING", 10)
    bus = LossyBus()
    line = Outbound(bus)
    for number in range(25):
        line.put("a", Outgoing(None, b"%d" % number))
    assert (line.waiting, line.dropped) == (5, 20)
    running = asyncio.create_task(line.run())
    await wait_until_async(lambda: not line.waiting, what="the line")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert bus.sent[0].channel == HELLO
    assert json.loads(bus.sent[0].payload)["epoch"] == line.epoch
    assert bus.sent[1:] == [BusMessage("a", b"%d" % number) for number in range(20, 25)]


async def test_only_so_much_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One account more than that is refused as unavailable, which streamers ask again."""
    monkeypatch.setattr(follows, "MAX_ACCOUNT_CHANNELS", 1)
    w = World()
    w.publisher.follows.add(("user.orders", ALICE))
    w.publisher.follows.add(("user.orders", ALICE))
    with pytest.raises(ApiProblem) as refused:
        w.publisher.follows.add(("user.orders", BOB))
    assert refused.value.code == "unavailable"
    w.publisher.follows.forget_expired(w.publisher.follows.now_s() + FOLLOW_S + 1)
    w.publisher.follows.add(("user.orders", BOB))


async def test_a_public_channel_is_nobodys_own() -> None:
    """Asking for one with an account is refused: when that lapsed, the channel would be published no more."""
    async with world() as w:
        relay = await w.relay()
        client = w.listen(relay, BOOK)
        await w.level(client)
        ask = encode(Ask("somebody", 1, BOOK, ALICE))
        await w.bus.publish(ASK, ask)
        answers = ANSWER + "somebody"
        await wait_until_async(
            lambda: any(sent.channel == answers for sent in w.bus.sent), what="the answer"
        )
        (answer,) = (read_answer(sent.payload) for sent in w.bus.sent if sent.channel == answers)
        assert isinstance(answer, Answer)
        assert answer.code == "not_found"
        w.publisher.follows.forget_expired(w.publisher.follows.now_s() + FOLLOW_S + 1)
        w.trade(20)
        await w.level(client)


async def test_the_end_of_one_channel_is_no_new_beginning_of_all() -> None:
    """Streamers hear of it when they renew that one; nobody is asked for anything else anew."""
    async with world() as w:
        relay = await w.relay()
        client, other = w.listen(relay, TOP), w.listen(relay, BOOK)
        await w.level(client)
        await w.level(other)
        epoch, asked = w.publisher.outbound.epoch, len(w.bus.sent)
        channel = w.venue.streams.find(TOP, None)
        w.publisher.end(channel, "internal_error", "It cannot be computed.")
        assert (TOP, None) not in w.publisher.follows
        await relay.renew()
        await wait_until_async(
            lambda: (TOP, None) in w.publisher.follows, what="the channel to be asked for anew"
        )
        assert w.publisher.outbound.epoch == epoch
        questions = [sent for sent in w.bus.sent[asked:] if sent.channel == ASK]
        assert len(questions) == 2, "the renewal, and one for the channel"


async def test_nonsense_on_the_bus_hurts_nobody() -> None:
    """Neither a publisher nor a relay ends for what somebody else published."""
    async with world() as w:
        relay = await w.relay()
        client = w.listen(relay, BOOK)
        await w.level(client)
        for channel in (
            "streams:ask",
            HELLO,
            f"streams:answer:{relay.streamer}",
            f"orderbook:{MARKET}",
        ):
            await w.bus.publish(channel, b"{nonsense")
        w.do(place(ALICE, Side.SELL, 1_000, 5))
        await w.level(client)


async def test_what_nobody_renewed_is_asked_for_anew() -> None:
    """A streamer that was away longer than its channels were kept is told so when it renews."""
    async with world() as w:
        relay = await w.relay()
        client = w.listen(relay, f"bbo.{MARKET}")
        await w.level(client)
        w.publisher.follows.forget_expired(w.publisher.follows.now_s() + 31)
        w.do(place(ALICE, Side.SELL, 1_000, 5))
        await w.published(client.name)
        await relay.renew()
        await w.level(client)
        assert (client.name, None) in w.publisher.follows


async def test_a_book_is_made_once_a_second_however_many_ask() -> None:
    """Ten streamers at once: one book is made, all of them get it."""
    async with world() as w:
        w.trade(100)
        relays = [await w.relay() for _ in range(3)]
        made = w.publisher._books._made
        clients = [w.listen(relay, BOOK) for relay in relays]
        for client in clients:
            await w.level(client)
        first = made[BOOK].snapshot
        assert all(client.book().sides == clients[0].book().sides for client in clients)
        assert made[BOOK].snapshot is first
        assert set(made) == {BOOK}


async def test_a_streamer_asks_only_so_much_at_once() -> None:
    """A thousand channels at once are asked for in a window; each answer lets another question out."""
    bus, answers = LossyBus(), []
    asks = Asks(bus, MemoryCache(), "me")
    running = asyncio.create_task(asks.run())
    for number in range(1_000):
        asks.ask((f"bbo.{number}", None), None, lambda answer, _cached: answers.append(answer))
    await wait_until_async(lambda: len(bus.sent) == WINDOW, what="a window full of questions")
    for number in range(1, 101):
        asks.take(Answer(number))
    await wait_until_async(lambda: len(bus.sent) == WINDOW + 100, what="as many more")
    asks.forget(101)
    asks.take(Answer(102, code="unavailable"))
    await wait_until_async(lambda: len(bus.sent) == WINDOW + 102, what="two more")
    for number in range(1_001):
        asks.take(Answer(number))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(answers) == 999
    assert len(asks) == 0
