"""Streamers, Redis and the exchange die in the middle of traffic: clients heal by themselves, with nothing lost."""

import signal

from tests.integration.streamer.follower import USER, Follower, following
from tests.integration.streamer.world import MARKET, Fleet
from tests.waiting import wait_until_async

BOOK, TRADES = f"orderbook.{MARKET}", f"trades.{MARKET}"
CHANNELS = (BOOK, TRADES, f"ticker.{MARKET}", f"candles.{MARKET}.1m", *USER)


async def level(fleet: Fleet, *followers: Follower) -> None:
    """Return once every follower is, in every channel, where the exchange's own client is."""
    async with following([fleet.url], CHANNELS, fleet.token(0)) as own:

        def same() -> bool:
            return all(
                own.sequence(name) == follower.sequence(name) != -1
                for name in CHANNELS
                for follower in followers
            )

        await wait_until_async(same, 60, "all to be where the exchange is")
        for follower in followers:
            assert follower.book(BOOK).sides == own.book(BOOK).sides


def check_trades(fleet: Fleet, follower: Follower) -> None:
    """All trades of the engine from the first one that was seen on: each once, in order."""
    seen = follower.trade_ids(TRADES)
    engine = fleet.trades()
    assert seen == engine[engine.index(seen[0]) :]


def check_private(fleet: Fleet, follower: Follower) -> None:
    """What the private messages amount to is what the engine says; no sequence came twice."""
    for name in USER:
        follower.check_chain(name)
        updates = [message["sequence"] for message in follower.updates(name)]
        assert updates == sorted(set(updates)), "doubled or out of order"
    orders: dict[int, dict[str, object]] = {}
    for message in follower.messages["user.orders"]:
        if message["type"] == "snapshot":
            orders = {}
        orders |= {order["id"]: order for order in message["orders"]}
    is_open = {"open", "partially_filled"}
    open_ids = {number for number, order in orders.items() if order["status"] in is_open}
    engine = fleet.engine("/api/orders", limit=200)["orders"]
    assert open_ids == {order["id"] for order in engine}
    balances: dict[str, object] = {}
    for message in follower.messages["user.balances"]:
        if message["type"] == "snapshot":
            balances = {}
        balances |= {balance["asset"]: balance for balance in message["balances"]}
    told = {each["asset"]: each for each in fleet.engine("/api/balances")["balances"]}
    assert {name: balances[name] for name in told} == told


async def test_a_killed_streamer_is_left_for_the_other(fleet: Fleet) -> None:
    """Its clients reconnect to the other, get what they missed, and end where the exchange is."""
    first, second = fleet.streamers
    async with following([first.url, second.url], CHANNELS, fleet.token(0)) as follower:
        await level(fleet, follower)
        await fleet.trade_meanwhile(5)
        first.kill()
        await fleet.trade_meanwhile(5)
        await level(fleet, follower)
        assert follower.connects == 2
        check_private(fleet, follower)
        snapshots = [m for name in USER for m in follower.messages[name] if m["type"] == "snapshot"]
        assert len(snapshots) == len(USER), "what was missed came as it was, by `since`"
        check_trades(fleet, follower)
        first.launch()
        first.wait_ready()


async def test_redis_dies_in_the_middle_of_traffic(fleet: Fleet) -> None:
    """Clients stay connected, hear nothing, and are made whole when it is back; on both streamers alike."""
    first, second = fleet.streamers
    async with (
        following([first.url], CHANNELS, fleet.token(0)) as one,
        following([second.url], CHANNELS, fleet.token(0)) as other,
    ):
        await level(fleet, one, other)
        began = {name: one.sequence(name) for name in USER}
        for _ in range(2):
            await fleet.trade_meanwhile(3)
            fleet.redis.kill()
            await fleet.trade_meanwhile(3)
            fleet.redis.start()
            await fleet.trade_meanwhile(3)
        await level(fleet, one, other)
        for follower in (one, other):
            assert follower.connects == 1, "nobody was sent away"
            check_private(fleet, follower)
            check_trades(fleet, follower)
        for name, sequence in began.items():
            assert one.updates(name, sequence) == other.updates(name, sequence) != []


async def test_the_exchange_is_killed_and_comes_back(fleet: Fleet) -> None:
    """Streamers stay up with their clients; the journal's numbers go on, so do the channels."""
    async with following([fleet.streamers[0].url], CHANNELS, fleet.token(0)) as follower:
        await level(fleet, follower)
        await fleet.trade_meanwhile(5)
        fleet.exchange.kill()
        fleet.exchange.start()
        await fleet.trade_meanwhile(5)
        await level(fleet, follower)
        assert follower.connects == 1, "nobody was sent away"
        check_private(fleet, follower)
        check_trades(fleet, follower)


async def test_a_streamer_that_stops_sends_its_clients_elsewhere(fleet: Fleet) -> None:
    """SIGTERM: close code 1012, exit code 0; clients go on at the other one."""
    first, second = fleet.streamers
    async with following([first.url, second.url], CHANNELS, fleet.token(0)) as follower:
        await level(fleet, follower)
        assert first.process is not None
        first.process.send_signal(signal.SIGTERM)
        await wait_until_async(lambda: first.process and first.process.poll() is not None, 60)
        assert first.process.returncode == 0, first.err
        await level(fleet, follower)
        assert follower.closes == [1012]
        check_private(fleet, follower)
        first.launch()
        first.wait_ready()
