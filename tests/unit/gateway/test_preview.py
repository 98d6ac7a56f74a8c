"""Previews agree with what the engine then does, for every kind of order that the book can answer."""

import json
from decimal import Decimal
from typing import Any

import pytest

from cse.gateway.preview import Preview, Previewer
from tests.unit.gateway.world import ANN, BOB, MARKET, World

BOOK = [
    ("sell", "1.2500", "4.00"),
    ("sell", "1.2600", "4.00"),
    ("sell", "1.2700", "4.00"),
    ("buy", "1.2400", "4.00"),
    ("buy", "1.2300", "4.00"),
]


async def venue() -> World:
    world = World()
    for side, price, quantity in BOOK:
        await send(world, BOB, side=side, type="limit", price=price, quantity=quantity)
    return world


async def send(world: World, account_id: int, **fields: Any) -> Any:
    body = json.dumps({"market": MARKET, **fields}).encode()
    return json.loads((await world.deps.order_entry.place(account_id, body)).body)


def told(world: World, **fields: Any) -> Preview:
    previewer = Previewer(world.catalog, world.live, world.hub, world.clock)
    return previewer.preview(ANN, json.dumps({"market": MARKET, **fields}).encode())


@pytest.mark.parametrize(
    "fields",
    [
        {"side": "buy", "type": "limit", "price": "1.2600", "quantity": "6.00"},
        {"side": "buy", "type": "limit", "price": "1.2600", "quantity": "9.00"},
        {"side": "buy", "type": "limit", "price": "1.2000", "quantity": "9.00"},
        {"side": "sell", "type": "limit", "price": "1.2400", "quantity": "6.00"},
        {"side": "buy", "type": "market", "quantity": "5.00"},
        {"side": "sell", "type": "market", "quantity": "50.00"},
        {"side": "buy", "type": "market", "quote_quantity": "7.6"},
        {"side": "buy", "type": "market", "quote_quantity": "500"},
        {
            "side": "buy",
            "type": "limit",
            "price": "1.2600",
            "quantity": "6.00",
            "time_in_force": "ioc",
        },
        {
            "side": "buy",
            "type": "limit",
            "price": "1.2600",
            "quantity": "8.00",
            "time_in_force": "fok",
        },
        {
            "side": "buy",
            "type": "limit",
            "price": "1.2600",
            "quantity": "8.01",
            "time_in_force": "fok",
        },
        {"side": "buy", "type": "market", "quote_quantity": "5.05", "time_in_force": "fok"},
    ],
)
async def test_the_estimate_is_what_happens(fields: dict[str, Any]) -> None:
    """Quantity, average, worst price, amount, fee and hold are the outcome's, to the last unit."""
    world = await venue()
    estimate = told(world, **fields)
    before = world.live.balance(ANN, 1 if fields["side"] == "buy" else 2)
    outcome = await send(world, ANN, **fields)
    order, fills = outcome["order"], outcome["fills"]
    assert estimate.filled_quantity == order["filled_quantity"]
    assert estimate.average_price == order["average_price"]
    assert estimate.quote_amount == order["quote_filled"]
    assert estimate.worst_price == (fills[-1]["price"] if fills else None)
    assert Decimal(estimate.fee) == sum((Decimal(fill["fee"]) for fill in fills), Decimal())
    assert estimate.enough_funds
    assert estimate.available == world.catalog.assets[before.asset_id].format(before.available)
    resting = (
        order["remaining_quantity"] if order["status"] in {"open", "partially_filled"} else "0.00"
    )
    assert estimate.resting_quantity == resting


async def test_the_hold_is_what_the_engine_sets_aside() -> None:
    """For orders that rest and for triggered ones, the previewed hold is the account's held money."""
    for fields in (
        {"side": "buy", "type": "limit", "price": "1.2000", "quantity": "6.00"},
        {"side": "sell", "type": "limit", "price": "1.3000", "quantity": "6.00"},
        {"side": "buy", "type": "stop_loss", "trigger_price": "1.3000", "quantity": "6.00"},
        {
            "side": "sell",
            "type": "take_profit_limit",
            "trigger_price": "1.3000",
            "price": "1.2900",
            "quantity": "6.00",
        },
    ):
        world = await venue()
        estimate = told(world, **fields)
        await send(world, ANN, **fields)
        asset = world.catalog.assets_by_symbol[estimate.hold_asset]
        assert estimate.hold == asset.format(world.live.balance(ANN, asset.asset_id).held)
        assert (estimate.filled_quantity, estimate.resting_quantity) == ("0.00", "6.00")


async def test_a_post_only_order_that_would_take_is_told_so() -> None:
    """It would be refused: `would_take`, and nothing filled."""
    estimate = told(
        await venue(), side="buy", type="limit", price="1.2500", quantity="1.00", post_only=True
    )
    assert (estimate.would_take, estimate.filled_quantity) == (True, "0.00")


async def test_a_market_order_stops_at_the_price_band() -> None:
    """20 % around 1.2500 ends at 1.5000: a level there counts, and what an account cannot pay is said."""
    world = await venue()
    await send(world, BOB, side="sell", type="limit", price="1.5000", quantity="4.00")
    estimate = told(world, side="buy", type="market", quantity="20.00")
    assert (estimate.filled_quantity, estimate.worst_price) == ("16.00", "1.5000")
    poor = told(world, side="buy", type="limit", price="1.5000", quantity="999999.00")
    assert not poor.enough_funds
