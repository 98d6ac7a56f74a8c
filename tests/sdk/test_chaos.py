"""Whatever a line does to the messages, the client shows no wrong book, and ends with the engine's."""

import pytest

from cse.gateway.present_market import levels_json
from tests.sdk.chaos import BOOKS, RATES, Chaos
from tests.unit.projections.live.streams import ACCOUNTS

SEEDS = range(10)


def expect_healed(chaos: Chaos) -> None:
    """Everything that the client keeps is what the exchange has."""
    assert chaos.driver.protocol.state == "live"
    exchange = chaos.exchange
    for market_id, name in enumerate(BOOKS, start=1):
        depth = exchange.hub.market(market_id).depth.snapshot()
        market = exchange.catalog.markets[market_id]
        book = chaos.driver.value(name)
        assert book.bids == levels_json(depth.bids, market)
        assert book.asks == levels_json(depth.asks, market)
    orders = chaos.driver.value("user.orders")["orders"]
    assert [order["id"] for order in orders] == sorted(
        view.order_id for view in exchange.live.open_orders(ACCOUNTS[0])
    )


def expect_nothing_twice(chaos: Chaos) -> None:
    """Trades and fills were told once and in order; all of them unless the client said otherwise."""
    assert len(chaos.trades) == len(set(chaos.trades))
    assert chaos.trades == sorted(chaos.trades)
    assert len(chaos.fills) == len(set(chaos.fills))
    assert set(chaos.fills) <= set(chaos.exchange.fills)
    if not chaos.missed["trades"]:
        assert chaos.trades == chaos.exchange.trades
    if not chaos.missed["user"]:
        assert chaos.fills == chaos.exchange.fills


@pytest.mark.parametrize("seed", SEEDS)
def test_lost_doubled_late_and_corrupt_messages_heal(seed: int) -> None:
    """Books are compared with the engine's at every step (Chaos.run) and to the last level at the end."""
    chaos = Chaos(seed)
    chaos.run(150, RATES)
    chaos.settle()
    expect_healed(chaos)
    expect_nothing_twice(chaos)
    assert chaos.driver.protocol.counts.gaps, "the line did lose something"


@pytest.mark.parametrize("seed", SEEDS)
def test_broken_connections_and_restarts_heal(seed: int) -> None:
    """A clean line that breaks, and an exchange that restarts; private events go on from the last one seen."""
    chaos = Chaos(seed)
    chaos.run(150, {}, cut=0.05)
    chaos.settle()
    expect_healed(chaos)
    expect_nothing_twice(chaos)


@pytest.mark.parametrize("seed", SEEDS)
def test_all_of_it_together_heals(seed: int) -> None:
    """Faults in messages and connections at once."""
    chaos = Chaos(seed)
    chaos.run(150, RATES, cut=0.02)
    chaos.settle()
    expect_healed(chaos)
    expect_nothing_twice(chaos)
