"""Assets, markets and fee tiers come into being."""

import pytest

from cse.messages import commands as c
from cse.messages import events as e
from cse.messages import records as r
from cse.messages.reject_codes import RejectCode
from tests.unit.engine.venue import ANN, BOB, MARKET, NOVA, USDC, Venue


@pytest.mark.parametrize(
    ("price_scale", "tick", "lot", "unit"),
    [(4, 1, 100_000, 10), (4, 1, 10_000, 1), (2, 5, 1_000, 50), (6, 1, 1_000_000, 1), (0, 1, 1, 1)],
)
def test_tick_times_lot_must_be_whole_quote_units(
    price_scale: int, tick: int, lot: int, unit: int
) -> None:
    """MATCH-001: sizes that fit are listed with their unit notional."""
    venue = Venue()
    venue.list_market(7, "FIT", price_scale=price_scale, tick_size=tick, lot_size=lot)
    assert venue.only(e.MarketCreated).unit_notional == unit


@pytest.mark.parametrize(
    "changes",
    [
        {"lot_size": 1_000},
        {"tick_size": 0},
        {"lot_size": 0},
        {"reference_price": 0},
        {"min_quantity": 0},
        {"min_quantity": 9, "max_quantity": 8},
        {"band_ppm": 0},
        {"max_open_orders": 0},
        {"base_asset_id": USDC},
        {"price_scale": 13},
    ],
)
def test_listings_that_do_not_fit(changes: dict[str, int]) -> None:
    """MATCH-001: a listing whose numbers do not fit together is refused."""
    venue = Venue()
    assert venue.refused(venue.list_market(7, "X-USDC", **changes)) == RejectCode.INVALID_LISTING


def test_ids_and_symbols_are_unique() -> None:
    """MATCH-002: nothing is listed twice, under its id or its symbol, and scales are bounded."""
    venue = Venue()
    assert venue.refused(venue.do(c.CreateAsset(USDC, "OTHER", 6))) == RejectCode.ASSET_EXISTS
    assert venue.refused(venue.do(c.CreateAsset(9, "USDC", 6))) == RejectCode.ASSET_EXISTS
    assert venue.refused(venue.do(c.CreateAsset(9, "FINE", 10))) == RejectCode.INVALID_LISTING
    assert venue.refused(venue.list_market(MARKET, "OTHER")) == RejectCode.MARKET_EXISTS
    assert venue.refused(venue.list_market(9, "NOVA-USDC")) == RejectCode.MARKET_EXISTS
    assert venue.refused(venue.list_market(9, "X", base_asset_id=77)) == RejectCode.ASSET_NOT_FOUND


def test_limits_change_and_orders_stay() -> None:
    """MATCH-003: new limits count for new orders; old orders stay, whatever they are."""
    venue = Venue()
    order = venue.buy(ANN, 5, 990)
    venue.do(c.UpdateMarket(MARKET, 100, 1_000, 0, 10_000, 1))
    assert venue.only(e.MarketUpdated).min_quantity == 100
    assert venue.order(order) is not None
    assert venue.refused(venue.place(BOB, 1, 5, 990)) == RejectCode.QUANTITY_TOO_SMALL
    assert venue.refused(venue.place(BOB, 1, 100, 980)) == RejectCode.PRICE_OUT_OF_BAND
    assert venue.refused(venue.place(ANN, 1, 100, 990)) == RejectCode.TOO_MANY_ORDERS
    assert (
        venue.refused(venue.do(c.UpdateMarket(MARKET, 9, 8, 0, 1, 1))) == RejectCode.INVALID_LISTING
    )


def test_fee_tiers_are_bounded() -> None:
    """MATCH-004: no fee above ten percent; accounts need a tier that exists; tier 0 is there from the start."""
    venue = Venue()
    assert venue.refused(venue.do(c.SetFeeTier(3, 0, 100_001))) == RejectCode.FEE_TOO_HIGH
    assert venue.refused(venue.do(c.OpenAccount(2000, 3))) == RejectCode.FEE_TIER_NOT_FOUND
    assert venue.refused(venue.do(c.SetAccountFeeTier(ANN, 3))) == RejectCode.FEE_TIER_NOT_FOUND
    venue.do(c.SetFeeTier(3, 0, 100_000))
    venue.do(c.SetAccountFeeTier(ANN, 3))
    tiers = {account.account_id: account.fee_tier for account in venue.records(r.AccountRecord)}
    assert (tiers[ANN], tiers[BOB]) == (3, 0)
    assert venue.balance(ANN, NOVA)[0] > 0
