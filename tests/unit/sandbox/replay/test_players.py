"""Steps become calls: the right account, the right body, in the recorded order."""

import msgspec
import pytest

from cse.sandbox.client.failures import Refused
from cse.sandbox.client.rest import RestClient
from cse.sandbox.client.trader import Trader
from cse.sandbox.replay.players import Players
from cse.sandbox.replay.scales import Decimals, Scales
from cse.sandbox.replay.steps import Action, Cancel, Place, Reduce, ReplayError, Role
from tests.unit.sandbox.client.fake_exchange import LOST_ANSWER, FakeExchange, problem

SCALES = Scales(Decimals("price", 4, 2), Decimals("quantity", 0, 0))


class Table:
    """Players at a fake exchange."""

    def __init__(self) -> None:
        self.exchange = FakeExchange()
        traders = {
            role: Trader(RestClient("http://test", transport=self.exchange.transport))
            for role in Role
        }
        self.players = Players("AAPL-USDC", SCALES, traders)


def maker(name: str, quantity: int = 10) -> Place:
    return Place(Role.MAKER, name, "buy", 5_853_300, quantity)


def taker(name: str) -> Place:
    return Place(Role.TAKER, name, "sell", 5_853_300, 4)


async def test_makers_rest_and_takers_do_not() -> None:
    """Post-only for one, immediate or cancel for the other; decimals as the market prints them."""
    table = Table()
    await table.players.act([maker("m1"), taker("t1")])
    made, took = table.exchange.orders["m1"], table.exchange.orders["t1"]
    assert (made["price"], made["quantity"]) == ("585.33", "10")
    assert (made["time_in_force"], made["post_only"]) == ("gtc", True)
    assert (took["time_in_force"], took["post_only"]) == ("ioc", False)


async def test_single_actions_have_their_own_calls_and_runs_are_batched() -> None:
    """An account's actions in a row go together; a change of account ends the batch."""
    table = Table()
    await table.players.act([maker("m1")])
    await table.players.act([Reduce("m1", 6)])
    await table.players.act([Cancel("m1")])
    await table.players.act([maker("m2"), maker("m3"), taker("t1"), taker("t2")])
    await table.players.act([Reduce("m2", 6), Cancel("m3"), maker("m4")])
    assert table.exchange.log == [
        "POST /api/orders",
        "PATCH /api/orders/1",
        "DELETE /api/orders/1",
        *["POST /api/orders/batch"] * 3,
    ]
    assert (table.players.orders, table.players.amends, table.players.cancels) == (6, 2, 2)
    assert len(table.players.latencies_ns) == 6


async def test_batches_are_no_larger_than_the_exchange_takes() -> None:
    """101 orders are three calls."""
    table = Table()
    actions: list[Action] = [maker(f"m{number}") for number in range(101)]
    await table.players.act(actions)
    assert table.exchange.log == [*["POST /api/orders/batch"] * 2, "POST /api/orders"]
    assert len(table.exchange.orders) == 101


async def test_a_refusal_ends_the_replay_and_names_the_action() -> None:
    """Alone and inside a batch."""
    table = Table()
    table.exchange.faults = [problem(400, "price_out_of_band")]
    with pytest.raises(ReplayError, match=r"refused .*m1.*price_out_of_band"):
        await table.players.act([maker("m1")])
    await table.players.act([maker("m1")])
    table.exchange.orders["m1"]["status"] = "filled"
    with pytest.raises(ReplayError, match="order_closed"):
        await table.players.act([Cancel("m1"), maker("m2")])


async def test_lost_answers_are_counted_and_nothing_is_doubled() -> None:
    """The report says how many there were."""
    table = Table()
    table.exchange.faults = [LOST_ANSWER]
    await table.players.act([maker("m1"), maker("m2")])
    assert table.players.unknown == 1
    assert table.exchange.log.count("POST /api/orders/batch") == 1
    assert msgspec.json.encode(sorted(table.exchange.orders)) == b'["m1","m2"]'
    assert not isinstance(table.exchange.orders["m1"], Refused)
