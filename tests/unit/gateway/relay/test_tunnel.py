"""Orders through a tunnel: a gateway's own answers, in order; what a lost gateway means; whoever goes is cancelled."""

import asyncio
import json
from typing import Any

import msgspec
import pytest

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.gateway.problems import ApiProblem
from cse.gateway.relay.tunnel import Tunnel
from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.order_door import Caller, Peer
from cse.gateway.ws.requests import Request
from tests.servers.process import free_port
from tests.unit.gateway.ws.venue import ALICE, BOB, WsVenue
from tests.waiting import wait_until_async


@pytest.fixture(autouse=True)
def patient_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cse.gateway.relay.upstream.CONNECT_S", 60.0)


ORDER = {"market": "GOLD-USD1", "side": "buy", "type": "limit", "price": "0.1000"}


def peer(*, cancel: bool = False) -> Peer:
    return Peer("session", "127.0.0.1", "127.0.0.1", cancel)


def request(op: str, **fields: Any) -> Request:
    raw = json.dumps({"op": op, **fields}).encode()
    return Request(
        op, None, raw, msgspec.json.decode(json.dumps(fields), type=dict[str, msgspec.Raw])
    )


def place(quantity: str = "1.00") -> Request:
    return request("order.place", **ORDER, quantity=quantity)


def tunnel(venue: WsVenue) -> Tunnel:
    return Tunnel(venue.url.replace("ws:", "http:").removesuffix("/ws"))


def caller(venue: WsVenue, account_id: int = ALICE) -> Caller:
    return Caller(account_id, f"Bearer {venue.token(account_id)}")


async def test_answers_are_the_gateways() -> None:
    """Status and body as REST answers them; a refusal with its code, its status and its fields."""
    async with WsVenue().serve() as venue:
        session = tunnel(venue).session(peer())
        placed = await session.run(place(), caller(venue), "r1")
        assert placed.status == 201
        assert json.loads(placed.body)["order"]["status"] == "open"
        with pytest.raises(ApiProblem) as refused:
            await session.run(place("x"), caller(venue), "r2")
        assert (refused.value.status, refused.value.code) == (400, "invalid_request")
        assert refused.value.fields
        assert "quantity" in refused.value.fields
        await session.close()


async def test_orders_reach_the_engine_in_the_order_in_which_they_were_begun() -> None:
    """Even the first ones, which wait for the connection."""
    async with WsVenue().serve() as venue:
        session = tunnel(venue).session(peer())
        quantities = [f"0.{n:02}" for n in range(10, 60)]
        answers = await asyncio.gather(
            *(session.run(place(quantity), caller(venue), "r") for quantity in quantities)
        )
        orders = [json.loads(answer.body)["order"] for answer in answers]
        by_id = sorted(orders, key=lambda order: order["id"])
        assert [order["quantity"] for order in by_id] == quantities
        await session.close()


async def test_a_client_that_goes_takes_its_orders_along() -> None:
    """By the gateway's own cancel on disconnect; who did not ask for that keeps them."""
    async with WsVenue().serve() as venue:
        keeps, leaves = (tunnel(venue).session(peer(cancel=cancel)) for cancel in (False, True))
        await keeps.run(place(), caller(venue, BOB), "r")
        await leaves.run(place(), caller(venue), "r")
        await keeps.close()
        await leaves.close()
        await wait_until_async(lambda: not venue.live.open_orders(ALICE), what="the cancelling")
        assert len(venue.live.open_orders(BOB)) == 1


async def test_a_lost_gateway_leaves_orders_under_way_unknown() -> None:
    """Neither done nor not done: the client must ask. What comes later was not sent, until it is back."""
    venue = WsVenue()
    async with venue.serve():
        session = tunnel(venue).session(peer())
        await session.run(place(), caller(venue), "r")
        venue.queue.gate.clear()
        under_way = asyncio.create_task(session.run(place(), caller(venue), "r"))
        await wait_until_async(lambda: venue.queue.waiting, what="the order to arrive")
        upstream = session._upstream  # type: ignore[attr-defined]  # to cut the wire
        assert upstream is not None
        upstream._socket.transport.abort()
        with pytest.raises(OutcomeUnknown):
            await under_way
        venue.queue.gate.set()
        assert (await session.run(place(), caller(venue), "r")).status == 201, "it connects again"
        await session.close()


async def test_a_gateway_that_is_not_there_is_unavailable() -> None:
    """Nothing was sent, so the client may try again."""
    session = Tunnel(f"http://127.0.0.1:{free_port()}").session(peer())
    with pytest.raises(Unavailable):
        await session.run(place(), Caller(ALICE, "Bearer x"), "r")
    await session.close()


async def test_a_newer_token_goes_on_where_the_old_one_ran_out() -> None:
    """The gateway hears of it before the next order; a session that is over is refused there, too."""
    hears_with_the_order = WsOptions(check_session_ms=3_600_000)
    async with WsVenue(hears_with_the_order).serve() as venue:
        session = tunnel(venue).session(peer())
        old = caller(venue)
        await session.run(place(), old, "r")
        venue.clock.ahead_ms += 800_000
        new = caller(venue)
        venue.clock.ahead_ms += 200_000
        assert (await session.run(place(), new, "r")).status == 201
        venue.revoked.add(f"s{ALICE}")
        with pytest.raises(ApiProblem) as refused:
            await session.run(place(), new, "r")
        assert refused.value.code == "session_revoked"
        await session.close()
