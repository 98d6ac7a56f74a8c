"""Publisher and relays on one bus: what a relay's clients get is what the exchange's own clients get."""

import json

import pytest

from cse.gateway.problems import ApiProblem, edge_problem
from cse.gateway.relay import tail_channel
from cse.gateway.relay.fold_channel import FoldChannel
from cse.gateway.relay.protocol import Follow
from cse.gateway.relay.relay import PATIENCE_S, Relay
from cse.gateway.relay.relayed import NOTHING_YET, Relayed
from cse.gateway.ws.channel import Channel
from cse.gateway.ws.frames import Encoding
from cse.messages.wire import Side
from tests.unit.gateway.relay.world import MARKET, Client, World, world
from tests.unit.gateway.ws.venue import ALICE, BOB
from tests.unit.projections.live.streams import place
from tests.waiting import wait_until_async

BOOK, TRADES = f"orderbook.{MARKET}", f"trades.{MARKET}"
STEP = f"orderbook.{MARKET}.step=0.01"
PUBLIC = (
    BOOK,
    STEP,
    f"orderbook.{MARKET}.10@100ms",
    f"bbo.{MARKET}",
    TRADES,
    f"ticker.{MARKET}",
    "tickers",
    "status",
    f"candles.{MARKET}.1s",
)


def folded(relay: Relay, name: str) -> bytes:
    channel = relay.find(name, None)
    assert isinstance(channel, FoldChannel)
    return channel.fold.snapshot().payload(Encoding.JSON)


def own(w: World, name: str) -> bytes:
    """What the exchange's own channel would send as its snapshot, made anew."""
    return w.snapshot(name, anew=True)


def _untimed(payload: bytes) -> dict[str, object]:
    return {**json.loads(payload), "time": 0}


@pytest.mark.parametrize("name", PUBLIC)
async def test_the_same_messages_in_the_same_snapshot_out(name: str) -> None:
    """A fold's snapshot is the exchange's own, byte for byte, whatever has happened since it began."""
    async with world() as w:
        relay = await w.relay()
        early = w.listen(relay, name)
        await w.level(early)
        for _ in range(6):
            w.trade(50)
            await w.published(name)
            await w.level(early)
        if name == STEP:  # its time may be that of a change that moved no step
            assert _untimed(folded(relay, name)) == _untimed(own(w, name))
        else:
            assert folded(relay, name) == own(w, name)
        late = w.listen(relay, name)
        assert late.messages, "it is opened at once"
        assert late.sequence == early.sequence


async def test_two_relays_say_the_same_and_ask_once() -> None:
    """Clients of two streamers get the same bytes of the same updates; nobody asks for each client."""
    async with world() as w:
        relays = [await w.relay(), await w.relay()]
        clients = [w.listen(relay, BOOK) for relay in relays]
        for client in clients:
            await w.level(client)
        w.trade(200)
        for client in clients:
            await w.level(client)
        asked = sum(message.channel == "streams:ask" for message in w.bus.sent)
        more = [w.listen(relay, BOOK) for relay in relays for _ in range(50)]
        assert all(client.book().sides == clients[0].book().sides for client in more)
        updates = [
            [m for m in map(json.dumps, client.messages) if '"update"' in m] for client in clients
        ]
        assert updates[0][-3:] == updates[1][-3:]
        assert asked == sum(message.channel == "streams:ask" for message in w.bus.sent)


@pytest.mark.parametrize("name", PUBLIC)
async def test_lost_messages_are_healed(name: str) -> None:
    """What the bus lost in the middle is made up for; the clients' chain never breaks."""
    async with world() as w:
        relay = await w.relay()
        client = w.listen(relay, name)
        await w.level(client)
        place_ = name.replace(".", ":", 1)
        for _ in range(3):
            w.bus.lose.add(place_)
            w.trade(60)
            await w.published(name)
            w.bus.lose.clear()
            w.trade(60)
            await w.published(name)
            await w.level(client)
        assert w.bus.lost or name == "status"
        assert _untimed(folded(relay, name)) == _untimed(own(w, name))


async def test_no_trade_is_lost_or_doubled_by_healing() -> None:
    """Trades that the bus lost come as an update: every trade id once, in order."""
    async with world() as w:
        relay = await w.relay()
        client = w.listen(relay, TRADES)
        await w.level(client)
        for lose in (False, True) * 4:
            w.bus.lose = {f"trades:{MARKET}"} if lose else set()
            for _ in range(3):
                w.do(place(ALICE, Side.SELL, 1_000, 1), place(BOB, Side.BUY, 1_000, 1))
                await w.published(TRADES)
        w.bus.lose.clear()
        w.do(place(ALICE, Side.SELL, 1_000, 1), place(BOB, Side.BUY, 1_000, 1))
        await w.level(client)
        assert w.bus.lost
        ids = [trade["trade_id"] for message in client.messages for trade in message["trades"]]
        assert ids == list(range(1, 26))


async def test_a_bus_that_was_away_is_made_up_for_without_another_message() -> None:
    """What was dropped is asked for when the publisher is heard again, even if nothing happens any more."""
    async with world() as w:
        relay = await w.relay()
        clients = [w.listen(relay, name) for name in PUBLIC]
        for client in clients:
            await w.level(client)
        w.bus.away = True
        w.trade(300)
        await wait_until_async(lambda: w.publisher.outbound.dropped, what="drops")
        w.bus.away = False
        for client in clients:
            await w.level(client)
            assert _untimed(folded(relay, client.name)) == _untimed(own(w, client.name))


async def test_a_publisher_that_comes_back_is_asked_anew() -> None:
    """While it is away clients stay and hear nothing; then they get what they missed."""
    async with world() as w:
        relay = await w.relay()
        book, trades = w.listen(relay, BOOK), w.listen(relay, TRADES)
        user = w.listen(relay, "user.orders", ALICE)
        for client in (book, trades):
            await w.level(client)
        await w.level(user, ALICE)
        await w.stop(w.publisher)
        w.trade(200)
        w.publisher = w.new_publisher()
        w.start(w.publisher)
        for client in (book, trades):
            await w.level(client)
        await w.level(user, ALICE)
        assert [book.ended, trades.ended, user.ended] == [[], [], []]
        assert book.book().sides
        sequences = [message["sequence"] for message in user.messages]
        assert sequences == sorted(set(sequences)), "nothing twice"


async def test_private_messages_come_once_and_in_order_whatever_is_lost() -> None:
    """A relay that lost messages asks for what came after the last one it had."""
    async with world() as w:
        relay = await w.relay()
        theirs = w.listen(relay, "user.balances", ALICE)
        await w.level(theirs, ALICE)
        own_client = Client("user.balances")
        w.venue.streams.subscribe(w.exchange("user.balances", ALICE), own_client)
        own_client.reopen(w.exchange("user.balances", ALICE))
        for lose in (False, True, False, True, False):
            w.bus.lose = {f"user:{ALICE}"} if lose else set()
            w.trade(60)
            await w.published(BOOK)
        w.do(place(ALICE, Side.SELL, 1_000, 1))
        await w.level(theirs, ALICE)
        assert w.bus.lost
        assert theirs.messages == own_client.messages


async def test_a_private_channel_goes_on_from_since() -> None:
    """A client that comes from another streamer gets exactly what it missed, or a snapshot if that is not known."""
    async with world() as w:
        first, second = await w.relay(), await w.relay()
        left = w.listen(first, "user.orders", ALICE)
        await w.level(left, ALICE)
        w.trade(60)
        await w.level(left, ALICE)
        w.trade(60)
        came = w.listen(second, "user.orders", ALICE, since=left.sequence)
        await w.level(came, ALICE)
        await w.level(left, ALICE)
        assert came.messages == [m for m in left.messages if m["sequence"] > came.since]
        again = w.listen(second, "user.orders", ALICE, since=came.messages[-2]["sequence"])
        await w.level(again, ALICE)
        assert again.messages == came.messages[-1:]
        too_old = w.listen(second, "user.orders", ALICE, since=1)
        await w.level(too_old, ALICE)
        assert too_old.messages[0]["type"] == "snapshot"


async def test_accounts_hear_only_their_own() -> None:
    """The same name is another channel for another account, and none without one."""
    async with world() as w:
        relay = await w.relay()
        alice, bob = (w.listen(relay, "user.orders", who) for who in (ALICE, BOB))
        await w.level(alice, ALICE)
        await w.level(bob, BOB)
        w.do(place(ALICE, Side.SELL, 1_000, 1))
        await w.level(alice, ALICE)
        assert [len(alice.messages), len(bob.messages)] == [2, 1]
        with pytest.raises(ApiProblem) as refused:
            relay.find("user.orders", None)
        assert refused.value.status == 401


async def test_what_is_no_channel_is_refused() -> None:
    """At once where the streamer knows that, by the publisher where only the exchange does."""
    async with world() as w:
        relay = await w.relay()
        await wait_until_async(lambda: relay.knows_markets, what="the markets")
        for name in ("orderbook.NONE-USD1", "nonsense", f"candles.{MARKET}.7m"):
            with pytest.raises(ApiProblem) as refused:
                relay.find(name, None)
            assert refused.value.status == 404
        odd = w.listen(relay, f"orderbook.{MARKET}.step=0.00001")
        await wait_until_async(lambda: odd.ended == ["not_found"], what="the publisher's no")


@pytest.mark.parametrize("listens", [True, False])
async def test_what_was_refused_is_asked_for_by_who_comes_then(
    listens: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was known of it before is shown to nobody: nothing more would follow."""
    async with world() as w:
        relay = await w.relay()
        top = f"orderbook.{MARKET}.5@100ms"
        client = w.listen(relay, top)
        await w.level(client)
        channel = relay.find(top, None)
        w.publisher.end(w.venue.streams.find(top, None), "rate_limited", "too many")
        if not listens:
            relay.unsubscribe(channel, client)

        add = w.publisher.follows.add

        def refuse(follow: Follow) -> Channel:
            if follow[0] == top:
                raise edge_problem("rate_limited")
            return add(follow)

        with monkeypatch.context() as patched:
            patched.setattr(w.publisher.follows, "add", refuse)
            await relay.renew()
            await wait_until_async(lambda: channel.sequence == NOTHING_YET, what="the refusal")
        assert client.ended == ["rate_limited"] * listens
        w.trade(40)
        await w.published(top)
        later = w.listen(relay, top)
        await w.level(later)
        assert later.messages[0]["sequence"] > client.sequence


async def test_openings_that_are_kept_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for what it missed from here, from there and from elsewhere fills no memory; all get theirs."""
    monkeypatch.setattr(tail_channel, "MAX_OPENINGS_BYTES", 2_000)
    async with world() as w:
        relay = await w.relay()
        w.trade(100)
        for since in range(1, 12):
            client = w.listen(relay, "user.orders", ALICE, since=since)
            await w.level(client, ALICE)
        channel = relay.find("user.orders", ALICE)
        assert isinstance(channel, tail_channel.TailChannel)
        kept = [each for opening in channel._openings.values() for each in opening.messages]
        biggest = max(len(each.payload(Encoding.JSON)) for each in kept)
        assert sum(len(each.payload(Encoding.JSON)) for each in kept) <= max(2_000, biggest)
        assert len(channel._openings) < 11


async def test_new_subscriptions_wait_for_the_exchange_and_then_end() -> None:
    """Those who were opened before stay for as long as it takes; a newcomer is told to try again."""
    async with world() as w:
        relay = await w.relay()
        stays = w.listen(relay, BOOK)
        await w.level(stays)
        await w.stop(w.publisher)
        comes = w.listen(relay, f"candles.{MARKET}.1m")
        book = relay.find(BOOK, None)
        assert isinstance(book, Relayed)
        book.begin()  # as after a gap
        stays.reopen(book)
        looked_at_s = comes.listening_since_s + PATIENCE_S
        relay.look(looked_at_s - 1)
        assert comes.ended == []
        relay.look(looked_at_s + 1)
        assert (comes.ended, stays.ended) == (["unavailable"], [])


async def test_channels_that_nobody_wants_are_left() -> None:
    """By the relay after a while, and by the publisher when nobody renews them; those of all markets stay."""
    async with world() as w:
        relay = await w.relay()
        name = f"candles.{MARKET}.1m"
        client = w.listen(relay, name)
        await w.level(client)
        assert (name, None) in w.publisher.follows
        channel = relay.find(name, None)
        relay.unsubscribe(channel, client)
        before = len(relay)
        relay.look(client.listening_since_s + 3_600)
        assert len(relay) == before - 1
        assert f"candles:{MARKET}.1m" not in w.bus.channels
        w.publisher.follows.forget_expired(w.publisher.follows.now_s() + 31)
        assert (name, None) not in w.publisher.follows
        assert (BOOK, None) in w.publisher.follows


async def test_a_book_from_the_cache_needs_only_what_came_after_it() -> None:
    """The second streamer finds the book that was made for the first; its answer holds no snapshot."""
    async with world() as w:
        w.trade(200)
        one = w.listen(await w.relay(), BOOK)
        await w.level(one)
        await wait_until_async(lambda: w.cache.get(BOOK), what="the book in the cache")
        w.trade(50)
        other_relay = await w.relay()
        began = len(w.bus.sent)
        other = w.listen(other_relay, BOOK)
        await w.level(other)
        assert other.book().sides == one.book().sides
        answers = [
            json.loads(message.payload)
            for message in w.bus.sent[began:]
            if message.channel == f"streams:answer:{other_relay.streamer}"
        ]
        (answer,) = answers
        assert [message["type"] for message in answer["messages"]] == ["update"]
