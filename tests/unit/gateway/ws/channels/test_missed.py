"""Own orders, fills and balances after any absence: memory keeps little, history is asked, nothing is lost or twice.

History here is the projections' own fold over the same commands, in lists.
"""

import asyncio
from collections.abc import Sequence
from itertools import islice
from typing import Any

import msgspec
import pytest

from cse.core.errors import Unavailable
from cse.gateway.history_gate import HistoryGate
from cse.gateway.present import account_fill_json, balance_json, order_json
from cse.gateway.ws.channels import missed as m
from cse.gateway.ws.channels.missed import Missed, MissedOrders, pages
from cse.gateway.ws.channels.own_orders import ASKED_AT_ONCE
from cse.gateway.ws.options import WsOptions
from cse.messages.events import Applied
from cse.messages.wire import Command, Side
from cse.projections.fold import Fold
from cse.projections.views import FillView, OrderView, PageKey
from tests.unit.gateway.ws.channels.folding import Follows, Message
from tests.unit.gateway.ws.stage import Stage
from tests.unit.projections.live.streams import ACCOUNTS, Venue, place, random_commands
from tests.waiting import wait_until_async

ALICE, BOB = ACCOUNTS[:2]
LITTLE = WsOptions(replay_messages=3)


class ListHistory:
    """What the projections would have written; `behind` and `away` are the ways in which a database fails."""

    def __init__(self) -> None:
        venue = Venue()
        self.fold = Fold.genesis(venue.engine.records())
        self.orders_: dict[int, OrderView] = {}
        self.fills_: list[FillView] = []
        self.behind = 0
        self.away = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.reads = 0
        self.apply(venue.list_everything())

    def apply(self, batch: Sequence[Applied]) -> None:
        for applied in batch:
            self.fold.apply(applied)
            changes = self.fold.take()
            self.orders_.update(changes.orders)
            self.fills_ += changes.fills

    async def position(self) -> int:
        if self.away:
            raise Unavailable("the database is away")
        return self.fold.sequence - self.behind

    async def orders_changed(
        self, account_id: int, *, after: PageKey, until: int, limit: int
    ) -> Sequence[OrderView]:
        self.reads += 1
        await self.gate.wait()
        found = [
            ((order.sequence, order.order_id), order)
            for order in self.orders_.values()
            if order.account_id == account_id and order.sequence <= until
        ]
        ordered = sorted(each for each in found if each[0] > tuple(after))
        return [order for _, order in ordered[:limit]]

    async def fills_after(
        self, account_id: int, *, after: PageKey, until: int, limit: int
    ) -> Sequence[FillView]:
        found = (
            fill
            for fill in self.fills_
            if fill.account_id == account_id and fill.sequence <= until and fill.key > after
        )
        return list(islice(found, limit))


class WithHistory(Stage):
    """A stage whose commands are projected, too."""

    def __init__(self, options: WsOptions = LITTLE, wait_ms: int = 0) -> None:
        super().__init__(options)
        self.history = ListHistory()
        gate = HistoryGate(self.history, wait_ms)  # type: ignore[arg-type]  # asked for nothing else
        self.missed = MissedOrders(self.history, gate)  # type: ignore[arg-type]  # as above
        self.streams.read_missed_from(self.missed)

    def do(self, *commands: Command, after_ms: int = 1) -> None:
        applied = [self.venue.apply(command, after_ms) for command in commands]
        self.history.apply(applied)
        self.follower.apply(applied)


class Orders(Follows):
    """A client of `user.orders` that keeps all it ever heard, over any number of connections."""

    def __init__(self, stage: Stage, account: int, before: "Orders | None" = None) -> None:
        self.orders: dict[int, Message] = before.orders if before else {}
        self.fills: list[Message] = before.fills if before else []
        super().__init__(stage, "user.orders", before.sequence if before else None, account)

    @property
    def opened(self) -> bool:
        return not self._opening

    def take(self, message: Message) -> None:
        for order in message["orders"]:
            self.orders[order["id"]] = order
        self.fills += message["fills"]


def as_json(struct: Any) -> Message:
    decoded: Message = msgspec.json.decode(msgspec.json.encode(struct))
    return decoded


async def back(stage: WithHistory, client: Orders, account: int) -> Orders:
    """The client again, over a new connection, once it has what it missed."""
    again = Orders(stage, account, client)
    await wait_until_async(lambda: again.opened)
    return again


@pytest.mark.parametrize("seed", range(6))
async def test_a_client_that_comes_and_goes_knows_every_order_and_every_fill(seed: int) -> None:
    """Absences long and short, things that happen while history is read: the same as the projections say."""
    stage = WithHistory()
    commands = random_commands(seed, stage.venue)
    client = Orders(stage, ALICE)
    for round_ in range(12):
        stage.do(*islice(commands, 40))
        client.leave()
        stage.do(*islice(commands, 8 if round_ % 3 else 150))
        stage.history.gate.clear()
        again = Orders(stage, ALICE, client)
        stage.do(*islice(commands, 4))
        stage.history.gate.set()
        await wait_until_async(lambda again=again: again.opened)  # type: ignore[misc]  # bound at once
        client = again
    assert all(message["type"] == "update" for message in client.messages)
    markets, history = stage.catalog.markets, stage.history
    mine = [order for order in history.orders_.values() if order.account_id == ALICE]
    assert client.orders == {
        order.order_id: as_json(order_json(order, markets[order.market_id])) for order in mine
    }
    fills = [fill for fill in history.fills_ if fill.account_id == ALICE]
    assert client.fills == [
        as_json(account_fill_json(fill, markets[fill.market_id])) for fill in fills
    ]
    assert history.reads, "history was asked at all"


async def test_the_very_next_command_is_not_missed() -> None:
    """What happened right after `since`, and nothing changed since, is told; `since` itself is not told again."""
    stage = WithHistory()
    client = Orders(stage, ALICE)
    stage.do(place(ALICE, Side.SELL, 1_000, 1))
    client.leave()
    stage.do(*(place(ALICE, Side.SELL, 1_001 + number, 1) for number in range(9)))
    again = await back(stage, client, ALICE)
    told = [order["id"] for message in again.messages for order in message["orders"]]
    assert told == list(range(2, 11))


async def test_balances_are_made_up_as_they_stand() -> None:
    """An update that goes on from `since`, those that went to zero in between included."""
    stage = WithHistory()
    first = Balances(stage, "user.balances", account=ALICE)
    first.leave()
    for number in range(10):
        stage.do(place(ALICE, Side.SELL, 1_000 + number, 1))
    again = Balances(stage, "user.balances", first.sequence, ALICE)
    (message,) = again.messages
    assert (message["type"], message["previous"]) == ("update", first.sequence)
    assert again.known == {
        asset.symbol: as_json(balance_json(stage.live.balance(ALICE, asset_id), stage.catalog))
        for asset_id, asset in stage.catalog.assets.items()
    }
    stage.do(place(ALICE, Side.SELL, 1_000, 1))
    assert len(again.messages) == 2, "the chain goes on"


class Balances(Follows):
    """A client of `user.balances`."""

    def take(self, message: Message) -> None:
        self.known = {balance["asset"]: balance for balance in message["balances"]}


def long_absence(stage: WithHistory) -> Orders:
    """A client that missed more than memory keeps."""
    client = Orders(stage, ALICE)
    client.leave()
    stage.do(*(place(ALICE, Side.SELL, 1_000 + number, 1) for number in range(20)))
    return client


@pytest.mark.parametrize("failure", ["away", "behind"])
async def test_without_history_there_is_a_snapshot(failure: str) -> None:
    """The database is away, or lags longer than is waited for: all open orders instead, and the chain goes on."""
    stage = WithHistory()
    client = long_absence(stage)
    if failure == "away":
        stage.history.away = True
    else:
        stage.history.behind = 1
    again = await back(stage, client, ALICE)
    assert [message["type"] for message in again.messages] == ["snapshot"]
    assert len(again.messages[0]["orders"]) == 20
    stage.do(place(ALICE, Side.SELL, 1_000, 1))
    assert again.messages[-1]["type"] == "update"


async def test_a_fault_of_history_is_a_snapshot_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong there, the client is not left waiting."""
    stage = WithHistory()
    client = long_absence(stage)

    async def broken(*_: object, **__: object) -> Sequence[OrderView]:
        raise KeyError("broken")

    monkeypatch.setattr(stage.history, "orders_changed", broken)
    again = await back(stage, client, ALICE)
    assert [message["type"] for message in again.messages] == ["snapshot"]


async def test_more_than_a_client_wants_to_hear_is_a_snapshot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Work is bounded: past so many rows nothing more is read."""
    monkeypatch.setattr(m, "MAX_ROWS", 10)
    monkeypatch.setattr(m, "PAGE_ROWS", 4)
    stage = WithHistory()
    again = await back(stage, long_absence(stage), ALICE)
    assert [message["type"] for message in again.messages] == ["snapshot"]
    assert stage.history.reads == 3


async def test_reads_are_few_per_account_and_in_all() -> None:
    """One more connection of an account than may ask, or one more read than may wait: a snapshot at once."""
    stage = WithHistory()
    client, stage.history.gate = long_absence(stage), asyncio.Event()
    asking = [Orders(stage, ALICE, client) for _ in range(ASKED_AT_ONCE)]
    assert not any(each.opened for each in asking)
    late = Orders(stage, ALICE, client)
    assert late.opened
    assert late.messages[0]["type"] == "snapshot"
    gate = HistoryGate(stage.history, 0)  # type: ignore[arg-type]  # asked for nothing else
    none = MissedOrders(stage.history, gate, max_waiting=0)  # type: ignore[arg-type]  # as above
    assert not none.read(ALICE, 0, 1, lambda _: None)
    asking[0].leave()
    stage.history.gate.set()
    await wait_until_async(lambda: all(each.opened for each in asking[1:]))
    assert not asking[0].opened, "who has gone is not told"
    assert len(stage.missed) == 0
    assert (await back(stage, client, ALICE)).opened, "there is room again"


async def test_asking_again_while_history_is_read_asks_once() -> None:
    """A client that repeats itself waits for the one answer; a resync in between is answered at once."""
    stage = WithHistory()
    client, stage.history.gate = long_absence(stage), asyncio.Event()
    since = client.sequence
    again = Orders(stage, ALICE, client)
    again.resync(since)
    assert len(stage.missed) == 1
    again.resync()
    assert [message["type"] for message in again.messages] == ["snapshot"]
    again.resync(since)
    assert [message["type"] for message in again.messages] == ["snapshot"] * 2
    assert len(stage.missed) == 1
    stage.history.gate.set()
    await wait_until_async(lambda: len(stage.missed) == 0)
    assert len(again.messages) == 2, "what was read is not wanted any more"
    assert (await back(stage, client, ALICE)).messages[0]["type"] == "update", "there is room again"


def test_pages_never_tear_a_command_apart() -> None:
    """Cut between commands once a message is full; the last page ends where memory begins."""

    def fill(sequence: int, position: int) -> FillView:
        return FillView(1, 1, 1, ALICE, Side.BUY, 1, 1, 1, 0, 1, True, 0, sequence, position)

    sizes = [300, 150, 100, 700, 1]
    fills = [fill(10 * n, place_) for n, size in enumerate(sizes, 1) for place_ in range(size)]
    made = pages(Missed([], fills), until=99)
    assert [(page.sequence, len(page.fills)) for page in made] == [
        (20, 450), (30, 100), (40, 700), (99, 1),
    ]  # fmt: skip
    assert [fill for page in made for fill in page.fills] == fills
    assert [(page.sequence, len(page.orders)) for page in pages(Missed([], []), 7)] == [(7, 0)]
