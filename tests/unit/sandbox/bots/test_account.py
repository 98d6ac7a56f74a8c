"""A bot's account: what it sends, what it knows of its orders, and what it does about refusals and lost answers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from cse.sandbox.bots.account import BotAccount
from cse.sandbox.bots.strategy import Amend, Cancel, MarketView, OwnOrder, Place
from cse.sandbox.client.failures import NoAnswer, Refused
from cse.sandbox.client.rest import RestClient
from tests.unit.sandbox.bots.test_strategies import MARKETS
from tests.unit.sandbox.client.fake_exchange import FakeExchange

QUOTE = Place("NOVA-USDC", "buy", 12_400, 1_000, tag="b0")


class Desk:
    """An account whose WebSocket calls are answered by a script: results, or errors to raise."""

    def __init__(self, exchange: FakeExchange, rest: RestClient) -> None:
        self.exchange = exchange
        self.account = BotAccount("bot", rest, MARKETS, worth=1_000)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.script: list[dict[str, Any] | Exception] = []
        self.account.stream.call = self._call  # type: ignore[method-assign]  # no socket here

    async def _call(self, op: str, **fields: Any) -> Any:
        self.sent.append((op, fields))
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        order = {"client_order_id": fields.get("client_order_id"), **step}
        return {"order": order, "fills": []}

    def orders(self) -> list[OwnOrder]:
        return self.account.view("NOVA-USDC", MarketView()).orders

    def position(self) -> int:
        return self.account.view("NOVA-USDC", MarketView()).position


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    exchange = FakeExchange()
    async with RestClient("http://test", transport=exchange.transport) as rest:
        made = Desk(exchange, rest)
        await made.account._begin_anew()
        yield made


def order(status: str = "open", **more: Any) -> dict[str, Any]:
    terms = {"market": "NOVA-USDC", "side": "buy", "price": "1.2400", "status": status, "id": 7}
    return {**terms, "filled_quantity": "0.00", "remaining_quantity": "10.00", **more}


async def test_a_connection_begins_without_orders_and_with_enough_money(desk: Desk) -> None:
    """Leftovers are cancelled, assets filled up to 1,000 USDC's worth, and the position is nil."""
    assert desk.exchange.log[0] == "DELETE /api/orders"
    assert desk.exchange.balances == {"NOVA": 800, "USDC": 1_000}
    assert desk.position() == 0
    await desk.account._begin_anew()
    assert desk.exchange.balances == {"NOVA": 800, "USDC": 1_000}


async def test_a_quote_rests_and_is_known_by_its_tag(desk: Desk) -> None:
    """Post-only, in the market's decimals; the answer makes it an own order."""
    desk.script = [order()]
    await desk.account.act(QUOTE)
    op, sent = desk.sent[0]
    assert op == "order.place"
    assert (sent["price"], sent["quantity"], sent["post_only"]) == ("1.2400", "10.00", True)
    assert desk.orders() == [OwnOrder(7, "buy", 12_400, 0, 1_000, "b0")]


async def test_amends_and_cancels_name_the_order(desk: Desk) -> None:
    """A cancelled order is no longer ours."""
    desk.script = [order(), order(price="1.2300"), order("cancelled")]
    await desk.account.act(QUOTE)
    await desk.account.act(Amend("NOVA-USDC", 7, 12_300, 1_000))
    assert desk.sent[1] == (
        "order.amend",
        {"order_id": 7, "price": "1.2300", "quantity": "10.00"},
    )
    await desk.account.act(Cancel("NOVA-USDC", 7))
    assert desk.orders() == []


async def test_fills_move_the_position_and_closed_orders_go(desk: Desk) -> None:
    """As the user channel tells them; late news of an order that is over does not bring it back."""
    desk.script = [order()]
    await desk.account.act(QUOTE)
    name = desk.sent[0][1]["client_order_id"]
    fill = {"market": "NOVA-USDC", "side": "buy", "quantity": "10.00"}
    done = order("filled", client_order_id=name)
    desk.account._on_message({"orders": [done], "fills": [fill]})
    assert desk.position() == 1_000
    assert desk.orders() == []
    desk.account._on_message({"orders": [order(client_order_id=name)], "fills": []})
    assert desk.orders() == []


@pytest.mark.parametrize("code", ["would_take", "price_out_of_band", "market_halted"])
async def test_refusals_that_are_part_of_trading_are_taken_as_such(desk: Desk, code: str) -> None:
    """The next decision sees a newer market."""
    desk.script = [Refused(400, code, "no")]
    await desk.account.act(QUOTE)
    assert desk.orders() == []


async def test_any_other_refusal_is_a_bug_and_is_raised(desk: Desk) -> None:
    """It ends the process, where somebody sees it."""
    desk.script = [Refused(400, "invalid_request", "price: no")]
    with pytest.raises(Refused, match="invalid_request"):
        await desk.account.act(QUOTE)


async def test_a_bot_that_runs_out_of_money_gets_more(desk: Desk) -> None:
    """Sandbox deposits fill up what has run low."""
    desk.exchange.balances["USDC"] = 3
    desk.script = [Refused(400, "insufficient_funds", "no")]
    await desk.account.act(QUOTE)
    assert desk.exchange.balances["USDC"] == 1_000


async def test_a_lost_placing_is_asked_for(desk: Desk) -> None:
    """It is there: it is an own order. It is not there: there is none, and none is placed instead."""
    desk.script = [NoAnswer("lost"), NoAnswer("lost")]
    await desk.account.act(QUOTE)
    assert desk.orders() == []
    name = f"{desk.account._prefix}-2"
    desk.exchange.orders[name] = order(client_order_id=name)
    await desk.account.act(QUOTE)
    assert [own.order_id for own in desk.orders()] == [7]
    assert [op for op, _ in desk.sent] == ["order.place"] * 2
