"""Which fields go together in an order, told by field before anything reaches the engine."""

from typing import Any

import pytest

from cse.gateway.order_requests import (
    AmendRequest,
    PlaceRequest,
    amend_command,
    place_command,
)
from cse.gateway.problems import ApiProblem
from cse.messages.wire import OrderType, SelfTradePrevention, Side, TimeInForce
from tests.unit.gateway.world import ANN, MARKET, World

CATALOG = World().catalog


def place(**fields: Any) -> Any:
    base = {"market": MARKET, "side": "buy", "type": "limit"}
    return place_command(ANN, PlaceRequest(**{**base, **fields}), CATALOG)


def test_a_limit_order_takes_the_defaults() -> None:
    """GTC, the maker goes in self-trade prevention, nothing that was not given."""
    command = place(price="1.25", quantity="10")
    assert (command.price, command.quantity, command.market_id) == (12_500, 1_000, 1)
    assert (command.side, command.type) == (Side.BUY, OrderType.LIMIT)
    assert command.time_in_force is TimeInForce.GTC
    assert command.stp is SelfTradePrevention.EXPIRE_MAKER
    assert (command.trigger_price, command.quote_quantity, command.expires_at) == (0, 0, 0)
    assert (command.post_only, command.client_order_id) == (False, "")


@pytest.mark.parametrize("kind", ["market", "stop_loss", "take_profit"])
def test_orders_without_a_price_are_immediate(kind: str) -> None:
    """Their default time in force is IOC, as they never rest."""
    trigger = {} if kind == "market" else {"trigger_price": "1.2"}
    command = place(type=kind, quantity="1", side="sell", **trigger)
    assert (command.time_in_force, command.price) == (TimeInForce.IOC, 0)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"quantity": "1"}, {"price"}),
        ({"price": "1"}, {"quantity"}),
        ({}, {"price", "quantity"}),
        ({"type": "market", "quantity": "1", "price": "1"}, {"price"}),
        ({"price": "1", "quantity": "1", "trigger_price": "1"}, {"trigger_price"}),
        ({"type": "stop_loss", "quantity": "1"}, {"trigger_price"}),
        ({"type": "market", "quantity": "1", "quote_quantity": "1"}, {"quote_quantity"}),
        ({"price": "1", "quote_quantity": "1"}, {"quote_quantity"}),
        ({"type": "market", "side": "sell", "quote_quantity": "1"}, {"quote_quantity"}),
        ({"price": "1", "quantity": "1", "expires_at": 5}, {"expires_at"}),
        ({"price": "1", "quantity": "1", "time_in_force": "gtd"}, {"expires_at"}),
        ({"type": "market", "quantity": "1", "time_in_force": "gtc"}, {"time_in_force"}),
        ({"price": "1", "quantity": "1", "time_in_force": "ioc", "post_only": True}, {"post_only"}),
        ({"type": "market", "quantity": "1", "post_only": True}, {"post_only"}),
        ({"price": "1", "quantity": "1", "client_order_id": ""}, {"client_order_id"}),
        ({"price": "1", "quantity": "1", "client_order_id": "a" * 37}, {"client_order_id"}),
        ({"price": "1", "quantity": "1", "client_order_id": "a b"}, {"client_order_id"}),
        ({"price": "1", "quantity": "1", "client_order_id": "a\n"}, {"client_order_id"}),
        ({"price": "0", "quantity": "0"}, {"price", "quantity"}),
        ({"price": "1.00001", "quantity": "1.001"}, {"price", "quantity"}),
    ],
)
def test_fields_that_do_not_go_together_are_named(fields: dict[str, Any], named: set[str]) -> None:
    """Missing, superfluous and malformed fields are all in the one answer."""
    with pytest.raises(ApiProblem) as caught:
        place(**fields)
    assert caught.value.fields is not None
    assert set(caught.value.fields) == named


def test_an_unknown_market_is_not_found() -> None:
    """404 with the field named; a long name is not echoed whole."""
    with pytest.raises(ApiProblem) as caught:
        place(market="X" * 5_000, price="1", quantity="1")
    assert (caught.value.status, caught.value.code) == (404, "market_not_found")
    assert len(caught.value.detail) < 200


def test_an_amendment_changes_something() -> None:
    """What is not given stays (0); giving nothing is refused."""
    market = CATALOG.markets_by_symbol[MARKET]
    command = amend_command(ANN, 7, "", AmendRequest(quantity="2.5"), market)
    assert (command.order_id, command.quantity, command.price) == (7, 250, 0)
    with pytest.raises(ApiProblem) as caught:
        amend_command(ANN, 7, "", AmendRequest(), market)
    assert caught.value.fields == {"body": "give at least one of price, trigger_price, quantity"}
