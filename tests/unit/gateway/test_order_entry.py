"""Order entry on a real engine: answers come from the command's own events, refusals help, loss is told as loss."""

import json
from typing import Any

import pytest

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.gateway.problems import ApiProblem, from_error
from cse.messages.commands import CancelOrder, SetMarketStatus
from cse.messages.events import Applied, OrderAccepted
from cse.messages.wire import Command, MarketStatus
from tests.unit.gateway.world import ANN, BOB, MARKET, World


def body(side: str = "buy", price: str = "1.2500", quantity: str = "10.00", **more: Any) -> bytes:
    fields = {"market": MARKET, "side": side, "type": "limit", "price": price, "quantity": quantity}
    return json.dumps({**fields, **more}).encode()


async def place(world: World, account_id: int = ANN, **fields: Any) -> Any:
    answer = await world.deps.order_entry.place(account_id, body(**fields))
    assert answer.status == 201
    return json.loads(answer.body)


async def refusal(awaitable: Any) -> ApiProblem:
    with pytest.raises(ApiProblem) as caught:
        await awaitable
    return caught.value


async def test_the_answer_is_of_its_own_command() -> None:
    """Whatever happens to the order before the answer is written, the placing's answer does not show it."""
    world = World()
    honest = world.queue.submit

    async def submit(command: Command) -> Applied:
        applied = await honest(command)
        if isinstance(applied.events[0], OrderAccepted):  # somebody is quicker than the answer
            world.queue.apply(CancelOrder(ANN, applied.events[0].order_id, ""))
        return applied

    world.queue.submit = submit  # type: ignore[method-assign]  # stands between entry and engine
    told = await place(world)
    assert told["order"]["status"] == "open"
    view = world.live.order(told["order"]["id"])
    assert view is not None
    assert view.status == "cancelled"


@pytest.mark.parametrize(
    "mode", ["none", "expire_taker", "expire_maker", "expire_both", "decrement"]
)
async def test_the_answer_agrees_with_the_live_view(mode: str) -> None:
    """For every self-trade mode, what the events say of the order is what the live view says."""
    world = World()
    for side, account_id, quantity in (
        ("sell", BOB, "3.00"),
        ("sell", ANN, "2.00"),
        ("sell", BOB, "2.00"),
    ):
        await place(world, account_id, side=side, quantity=quantity)
    command_sequence = world.queue.engine.sequence + 1
    told = await place(world, quantity="8.00", self_trade_prevention=mode)
    view = world.live.order(told["order"]["id"])
    assert view is not None
    answer = await world.deps.order_entry.order_body(view)
    assert json.loads(answer) == told
    assert view.sequence == command_sequence


async def test_a_market_order_by_budget() -> None:
    """It buys what its budget can and is filled; the rest of the budget is back."""
    world = World()
    await place(world, BOB, side="sell", price="1.2500", quantity="100.00")
    request = {"market": MARKET, "side": "buy", "type": "market", "quote_quantity": "5.005"}
    answer = await world.deps.order_entry.place(ANN, json.dumps(request).encode())
    told = json.loads(answer.body)["order"]
    assert (told["status"], told["filled_quantity"], told["quote_filled"]) == (
        "filled",
        "4.00",
        "5.000000",
    )
    assert world.live.balance(ANN, 1).held == 0


async def test_missing_money_is_reckoned_for_amendments_too() -> None:
    """What an amendment needs is the difference to what is held already."""
    world = World()
    order_id = (await place(world, quantity="10.00"))["order"]["id"]
    problem = await refusal(
        world.deps.order_entry.amend(ANN, order_id, b'{"quantity":"900000.00"}')
    )
    assert problem.code == "insufficient_funds"
    assert problem.detail == (
        "Not enough USDC: you have 999987.500000 available, this needs 1124987.500000."
    )


async def test_a_halted_market_says_so() -> None:
    """Placing and cancelling are refused with the market's state."""
    world = World()
    order_id = (await place(world))["order"]["id"]
    world.queue.apply(SetMarketStatus(1, MarketStatus.HALTED))
    assert (await refusal(world.deps.order_entry.place(ANN, body()))).code == "market_halted"
    assert (await refusal(world.deps.order_entry.cancel(ANN, order_id))).code == "market_halted"


async def test_an_order_that_closes_under_a_cancel_is_closed() -> None:
    """The engine no longer knows it, but we do: 409 `order_closed`, not 404."""
    world = World()
    order_id = (await place(world))["order"]["id"]
    honest = world.queue.submit

    async def submit(command: Command) -> Applied:
        world.queue.apply(CancelOrder(ANN, order_id, ""))
        return await honest(command)

    world.queue.submit = submit  # type: ignore[method-assign]  # stands between entry and engine
    problem = await refusal(world.deps.order_entry.cancel(ANN, order_id))
    assert (problem.status, problem.code) == (409, "order_closed")


async def test_orders_are_named_by_either_id() -> None:
    """Amend and cancel take the order's id or its client order id."""
    world = World()
    await place(world, client_order_id="mine")
    amended = await world.deps.order_entry.amend(ANN, "mine", b'{"quantity":"9.00"}')
    assert json.loads(amended.body)["order"]["quantity"] == "9.00"
    cancelled = await world.deps.order_entry.cancel(ANN, "mine")
    assert json.loads(cancelled.body)["order"]["status"] == "cancelled"


async def test_what_was_done_is_answered_without_the_database() -> None:
    """With older fills out of reach a cancel is still answered, and says that fills are missing."""
    world = World()
    await place(world, BOB, side="sell", quantity="3.00")
    order_id = (await place(world))["order"]["id"]
    world.live._orders._fills.clear()  # as after a restart
    world.history.failure = Unavailable("away")
    told = json.loads((await world.deps.order_entry.cancel(ANN, order_id)).body)
    assert (told["order"]["filled_quantity"], told["fills"]) == ("3.00", [])
    assert told["fills_complete"] is False


async def test_what_was_done_is_answered_while_history_is_behind() -> None:
    """A cancel that was applied is 200, not 503, when the fills from before the start cannot be had yet."""
    world = World()
    await place(world, BOB, side="sell", quantity="3.00")
    order_id = (await place(world))["order"]["id"]
    world.live._orders._fills.clear()  # as after a restart
    world.history.at = 0
    answer = await world.deps.order_entry.cancel(ANN, order_id)
    told = json.loads(answer.body)
    assert (answer.status, told["order"]["status"]) == (200, "cancelled")
    assert told["fills_complete"] is False


async def test_fills_from_before_the_start_come_from_history() -> None:
    """Memory and history together give each fill once, oldest first."""
    world = World()
    await place(world, BOB, side="sell", quantity="3.00")
    order_id = (await place(world))["order"]["id"]
    old = world.live.fills(order_id)
    world.live._orders._fills.clear()
    world.history.fill_rows = list(old)
    await place(world, BOB, side="sell", quantity="2.00")
    view = world.live.order(order_id)
    assert view is not None
    told = json.loads(await world.deps.order_entry.order_body(view))
    assert [fill["quantity"] for fill in told["fills"]] == ["3.00", "2.00"]
    assert "fills_complete" not in told


@pytest.mark.parametrize("error", [Unavailable("stopping"), OutcomeUnknown("disk failed")])
async def test_loss_is_told_as_what_it_is(error: Any) -> None:
    """Nothing done and not known are different codes, both retryable 503s."""
    world = World()
    world.queue.failure = error
    with pytest.raises(type(error)):
        await world.deps.order_entry.place(ANN, body())
    problem = from_error(error)
    unknown = isinstance(error, OutcomeUnknown)
    assert problem.code == ("outcome_unknown" if unknown else "unavailable")
    assert (problem.status, problem.retryable) == (503, True)


async def test_an_order_may_be_filled_as_maker_by_its_own_command() -> None:
    """It trades, rests, and the stop that its trade fired hits it: both fills are in the answer."""
    world = World()
    await place(world, BOB, side="sell", price="1.2600", quantity="1.00")
    await place(world, ANN, side="buy", price="1.2600", quantity="1.00")
    stop = {"type": "stop_loss", "side": "sell", "trigger_price": "1.2400", "quantity": "2.00"}
    waiting = await world.deps.order_entry.place(
        BOB, json.dumps({"market": MARKET, **stop}).encode()
    )
    assert json.loads(waiting.body)["order"]["status"] == "pending_trigger"
    await place(world, BOB, side="sell", price="1.2300", quantity="1.00")
    told = await place(world, ANN, side="buy", price="1.2300", quantity="3.00")
    assert told["order"]["status"] == "filled"
    assert [(fill["liquidity"], fill["quantity"]) for fill in told["fills"]] == [
        ("taker", "1.00"),
        ("maker", "2.00"),
    ]
