"""Own orders and balances over a real socket, replay after a lost connection, and orders placed here."""

from itertools import islice
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from cse.core.errors import CseError, OutcomeUnknown, Unavailable
from cse.gateway.ws.options import WsOptions
from cse.messages import commands as c
from cse.messages import records as r
from cse.messages.wire import Side
from tests.unit.gateway.ws.client import Client, Message, client
from tests.unit.gateway.ws.venue import ALICE, BOB, CAROL, WsVenue
from tests.unit.projections.live.streams import USD, place, random_commands

ORDERS, BALANCES = "user.orders", "user.balances"
BUY = {
    "market": "GOLD-USD1", "side": "buy", "type": "limit", "price": "0.0990", "quantity": "0.05",
}  # fmt: skip


class Account:
    """What a client knows of its account from messages alone."""

    def __init__(self) -> None:
        self.open: dict[int, Message] = {}
        self.balances: dict[str, tuple[str, str]] = {}
        self.sequences = {ORDERS: -1, BALANCES: -1}
        self.fills: list[Message] = []

    def take(self, message: Message) -> None:
        channel = message["channel"]
        if message["type"] == "snapshot":
            self.open, self.balances = ({}, self.balances) if channel == ORDERS else (self.open, {})
        else:
            assert message["previous"] == self.sequences[channel], "a gap"
        self.sequences[channel] = message["sequence"]
        for order in message.get("orders", ()):
            self.open[order["id"]] = order
            if order["reason"] is not None:
                del self.open[order["id"]]
        self.fills += message.get("fills", ())
        for balance in message.get("balances", ()):
            self.balances[balance["asset"]] = (balance["available"], balance["held"])


def engine_account(venue: WsVenue, account_id: int) -> tuple[set[int], dict[str, tuple[str, str]]]:
    records = list(venue.venue.engine.records())
    orders = {
        o.order_id for o in records if isinstance(o, r.OrderRecord) and o.account_id == account_id
    }
    assets = venue.catalog.assets
    balances = {
        assets[b.asset_id].symbol: (
            assets[b.asset_id].format(b.available),
            assets[b.asset_id].format(b.held),
        )
        for b in records
        if isinstance(b, r.BalanceRecord) and b.account_id == account_id
    }
    return orders, balances


def open_orders(venue: WsVenue, account_id: int) -> list[int]:
    return [view.order_id for view in venue.live.open_orders(account_id)]


async def subscribed(reader: Client, *channels: str, **fields: Any) -> None:
    answer = await reader.ask("subscribe", channels=list(channels), **fields)
    assert answer["ok"], answer


async def test_own_orders_and_balances_are_the_engines() -> None:
    """Two people follow their accounts through random trading; both end with the engine's truth."""
    async with (
        WsVenue().serve() as venue,
        client(venue.url, venue.token(ALICE)) as alice,
        client(venue.url, venue.token(BOB)) as bob,
    ):
        known = {ALICE: Account(), BOB: Account()}
        for reader in (alice, bob):
            await subscribed(reader, ORDERS, BALANCES)
        commands = random_commands(21, venue.venue)
        for _ in range(20):
            venue.queue.apply(*islice(commands, 25))
            await alice.settle()
            await bob.settle()
        for account_id, reader in ((ALICE, alice), (BOB, bob)):
            account = known[account_id]
            for message in [m for m in reader.received if "channel" in m]:
                account.take(message)
            orders, balances = engine_account(venue, account_id)
            assert set(account.open) == orders
            shown = {asset: both for asset, both in account.balances.items() if any_money(both)}
            assert shown == balances
            assert {fill["order_id"] for fill in account.fills} <= own_order_ids(venue, account_id)
            assert account.fills


def any_money(both: tuple[str, str]) -> bool:
    return any(amount.strip("0.") for amount in both)


def own_order_ids(venue: WsVenue, account_id: int) -> set[int]:
    known = (venue.live.order(order_id) for order_id in range(1, 2_000))
    return {view.order_id for view in known if view is not None and view.account_id == account_id}


async def test_nobody_sees_what_is_somebody_elses() -> None:
    """`user.*` is always one's own; there is no way to name another account."""
    async with (
        WsVenue().serve() as venue,
        client(venue.url, venue.token(BOB)) as bob,
        client(venue.url) as nobody,
    ):
        await subscribed(bob, ORDERS, BALANCES)
        for name in (f"user.orders.{ALICE}", f"user.{ALICE}.orders", "user.", "user.fills"):
            assert (await bob.ask("subscribe", channels=[name]))["error"]["code"] == "not_found"
        assert (await bob.ask("subscribe", channels=[ORDERS], account_id=ALICE))["ok"] is False
        refused = await nobody.ask("subscribe", channels=[ORDERS])
        assert refused["error"]["code"] == "not_authenticated"
        venue.queue.apply(place(ALICE, Side.BUY, 990, 3))
        await bob.settle()
        assert [message["type"] for message in bob.of(ORDERS)] == ["snapshot"]


async def test_a_lost_connection_is_made_up_for_by_since() -> None:
    """What happened while the client was away is sent again, once, and the chain goes on."""
    async with WsVenue().serve() as venue:
        token = venue.token(ALICE)
        account = Account()
        async with client(venue.url, token) as reader:
            await subscribed(reader, ORDERS)
            venue.queue.apply(place(ALICE, Side.BUY, 990, 3))
            await reader.settle()
            for message in reader.of(ORDERS):
                account.take(message)
        venue.queue.apply(place(ALICE, Side.BUY, 991, 3), place(CAROL, Side.BUY, 900, 1))
        venue.queue.apply(place(ALICE, Side.BUY, 992, 3))
        async with client(venue.url, token) as reader:
            await subscribed(reader, ORDERS, since=account.sequences[ORDERS])
            venue.queue.apply(place(ALICE, Side.BUY, 993, 3))
            await reader.settle()
            assert [message["type"] for message in reader.of(ORDERS)] == ["update"] * 3
            for message in reader.of(ORDERS):
                account.take(message)
        assert sorted(account.open) == sorted(open_orders(venue, ALICE))


async def test_a_since_too_old_gets_a_snapshot() -> None:
    """Past the messages that are kept (there is no database here), and for numbers that never were."""
    async with (
        WsVenue(WsOptions(replay_messages=2)).serve() as venue,
        client(venue.url, venue.token(ALICE)) as reader,
    ):
        await subscribed(reader, ORDERS)
        first = (await reader.next(ORDERS))["sequence"]
        for price in range(990, 995):
            venue.queue.apply(place(ALICE, Side.BUY, price, 3))
        await reader.settle()
        for since in (first, 0, 2**50):
            await subscribed(reader, ORDERS, since=since)
            assert len((await reader.next(ORDERS, "snapshot"))["orders"]) == 5


async def test_logging_in_by_message_and_only_as_oneself() -> None:
    """`auth` opens the private channels; a second account on one connection is refused."""
    async with WsVenue().serve() as venue, client(venue.url) as reader:
        assert (await reader.ask("auth", token="no.such.token"))["error"]["code"] == "invalid_token"
        assert (await reader.ask("order.place", **BUY))["error"]["code"] == "not_authenticated"
        assert (await reader.ask("auth", token=venue.token(ALICE)))["ok"]
        assert (await reader.ask("auth", token=venue.token(BOB)))["error"]["code"] == "forbidden"
        await subscribed(reader, BALANCES)
        snapshot = await reader.next(BALANCES)
        assert snapshot["balances"][1] == {
            "asset": "USD", "available": "50.000000", "held": "0.000000",
        }  # fmt: skip


async def test_a_connection_stays_its_first_accounts() -> None:
    """Also when that session is over: quotas, and orders to cancel at the end, are counted for it."""
    options = WsOptions(check_session_ms=10)
    async with WsVenue(options).serve() as venue, client(venue.url) as reader:
        assert (await reader.ask("auth", token=venue.token(ALICE)))["ok"]
        await subscribed(reader, ORDERS)
        venue.revoked.add(f"s{ALICE}")
        await reader.until(lambda message: message.get("type") == "closed")
        assert (await reader.ask("auth", token=venue.token(BOB)))["error"]["code"] == "forbidden"
        venue.revoked.clear()
        assert (await reader.ask("auth", token=venue.token(ALICE)))["ok"]


async def test_a_log_in_that_may_not_read_ends_what_was_read() -> None:
    """Private channels go with the log-in that they rested on: it is not looked at any more."""
    async with WsVenue().serve() as venue, client(venue.url, venue.token(ALICE)) as reader:
        await subscribed(reader, ORDERS)
        trading = venue.token(ALICE, scopes=frozenset({"trade"}))
        assert (await reader.ask("auth", token=trading))["ok"]
        (closed,) = [each for each in reader.received if each.get("type") == "closed"]
        assert (closed["channel"], closed["code"]) == (ORDERS, "forbidden")


async def test_a_session_that_is_over_loses_its_channels_and_its_orders() -> None:
    """After a log-out elsewhere: told why, nothing private any more, no orders; public data goes on."""
    options = WsOptions(check_session_ms=10)
    async with (
        WsVenue(options).serve() as venue,
        client(venue.url, venue.token(ALICE)) as reader,
    ):
        await subscribed(reader, ORDERS, "trades.GOLD-USD1")
        venue.revoked.add(f"s{ALICE}")
        closed = await reader.next(ORDERS, "closed")
        assert closed["code"] == "session_revoked"
        venue.queue.apply(place(ALICE, Side.SELL, 1_000, 3), place(BOB, Side.BUY, 1_000, 3))
        await reader.next("trades.GOLD-USD1", "update")
        assert reader.of(ORDERS)[-1]["type"] == "closed"
        assert (await reader.ask("order.place", **BUY))["ok"] is False
        assert (await reader.ask("subscribe", channels=[ORDERS]))["ok"] is False


async def test_an_expired_token_ends_the_private_channels() -> None:
    """Fifteen minutes later, without a new `auth`, the private channels close; with one they go on."""
    options = WsOptions(check_session_ms=10)
    async with (
        WsVenue(options).serve() as venue,
        client(venue.url, venue.token(ALICE)) as reader,
    ):
        await subscribed(reader, ORDERS)
        venue.clock.ahead_ms += 1_000_000
        assert (await reader.next(ORDERS, "closed"))["code"] == "token_expired"
        assert (await reader.ask("auth", token=venue.token(ALICE)))["ok"]
        await subscribed(reader, ORDERS)


async def test_orders_are_placed_amended_and_cancelled() -> None:
    """The answers are those of REST, and the private channel tells the same."""
    async with (
        WsVenue().serve() as venue,
        client(venue.url, venue.token(ALICE)) as reader,
    ):
        await subscribed(reader, ORDERS)
        placed = await reader.ask("order.place", **BUY, client_order_id="a-1")
        assert placed["status"] == 201
        order = placed["result"]["order"]
        assert (order["status"], order["price"]) == ("open", "0.0990")
        again = await reader.ask("order.place", **BUY, client_order_id="a-1")
        assert (again["status"], again["result"]["order"]["id"]) == (200, order["id"])
        amended = await reader.ask("order.amend", order_id=order["id"], quantity="0.02")
        assert amended["result"]["order"]["quantity"] == "0.02"
        cancelled = await reader.ask("order.cancel", client_order_id="a-1")
        assert cancelled["result"]["order"]["reason"] == "cancelled"
        gone = await reader.ask("order.cancel", order_id=order["id"])
        assert gone["error"]["code"] == "order_closed"
        await reader.settle()
        states = [message["orders"][0]["status"] for message in reader.of(ORDERS)[1:]]
        assert states == ["open", "open", "cancelled"]


async def test_the_other_order_operations() -> None:
    """Batches item by item, cancel all, the dead-man switch; over MessagePack, which changes nothing."""
    async with (
        WsVenue().serve() as venue,
        client(f"{venue.url}?encoding=msgpack", venue.token(ALICE)) as reader,
    ):
        items = [{"op": "place", **BUY}, {"op": "place", **BUY, "price": "1e3"}]
        batch = await reader.ask("order.batch", items=items)
        assert [result["status"] for result in batch["result"]["results"]] == [201, 400]
        armed = await reader.ask("order.cancel_after", timeout_ms=5_000)
        assert armed["result"]["cancel_at"] == venue.venue.time_ms + 5_000
        every = await reader.ask("order.cancel_all", market="GOLD-USD1")
        assert every["result"]["cancelled"] == 1
        assert open_orders(venue, ALICE) == []


async def test_refusals_are_those_of_rest() -> None:
    """Wrong numbers name the field, the engine's refusals their code; nothing changes."""
    async with (
        WsVenue().serve() as venue,
        client(venue.url, venue.token(ALICE)) as reader,
    ):
        before = venue.venue.engine.state_hash()
        bad = {
            "quantity": ["0", "-1", "NaN", "1e3", "0.001", 1, None, "9" * 40],
            "side": ["Buy", 1], "market": ["GOLD-USD9", ""], "extra": [1],
        }  # fmt: skip
        for field, values in bad.items():
            for value in values:
                answer = await reader.ask("order.place", **{**BUY, field: value})
                assert answer["ok"] is False, (field, value)
                assert 400 <= answer["error"]["status"] < 500
        assert venue.venue.engine.state_hash() == before
        venue.queue.apply(c.HoldWithdrawal(ALICE, USD, 49_999_999, b"w" * 16))
        poor = await reader.ask("order.place", **BUY)
        assert poor["error"]["code"] == "insufficient_funds"
        for named in ({}, {"order_id": 1, "client_order_id": "a"}, {"order_id": -1}):
            assert (await reader.ask("order.cancel", **named))["error"]["status"] == 400
        assert (await reader.ask("order.cancel", order_id=2**53))["ok"] is False


async def test_without_the_scope_there_are_no_orders() -> None:
    """A read-only token reads; trading needs `trade`."""
    async with WsVenue().serve() as venue:
        token = venue.token(ALICE, scopes=frozenset({"read"}))
        async with client(venue.url, token) as reader:
            await subscribed(reader, ORDERS)
            assert (await reader.ask("order.place", **BUY))["error"]["code"] == "forbidden"


async def test_orders_count_against_the_accounts_limit() -> None:
    """The same buckets as REST: past the burst orders are refused as rate limited."""
    venue = WsVenue()
    venue.few_orders(3)
    async with venue.serve(), client(venue.url, venue.token(ALICE)) as reader:
        answers = [await reader.ask("order.place", **BUY) for _ in range(5)]
        assert [answer["ok"] for answer in answers] == [True] * 3 + [False] * 2
        assert answers[-1]["error"]["code"] == "rate_limited"
        assert len(open_orders(venue, ALICE)) == 3


async def test_an_engine_that_is_away_is_told_as_over_rest() -> None:
    """Unavailable: nothing was done. Unknown: it may have been. Both are retryable, never a crash."""
    async with (
        WsVenue().serve() as venue,
        client(venue.url, venue.token(ALICE)) as reader,
    ):
        venue.queue.failure = Unavailable("the journal is read-only")
        assert (await reader.ask("order.place", **BUY))["error"]["code"] == "unavailable"
        venue.queue.failure, venue.queue.lost = None, OutcomeUnknown("the connection broke")
        answer = await reader.ask("order.place", **BUY)
        assert answer["error"]["code"] == "outcome_unknown"
        assert answer["error"]["retryable"]
        venue.queue.lost = None
        assert (await reader.ask("ping"))["ok"]


async def test_a_fault_of_ours_is_told_and_logged() -> None:
    """An error that nobody expected: 500 without details; a bug ends this connection, 1011, and no other."""
    async with (
        WsVenue().serve() as venue,
        client(venue.url, venue.token(ALICE)) as alice,
        client(venue.url, venue.token(BOB)) as bob,
    ):
        venue.queue.failure = CseError("secret details")
        answer = await alice.ask("order.place", **BUY)
        assert answer["error"]["code"] == "internal_error"
        assert "secret" not in str(answer)
        venue.queue.failure = RuntimeError("a bug")  # type: ignore[assignment]  # no CseError at all
        await alice.send(op="order.place", **BUY)
        with pytest.raises(ConnectionClosed):
            await alice.until(lambda message: message.get("ok"))
        assert alice.socket.close_code == 1011
        assert (await bob.ask("ping"))["ok"]


async def test_deposits_show_in_balances() -> None:
    """Money from outside is told at once, and only what changed."""
    async with (
        WsVenue().serve() as venue,
        client(venue.url, venue.token(ALICE)) as reader,
    ):
        await subscribed(reader, BALANCES)
        await reader.next(BALANCES)
        venue.queue.apply(c.CreditDeposit(ALICE, USD, 1_500_000, b"d" * 16))
        update = await reader.next(BALANCES, "update")
        assert update["balances"] == [
            {"asset": "USD", "available": "51.500000", "held": "0.000000"}
        ]
        assert update["sequence"] == venue.venue.engine.sequence
