"""Cancel on disconnect over a real socket: what a connection placed goes with it, whatever else it sent."""

import asyncio
from typing import Any

import pytest

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.messages import commands as c
from cse.messages.wire import Side
from tests.unit.gateway.ws.client import client
from tests.unit.gateway.ws.venue import ALICE, BOB, WsVenue
from tests.unit.projections.live.streams import place
from tests.waiting import wait_until_async

BUY = {
    "market": "GOLD-USD1", "side": "buy", "type": "limit", "price": "0.0990", "quantity": "0.05",
}  # fmt: skip
NO_ITEMS: list[Any] = [5, None, {}, {"op": 7}, {"op": "place", "client_order_id": 5}]


def open_orders(venue: WsVenue, account_id: int) -> list[int]:
    return [view.order_id for view in venue.live.open_orders(account_id)]


async def test_cancel_on_disconnect_cancels_what_was_placed_here() -> None:
    """Orders of the session go when it ends; those placed elsewhere, and those of others, stay."""
    async with WsVenue().serve() as venue:
        venue.queue.apply(place(ALICE, Side.BUY, 980, 1), place(BOB, Side.BUY, 981, 1))
        elsewhere = open_orders(venue, ALICE)
        async with client(f"{venue.url}?cancel_on_disconnect=true", venue.token(ALICE)) as reader:
            await reader.ask("order.place", **BUY)
            await reader.ask("order.batch", items=[{"op": "place", **BUY}] * 3)
            await reader.ask("order.amend", order_id=elsewhere[0], quantity="0.02")
            assert len(open_orders(venue, ALICE)) == 5
        await wait_until_async(lambda: open_orders(venue, ALICE) == elsewhere, what="the cancels")
        assert len(open_orders(venue, BOB)) == 1


async def test_cancel_on_disconnect_waits_for_what_is_under_way() -> None:
    """An order whose answer never reached its sender is cancelled, too: the connection died meanwhile."""
    async with WsVenue().serve() as venue:
        async with client(f"{venue.url}?cancel_on_disconnect=true", venue.token(ALICE)) as reader:
            venue.queue.gate.clear()
            await reader.send(op="order.place", **BUY)
            await wait_until_async(lambda: venue.queue.waiting, what="the order to be under way")
            reader.socket.transport.abort()
        await wait_until_async(lambda: not len(venue.server), what="the disconnect")
        venue.queue.gate.set()
        await wait_until_async(
            lambda: venue.live.order(1) and not open_orders(venue, ALICE), what="the cancel"
        )


async def test_cancel_on_disconnect_covers_orders_of_unknown_fate() -> None:
    """An order that may have been applied is cancelled by the client's name for it, once that is possible."""
    async with WsVenue().serve() as venue:
        async with client(f"{venue.url}?cancel_on_disconnect=true", venue.token(ALICE)) as reader:
            venue.queue.lost = OutcomeUnknown("the connection broke")
            await reader.ask("order.place", **BUY, client_order_id="maybe")
            assert len(open_orders(venue, ALICE)) == 1
            venue.queue.lost = None
            venue.queue.failure = Unavailable("not just now")
        await asyncio.sleep(0)
        venue.queue.failure = None
        await wait_until_async(lambda: not open_orders(venue, ALICE), what="the cancel")


async def test_without_the_flag_orders_stay() -> None:
    """Losing a connection cancels nothing unless that was asked for."""
    async with WsVenue().serve() as venue:
        async with client(venue.url, venue.token(ALICE)) as reader:
            await reader.ask("order.place", **BUY)
        await wait_until_async(lambda: not len(venue.server), what="the disconnect")
        venue.queue.apply(c.Tick())
        assert len(open_orders(venue, ALICE)) == 1


@pytest.mark.parametrize("odd", NO_ITEMS)
async def test_what_is_no_item_does_not_hide_the_batchs_orders(odd: object) -> None:
    """A batch with nonsense in it is answered, its good orders are placed, and go with the connection."""
    async with WsVenue().serve() as venue:
        async with client(f"{venue.url}?cancel_on_disconnect=true", venue.token(ALICE)) as reader:
            answer = await reader.ask("order.batch", items=[{"op": "place", **BUY}, odd])
            assert [item["status"] for item in answer["result"]["results"]] == [201, 400]
            assert len(open_orders(venue, ALICE)) == 1
        await wait_until_async(lambda: not open_orders(venue, ALICE), what="the cancel")


async def test_nonsense_does_not_hide_orders_of_unknown_fate() -> None:
    """The same when nobody knows what came of the batch: its named orders are cancelled."""
    async with WsVenue().serve() as venue:
        async with client(f"{venue.url}?cancel_on_disconnect=true", venue.token(ALICE)) as reader:
            venue.queue.lost = OutcomeUnknown("the connection broke")
            named = {"op": "place", **BUY, "client_order_id": "maybe"}
            answer = await reader.ask("order.batch", items=[*NO_ITEMS, named])
            assert answer["error"]["code"] == "outcome_unknown"
            venue.queue.lost = None
        await wait_until_async(
            lambda: venue.live.order(1) and not open_orders(venue, ALICE), what="the cancel"
        )
