"""Bots count in ticks and lots; what they send is what the exchange prints."""

from cse.sandbox.bots.instrument import Instrument

INFO = {
    "market": "NOVA-USDC",
    "base": "NOVA",
    "quote": "USDC",
    "tick_size": "0.0005",
    "lot_size": "0.25",
    "min_quantity": "0.50",
    "min_notional": "1.000000",
    "reference_price": "1.2500",
    "price_decimals": 4,
    "quantity_decimals": 2,
}


def test_a_listing_is_read_in_ticks_and_lots() -> None:
    """Steps that are not one unit count too."""
    nova = Instrument.read(INFO, listed_at=2_400)
    assert (nova.listed_at, nova.found_at, nova.min_lots) == (2_400, 2_500, 2)
    assert (nova.price(2_501), nova.quantity(3)) == ("1.2505", "0.75")
    assert (nova.ticks("1.2505"), nova.lots("0.75")) == (2_501, 3)


def test_sizes_by_worth_are_never_below_the_minimum() -> None:
    """100 USDC at 1.25 are 80.00; next to nothing is still twice the least notional."""
    nova = Instrument.read(INFO, listed_at=2_500)
    assert nova.quantity(nova.lots_worth(100, 2_500)) == "80.00"
    assert nova.quantity(nova.lots_worth(0, 2_500)) == "1.75"
