"""A lost answer never leads to a second order, and a lost request never to none."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from cse.sandbox.client.failures import GaveUp, Refused
from cse.sandbox.client.rest import RestClient
from cse.sandbox.client.trader import Trader
from tests.unit.sandbox.client.fake_exchange import (
    LOST_ANSWER,
    LOST_REQUEST,
    FakeExchange,
    problem,
)


@pytest.fixture
def exchange() -> FakeExchange:
    return FakeExchange()


@pytest.fixture
async def trader(exchange: FakeExchange) -> AsyncIterator[Trader]:
    async with RestClient("http://test", transport=exchange.transport) as rest:
        yield Trader(rest)


def order(name: str, **more: Any) -> dict[str, Any]:
    return {"client_order_id": name, "quantity": "5", **more}


def placed(exchange: FakeExchange) -> int:
    return exchange.log.count("POST /api/orders")


async def test_an_answered_order_is_sent_once(exchange: FakeExchange, trader: Trader) -> None:
    """The ordinary case asks nothing."""
    answer = await trader.place(order("a"))
    assert answer["order"]["id"] == 1
    assert exchange.log == ["POST /api/orders"]
    assert trader.unknown == 0


async def test_a_lost_answer_is_asked_for(exchange: FakeExchange, trader: Trader) -> None:
    """The order is there: it is not sent again."""
    exchange.faults = [LOST_ANSWER]
    assert (await trader.place(order("a")))["order"]["id"] == 1
    assert placed(exchange) == 1
    assert exchange.log[-1] == "GET /api/orders/by-client-id/a"
    assert trader.unknown == 1


async def test_a_lost_request_is_sent_again_under_the_same_id(
    exchange: FakeExchange, trader: Trader
) -> None:
    """The order is not there: only then it is sent again."""
    exchange.faults = [LOST_REQUEST]
    await trader.place(order("a"))
    assert placed(exchange) == 2
    assert list(exchange.orders) == ["a"]


@pytest.mark.parametrize("code", ["outcome_unknown", "unavailable", "internal_error"])
async def test_a_5xx_is_an_unknown_outcome(
    exchange: FakeExchange, trader: Trader, code: str
) -> None:
    """Whatever it says: the order is asked for first."""
    exchange.faults = [problem(503, code)]
    await trader.place(order("a"))
    assert exchange.log[:2] == ["POST /api/orders", "GET /api/orders/by-client-id/a"]


async def test_a_refusal_is_raised_and_nothing_is_repeated(
    exchange: FakeExchange, trader: Trader
) -> None:
    """4xx is final; its code and words come through."""
    exchange.faults = [problem(400, "insufficient_funds")]
    with pytest.raises(Refused, match="insufficient_funds: no"):
        await trader.place(order("a"))
    assert exchange.log == ["POST /api/orders"]


async def test_an_exchange_that_stays_away_is_given_up(exchange: FakeExchange) -> None:
    """Patience ends, and says what was last heard."""
    exchange.faults = [LOST_REQUEST] * 100
    async with RestClient("http://test", patience_s=0.0, transport=exchange.transport) as rest:
        with pytest.raises(GaveUp, match="refused"):
            await Trader(rest).place(order("a"))


async def test_lost_amends_and_cancels_are_settled_by_the_order(
    exchange: FakeExchange, trader: Trader
) -> None:
    """What took effect is not sent again, what did not is."""
    await trader.place(order("a"))
    for fault, sent in ((LOST_ANSWER, 1), (LOST_REQUEST, 2)):
        exchange.log.clear()
        exchange.faults = [fault]
        quantity = f"{sent}"
        assert (await trader.amend(1, {"quantity": quantity}))["order"]["quantity"] == quantity
        assert exchange.log.count("PATCH /api/orders/1") == sent
    exchange.log.clear()
    exchange.faults = [LOST_ANSWER]
    assert (await trader.cancel(1))["order"]["status"] == "cancelled"
    assert exchange.log.count("DELETE /api/orders/1") == 1


async def test_a_lost_batch_is_finished_item_by_item(
    exchange: FakeExchange, trader: Trader
) -> None:
    """Half of a batch took effect before its answer was lost: only the other half is sent again."""
    items = [{"op": "place", **order(name)} for name in "abcd"]
    for name in "ab":
        exchange.orders[name] = {"id": 90, "status": "open", **order(name)}
    exchange.faults = [LOST_REQUEST]
    answers = await trader.batch(items)
    named = [a["order"]["client_order_id"] for a in answers if not isinstance(a, Refused)]
    assert named == ["a", "b", "c", "d"]
    assert exchange.log.count("POST /api/orders/batch") == 2
    assert sorted(exchange.orders) == ["a", "b", "c", "d"]


async def test_a_batch_may_place_amend_and_cancel(exchange: FakeExchange, trader: Trader) -> None:
    """Each item has its own answer; a refused one does not hide the others."""
    await trader.batch([{"op": "place", **order(name)} for name in "ab"])
    exchange.orders["b"]["status"] = "filled"
    answers = await trader.batch(
        [
            {"op": "amend", "client_order_id": "a", "quantity": "3"},
            {"op": "cancel", "client_order_id": "b"},
            {"op": "cancel", "client_order_id": "a"},
        ]
    )
    assert isinstance(answers[1], Refused)
    assert answers[1].code == "order_closed"
    assert exchange.orders["a"] | {"quantity": "3", "status": "cancelled"} == exchange.orders["a"]


async def test_a_lost_batch_of_changes_is_settled_by_the_orders(
    exchange: FakeExchange, trader: Trader
) -> None:
    """Of an amend and a cancel that took effect nothing is sent again."""
    await trader.batch([{"op": "place", **order(name)} for name in "ab"])
    changes = [
        {"op": "amend", "order_id": 1, "quantity": "3"},
        {"op": "cancel", "order_id": 2},
    ]
    exchange.faults = [LOST_ANSWER]
    first, second = await trader.batch(changes)
    assert not isinstance(first, Refused)
    assert not isinstance(second, Refused)
    assert (first["order"]["quantity"], second["order"]["status"]) == ("3", "cancelled")
    assert exchange.log.count("POST /api/orders/batch") == 2


async def test_a_rate_limit_is_waited_out(exchange: FakeExchange, trader: Trader) -> None:
    """429 means that nothing was done: the same is sent after the time that the exchange names."""
    exchange.faults = [httpx.Response(429, json={"code": "rate_limited", "detail": "slow"})]
    await trader.place(order("a"))
    assert exchange.log == ["POST /api/orders"] * 2
    assert trader.unknown == 0


async def test_cancelling_everything_is_repeated_until_answered(
    exchange: FakeExchange, trader: Trader
) -> None:
    """Cancelling twice does no harm."""
    exchange.faults = [LOST_ANSWER]
    assert await trader.cancel_all("X-USDC") == 0
    assert exchange.log == ["DELETE /api/orders"] * 2
