"""Batches on a real engine: one hand-in, one answer per item, names that hold within the batch."""

import json
from typing import Any

import pytest

from cse.core.errors import OutcomeUnknown
from cse.gateway.batch import BatchEntry
from cse.gateway.problems import ApiProblem
from tests.unit.gateway.world import ANN, BOB, MARKET, World


def entry(world: World) -> BatchEntry:
    deps = world.deps
    return BatchEntry(deps.queue, deps.catalog, deps.lookup, deps.order_entry)


def place(**fields: Any) -> dict[str, Any]:
    return {
        "op": "place",
        "market": MARKET,
        "side": "buy",
        "type": "limit",
        "price": "1.2500",
        "quantity": "1.00",
        **fields,
    }


async def submit(world: World, *items: Any) -> list[dict[str, Any]]:
    body = json.dumps({"items": items}).encode()
    answer = await entry(world).submit(ANN, body, "request-1")
    assert answer.status == 200
    results: list[dict[str, Any]] = json.loads(answer.body)["results"]
    return results


async def test_good_items_are_handed_in_together() -> None:
    """Consecutive sequence numbers, in the items' order; bad items in between are not handed in."""
    world = World()
    before = world.queue.engine.sequence
    results = await submit(world, place(), {"op": "cancel"}, place(side="sell", price="1.3000"))
    assert [result["status"] for result in results] == [201, 400, 201]
    assert world.queue.engine.sequence == before + 2
    assert results[1]["problem"]["request_id"] == "request-1"
    assert results[0]["order"]["id"] + 1 == results[2]["order"]["id"]


async def test_names_hold_within_a_batch() -> None:
    """An order placed in a batch can be amended and cancelled further on in the same one."""
    results = await submit(
        World(),
        place(client_order_id="new"),
        {"op": "amend", "client_order_id": "new", "quantity": "3.00"},
        {"op": "cancel", "client_order_id": "new"},
        {"op": "cancel", "client_order_id": "new"},
    )
    assert [result["status"] for result in results] == [201, 200, 200, 409]
    assert results[3]["problem"]["code"] == "order_closed"


async def test_a_name_in_use_means_the_order_that_has_it() -> None:
    """A placing that is refused for its name does not lend its market's decimals to an amendment by that name."""
    world = World()
    await submit(world, place(client_order_id="mine", price="1.2000"))
    scale = world.catalog.markets_by_symbol[MARKET].price_scale
    other = next(m for m in world.catalog.markets.values() if m.price_scale != scale)
    taken = place(
        client_order_id="mine",
        market=other.symbol,
        price=other.format_price(other.reference_price),
        quantity=other.format_quantity(10 * other.min_quantity),
    )
    results = await submit(
        world,
        taken,
        {"op": "amend", "client_order_id": "mine", "price": "1.2345"},
    )
    assert results[0]["problem"]["code"] == "duplicate_client_order_id"
    assert results[1]["order"]["price"] == "1.2345"


async def test_orders_that_only_history_knows_are_waited_for_together() -> None:
    """Fifty unknown names cost one wait for a history that is behind, and hold no other item back for ever."""
    world = World(history_wait_ms=200)
    world.history.at = 0
    cancels = [{"op": "cancel", "client_order_id": f"old-{n}"} for n in range(49)]
    results = await submit(world, *cancels, place())
    assert {result["status"] for result in results[:-1]} == {503}
    assert results[-1]["status"] == 201
    assert world.history.asked < 49


async def test_others_orders_are_not_found() -> None:
    """Naming somebody else's order is 404 for that item alone."""
    world = World()
    request = {name: value for name, value in place().items() if name != "op"}
    theirs = await world.deps.order_entry.place(BOB, json.dumps(request).encode())
    order_id = json.loads(theirs.body)["order"]["id"]
    results = await submit(world, {"op": "cancel", "order_id": order_id}, place())
    assert [result["status"] for result in results] == [404, 201]


async def test_a_repeated_batch_places_nothing_twice() -> None:
    """With client order ids the same batch again answers with the first orders."""
    world = World()
    first = await submit(world, place(client_order_id="a"), place(client_order_id="b"))
    again = await submit(world, place(client_order_id="a"), place(client_order_id="b"))
    assert [result["status"] for result in again] == [200, 200]
    assert [r["order"] for r in again] == [r["order"] for r in first]


@pytest.mark.parametrize("items", [[], [{}] * 51, "x", None])
async def test_a_batch_of_the_wrong_size_is_refused_whole(items: Any) -> None:
    """1 to 50 items; nothing is applied otherwise."""
    world = World()
    before = world.queue.engine.sequence
    with pytest.raises(ApiProblem) as caught:
        await entry(world).submit(ANN, json.dumps({"items": items}).encode(), "r")
    assert caught.value.fields is not None
    assert set(caught.value.fields) == {"items"}
    assert world.queue.engine.sequence == before


async def test_an_unknown_outcome_is_that_of_the_whole_batch() -> None:
    """Nobody guesses which items were applied."""
    world = World()
    world.queue.failure = OutcomeUnknown("disk failed")
    with pytest.raises(OutcomeUnknown):
        await submit(world, place(), place())
