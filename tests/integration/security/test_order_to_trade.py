"""Who sends orders that come to nothing is refused new ones, on every way in; cancelling always goes on."""

import dataclasses
from pathlib import Path
from typing import Any

import httpx
import pytest

from cse.client.errors import SubmitRefused
from cse.gateway.deps import GatewayDeps
from cse.gateway.order_to_trade import OrderToTrade, OrderToTradeRates
from cse.messages import commands as c
from cse.messages.session import SessionError
from tests.integration.entry.world import ANN, BOB, sell, venue
from tests.integration.entry.world import order as frame
from tests.integration.http_exchange import good, http_exchange, order, place, problem
from tests.integration.http_server import client as http_client
from tests.integration.http_server import served_exchange
from tests.unit.gateway.ws.client import client as ws_client
from tests.unit.gateway.ws.venue import ALICE, StandingTime, WsVenue

FEW = OrderToTradeRates(orders_10s=3, orders_day=1_000, cancels_per_second=1, cancel_burst=100)
FEW_CANCELS = OrderToTradeRates(
    orders_10s=1_000, orders_day=1_000, cancels_per_second=1, cancel_burst=2
)
EXCEEDED, CANCELS = "order_to_trade_exceeded", "too_many_cancels"


def _refused(answer: httpx.Response, code: str) -> None:
    assert problem(answer, 429, code)["retryable"] is True
    assert int(answer.headers["retry-after"]) >= 1


async def test_rest_refuses_the_fourth_order_and_takes_its_cancel(tmp_path: Path) -> None:
    """REST through ASGI: 429 with Retry-After; cancelling works; GET /api/account shows limits and use."""
    async with http_exchange(tmp_path, order_to_trade=FEW) as exchange:
        ada = await exchange.trader("ada")
        placed = [await place(ada, "buy", "1.2000", "1.00") for _ in range(3)]
        _refused(await ada.post("/api/orders", json=order("buy", "1.2000", "1.00")), EXCEEDED)
        good(await ada.delete(f"/api/orders/{placed[0]['order']['id']}"))
        good(await ada.delete("/api/orders"))
        limits = good(await ada.get("/api/account"))["limits"]["order_to_trade"]
        assert (limits["orders_10s"], limits["orders_10s_used"]) == (3, 3)
        assert (limits["orders_24h"], limits["orders_24h_used"]) == (1_000, 3)
        assert (limits["cancel_burst"], limits["cancels_used"], limits["exempt"]) == (100, 2, False)


async def test_a_trade_makes_room(tmp_path: Path) -> None:
    """Whose orders trade goes on placing as often as they like."""
    async with http_exchange(tmp_path, order_to_trade=FEW) as exchange:
        ada, bob = await exchange.trader("ada"), await exchange.trader("bob")
        for _ in range(6):
            await place(ada, "sell", "1.2000", "1.00")
            await place(bob, "buy", "1.2000", "1.00")


async def test_a_batch_is_refused_item_by_item(tmp_path: Path) -> None:
    """Orders past the limit get the problem in their place; cancels in the same batch are done."""
    async with http_exchange(tmp_path, order_to_trade=FEW) as exchange:
        ada = await exchange.trader("ada")
        first = (await place(ada, "buy", "1.2000", "1.00"))["order"]["id"]
        items: list[dict[str, Any]] = [
            {"op": "place", **order("buy", "1.2000", "1.00")} for _ in range(3)
        ]
        items.append({"op": "cancel", "order_id": first})
        results = good(await ada.post("/api/orders/batch", json={"items": items}))["results"]
        assert [result["status"] for result in results] == [201, 201, 429, 200]
        assert results[2]["problem"]["code"] == EXCEEDED


async def test_too_many_cancels_refuse_placing_and_amending(tmp_path: Path) -> None:
    """Cancel after cancel is taken; what is refused instead are new orders and changes of open ones."""
    async with http_exchange(tmp_path, order_to_trade=FEW_CANCELS) as exchange:
        ada = await exchange.trader("ada")
        ids = [(await place(ada, "buy", "1.2000", "1.00"))["order"]["id"] for _ in range(5)]
        for order_id in ids[:4]:
            good(await ada.delete(f"/api/orders/{order_id}"))
        _refused(await ada.post("/api/orders", json=order("buy", "1.2000", "1.00")), CANCELS)
        amended = await ada.patch(f"/api/orders/{ids[4]}", json={"quantity": "2.00"})
        _refused(amended, CANCELS)
        good(await ada.delete(f"/api/orders/{ids[4]}"))


def test_the_short_way_past_asgi_refuses_too(tmp_path: Path) -> None:
    """Over a real socket, where the busiest calls skip ASGI: the same 429, and the same cancels."""
    with served_exchange(tmp_path, order_to_trade=FEW) as served, http_client(served) as trader:
        body = order("buy", "1.2000", "1.00")
        made = [good(trader.post("/api/orders", json=body), 201) for _ in range(3)]
        _refused(trader.post("/api/orders", json=body), EXCEEDED)
        good(trader.delete(f"/api/orders/{made[0]['order']['id']}"))


class LimitedVenue(WsVenue):
    """A WebSocket venue with few orders."""

    def _deps(self) -> GatewayDeps:
        few = OrderToTrade(FEW, now_ns=StandingTime())
        return dataclasses.replace(super()._deps(), order_to_trade=few)


async def test_websocket_orders_are_refused_too() -> None:
    """`order.place` and an item of `order.batch` answer the same problem; `order.cancel` goes on."""
    buy = {"market": "GOLD-USD1", "side": "buy", "type": "limit", "price": "0.0990", "quantity": "0.05"}  # fmt: skip
    async with (
        LimitedVenue().serve() as running,
        ws_client(running.url, running.token(ALICE)) as reader,
    ):
        for number in range(3):
            placed = await reader.ask("order.place", **buy, client_order_id=f"o-{number}")
            assert placed["status"] == 201
        refused = await reader.ask("order.place", **buy)
        assert (refused["ok"], refused["error"]["code"]) == (False, EXCEEDED)
        batch = await reader.ask("order.batch", items=[{"op": "place", **buy}])
        assert batch["result"]["results"][0]["problem"]["code"] == EXCEEDED
        assert (await reader.ask("order.cancel", client_order_id="o-1"))["ok"]


async def test_binary_order_entry_refuses_the_submit_and_takes_cancels_alone(
    tmp_path: Path,
) -> None:
    """A Submit that places is refused whole, nothing of it is journaled; one of cancels alone is taken."""
    async with venue(tmp_path, FEW) as v:
        ann, bob = v.client(ANN), v.client(BOB)
        await ann.connect()
        await bob.connect()
        await ann.submit([sell(ANN, name=f"s-{number}") for number in range(3)])
        before = v.journal.last_sequence
        with pytest.raises(SubmitRefused) as refused:
            await ann.submit([sell(ANN), c.CancelOrder(ANN, 0, "s-1")])
        assert refused.value.code is SessionError.RATE_LIMITED
        assert EXCEEDED in str(refused.value)
        assert 0 < refused.value.retry_after_ms <= 10_000
        assert v.journal.last_sequence == before
        await ann.submit([c.CancelOrder(ANN, 0, "s-1")])
        await bob.submit([frame(BOB)])  # a trade with Ann
        assert len(await ann.submit([sell(ANN)])) == 1


async def test_binary_order_entry_counts_cancels(tmp_path: Path) -> None:
    """After too many cancels a Submit that places is refused by name, and cancels are still taken."""
    async with venue(tmp_path, FEW_CANCELS) as v:
        ann = v.client(ANN)
        await ann.connect()
        await ann.submit([c.CancelOrder(ANN, 0, "none")] * 5)
        with pytest.raises(SubmitRefused) as refused:
            await ann.submit([sell(ANN)])
        assert CANCELS in str(refused.value)
        assert len(await ann.submit([c.CancelOrder(ANN, 0, "none")] * 5)) == 5
