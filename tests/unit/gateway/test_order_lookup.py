"""Orders are found wherever they are kept, and only by their owner."""

import msgspec
import pytest

from cse.core.errors import Unavailable
from cse.gateway.problems import ApiProblem
from cse.messages.commands import CancelOrder, PlaceOrder
from cse.messages.wire import OrderType, SelfTradePrevention, Side, TimeInForce
from tests.unit.gateway.world import ANN, BOB, World


def world_with_order(client_order_id: str = "mine") -> tuple[World, int]:
    world = World()
    applied = world.queue.apply(
        PlaceOrder(
            ANN,
            1,
            Side.BUY,
            OrderType.LIMIT,
            TimeInForce.GTC,
            SelfTradePrevention.NONE,
            False,
            12_000,
            0,
            1_000,
            0,
            0,
            client_order_id,
        )
    )
    return world, applied.events[0].order_id  # type: ignore[attr-defined]  # an OrderAccepted


def forget(world: World, order_id: int) -> None:
    """Move an order from memory to history, as time does."""
    view = world.live.order(order_id)
    assert view is not None
    world.history.order_rows.append(msgspec.structs.replace(view))
    world.live._orders._forget(order_id)


async def refusal(
    world: World, account_id: int, ref: int | str, *, is_open: bool = False
) -> ApiProblem:
    find = world.deps.lookup.own_open if is_open else world.deps.lookup.own
    with pytest.raises(ApiProblem) as caught:
        await find(account_id, ref)
    return caught.value


@pytest.mark.parametrize("from_history", [False, True])
async def test_an_order_is_found_by_either_name(from_history: bool) -> None:
    """By id and by client order id, in memory and in history."""
    world, order_id = world_with_order()
    if from_history:
        world.queue.apply(CancelOrder(ANN, order_id, ""))
        forget(world, order_id)
    for ref in (order_id, "mine"):
        assert (await world.deps.lookup.own(ANN, ref)).order_id == order_id


@pytest.mark.parametrize("from_history", [False, True])
async def test_somebody_elses_is_not_found(from_history: bool) -> None:
    """Exactly as if it had never been."""
    world, order_id = world_with_order()
    if from_history:
        world.queue.apply(CancelOrder(ANN, order_id, ""))
        forget(world, order_id)
    theirs = await refusal(world, BOB, order_id)
    nobodys = await refusal(world, BOB, 424_242)
    assert (theirs.status, theirs.code, theirs.detail) == (404, nobodys.code, nobodys.detail)
    assert (await refusal(world, BOB, "mine")).status == 404


async def test_a_closed_order_is_not_open() -> None:
    """409 with what became of it."""
    world, order_id = world_with_order()
    world.queue.apply(CancelOrder(ANN, order_id, ""))
    problem = await refusal(world, ANN, order_id, is_open=True)
    assert (problem.code, problem.detail) == (
        "order_closed",
        f"Order {order_id} is cancelled already.",
    )


async def test_not_found_waits_for_history() -> None:
    """Until history has all that touched the account nobody says that an order does not exist."""
    world, order_id = world_with_order()
    world.history.at = 0
    assert (await refusal(world, ANN, 424_242)).code == "history_behind"
    assert (await world.deps.lookup.own(ANN, order_id)).order_id == order_id
    world.history.at = world.live.sequence
    assert (await refusal(world, ANN, 424_242)).code == "order_not_found"


async def test_names_that_cannot_be_ask_no_database() -> None:
    """A name that no order can have is 404 at once, even while the database is away."""
    world, _ = world_with_order()
    world.history.failure = Unavailable("away")
    for name in ("", "a b", "\0", "x" * 37):
        assert (await refusal(world, ANN, name)).status == 404
    with pytest.raises(Unavailable):
        await world.deps.lookup.own(ANN, "possible")


@pytest.mark.parametrize("from_history", [False, True])
async def test_fills_are_those_that_the_view_tells_of(from_history: bool) -> None:
    """What trades while the answer is being put together does not show beside an older order."""
    world, order_id = world_with_order()
    _sell(world, 300)
    view = world.live.order(order_id)
    assert view is not None
    still = msgspec.structs.replace(view)
    if from_history:
        world.history.fill_rows = list(world.live.fills(order_id))
        world.live._orders._fills.clear()
    _sell(world, 200)
    if from_history:
        world.history.fill_rows += world.live.fills(order_id)
    assert [fill.quantity for fill in await world.deps.lookup.fills(still)] == [300]
    assert [fill.quantity for fill in await world.deps.lookup.fills(view)] == [300, 200]


def _sell(world: World, lots: int) -> None:
    world.queue.apply(
        PlaceOrder(
            BOB,
            1,
            Side.SELL,
            OrderType.LIMIT,
            TimeInForce.IOC,
            SelfTradePrevention.NONE,
            False,
            12_000,
            0,
            lots,
            0,
            0,
            "",
        )
    )
