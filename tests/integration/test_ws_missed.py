"""A client that was away for longer than memory goes back, on a real database: every order and fill, once."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cse.adapters.clock import SystemClock
from cse.gateway.ws.channels.missed import MissedOrders
from cse.gateway.ws.options import WsOptions
from cse.wiring.views import Views
from tests.integration.http_exchange import good, http_exchange, place
from tests.unit.gateway.ws.channels.folding import Follows, Message
from tests.waiting import wait_until_async


class Orders(Follows):
    """A client of `user.orders` that remembers what it heard over earlier connections."""

    def __init__(self, stage: Any, account: int, before: "Orders | None" = None) -> None:
        self.orders: dict[int, Message] = before.orders if before else {}
        self.fills: list[Message] = before.fills if before else []
        super().__init__(stage, "user.orders", before.sequence if before else None, account)

    def take(self, message: Message) -> None:
        self.orders.update({order["id"]: order for order in message["orders"]})
        self.fills += message["fills"]


async def test_what_was_missed_comes_from_the_database(tmp_path: Path) -> None:
    """Orders placed, filled and cancelled meanwhile, beyond the three messages that memory keeps."""
    async with http_exchange(tmp_path) as exchange:
        ada, bob = await exchange.trader("ada"), await exchange.trader("bob")
        views = Views(SystemClock(), WsOptions(replay_messages=3))
        views.follow(exchange.queue.sequencer)
        views.streams.read_missed_from(MissedOrders(exchange.deps.history, exchange.deps.gate))
        account = good(await ada.get("/api/account"))["account_id"]
        stage = SimpleNamespace(streams=views.streams)
        first = Orders(stage, account)
        await place(ada, "buy", "1.2000", "1.00")
        first.leave()
        for number in range(12):
            await place(ada, "sell", f"1.24{number:02}", "1.00")
        await place(bob, "buy", "1.2405", "5.50")
        good(await ada.delete("/api/orders"))
        again = Orders(stage, account, first)
        await place(ada, "buy", "1.1000", "1.00")
        await wait_until_async(lambda: len(again.orders) == 14)
        assert {message["type"] for message in again.messages} == {"update"}
        orders = good(await ada.get("/api/orders", params={"status": "all"}))["orders"]
        assert again.orders == {order["id"]: order for order in orders}
        fills = good(await ada.get("/api/fills"))["fills"]
        assert again.fills == fills[::-1]
        assert len(fills) == 6
