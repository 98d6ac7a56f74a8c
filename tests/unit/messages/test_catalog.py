"""The catalog follows events and records to the same view, and prints prices and quantities as listed."""

import pytest

from cse.engine.backend import new_engine
from cse.messages import commands as c
from cse.messages.catalog import Catalog
from cse.messages.wire import Command, MarketStatus

LISTING: list[Command] = [
    c.CreateAsset(1, "USDC", 6),
    c.CreateAsset(2, "NOVA", 6),
    c.SetFeeTier(0, 1_000, 2_000),
    c.CreateMarket(1, "NOVA-USDC", 2, 1, 4, 5, 20_000, 1, 99, 0, 9, 1_000, 5, MarketStatus.OPEN),
    c.UpdateMarket(1, 2, 98, 7, 8, 6),
    c.SetMarketStatus(1, MarketStatus.HALTED),
]


@pytest.fixture
def by_events() -> Catalog:
    """A catalog that saw every event."""
    catalog = Catalog()
    engine = new_engine()
    for n, command in enumerate(LISTING, 1):
        for event in engine.apply(n, n, command):
            catalog.apply(event)
    return catalog


def test_events_and_records_agree(by_events: Catalog) -> None:
    """A catalog loaded from the final state equals one that followed the events."""
    engine = new_engine()
    for n, command in enumerate(LISTING, 1):
        engine.apply(n, n, command)
    loaded = Catalog()
    loaded.load(engine.records())
    assert loaded.markets == by_events.markets
    assert loaded.assets_by_symbol == by_events.assets_by_symbol
    assert loaded.fee_tiers == by_events.fee_tiers
    market = by_events.markets_by_symbol["NOVA-USDC"]
    assert (market.min_quantity, market.max_open_orders, market.status) == (
        2,
        6,
        MarketStatus.HALTED,
    )


def test_prices_and_quantities_print_with_fixed_decimals(by_events: Catalog) -> None:
    """Ticks of 0.0005 and lots of 0.02 print with four and two decimals, amounts with the asset's six."""
    market = by_events.markets[1]
    assert market.format_price(2_500) == "1.2500"
    assert market.quantity_scale == 2
    assert market.format_quantity(7) == "0.14"
    assert market.base.format(1) == "0.000001"
