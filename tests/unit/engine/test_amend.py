"""Amending: what keeps the place in the queue, what is refused, and that a refusal changes nothing."""

import pytest

from cse.messages import commands as c
from cse.messages import events as e
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import AccountStatus, CloseReason, MarketStatus, OrderType, Side
from tests.unit.engine.venue import ANN, BOB, CLEO, MARKET, USDC, Venue


@pytest.mark.parametrize(
    ("price", "quantity", "keeps"),
    [(0, 4, True), (1000, 4, True), (0, 6, False), (1001, 0, False), (1001, 4, False)],
)
def test_only_less_keeps_the_place(price: int, quantity: int, keeps: bool) -> None:
    """MATCH-050: only a smaller quantity at the same price keeps the place in the queue."""
    venue = Venue()
    first, second = venue.sell(ANN, 5, 1000), venue.sell(BOB, 5, 1000)
    venue.amend(ANN, first, price=price, quantity=quantity)
    assert venue.only(e.OrderAmended).kept_priority is keeps
    venue.buy(CLEO, 1, 1001)
    assert venue.only(e.Trade).maker_order_id == (first if keeps else second)


def test_amended_order_may_trade() -> None:
    """MATCH-050: an order that is amended across the spread takes, keeping its id."""
    venue = Venue()
    maker = venue.sell(ANN, 5, 1010)
    order = venue.buy(BOB, 8, 1000)
    venue.amend(BOB, order, price=1010)
    assert venue.trades() == [(maker, order, 1010, 5)]
    assert venue.book(Side.BUY) == [(1010, 3)]
    assert venue.balance(BOB, USDC)[1] == 3 * 1010 * 10


def test_quantity_is_the_total() -> None:
    """MATCH-051: the new quantity counts what is filled already, and must be more than that."""
    venue = Venue()
    order = venue.buy(ANN, 8, 1000)
    venue.sell(BOB, 5, 1000)
    assert venue.refused(venue.amend(ANN, order, quantity=5)) == RejectCode.QUANTITY_BELOW_FILLED
    venue.amend(ANN, order, quantity=6)
    assert venue.book(Side.BUY) == [(1000, 1)]
    assert venue.balance(ANN, USDC)[1] == 10_000
    venue.sell(BOB, 5, 1000)
    assert venue.closed()[order] == CloseReason.FILLED


def test_refused_amendment_changes_nothing() -> None:
    """MATCH-052: every rule of placing holds for amending, and the order stays exactly as it was."""
    venue = Venue(min_notional=20_000)
    venue.sell(BOB, 5, 1100)
    order = venue.buy(ANN, 5, 1000, post_only=True)
    before = venue.order(order)
    cases = [
        ((1600, 0), RejectCode.PRICE_OUT_OF_BAND),
        ((1100, 0), RejectCode.WOULD_TAKE),
        ((0, 1_000_001), RejectCode.QUANTITY_TOO_LARGE),
        ((0, 1), RejectCode.NOTIONAL_TOO_SMALL),
    ]
    for (price, quantity), code in cases:
        assert venue.refused(venue.amend(ANN, order, price=price, quantity=quantity)) == code
        assert venue.order(order) == before
    venue.do(c.SetMarketStatus(MARKET, MarketStatus.CANCEL_ONLY))
    assert venue.refused(venue.amend(ANN, order, quantity=4)) == RejectCode.MARKET_CANCEL_ONLY
    venue.do(c.SetMarketStatus(MARKET, MarketStatus.OPEN))
    venue.do(c.SetAccountStatus(ANN, AccountStatus.FROZEN))
    assert venue.refused(venue.amend(ANN, order, quantity=4)) == RejectCode.ACCOUNT_FROZEN
    assert venue.order(order) == before


def test_amendment_outside_the_band() -> None:
    """MATCH-052: an order that the band has left behind can only get smaller where it stands."""
    venue = Venue(band_ppm=100_000)
    order = venue.buy(ANN, 5, 900)
    venue.trade_at(1100)
    assert venue.refused(venue.amend(ANN, order, quantity=6)) == RejectCode.PRICE_OUT_OF_BAND
    venue.amend(ANN, order, quantity=4)
    assert venue.only(e.OrderAmended).kept_priority


def test_amendment_needs_money() -> None:
    """MATCH-052: more quantity needs more money; what is already held counts."""
    venue = Venue()
    poor = 2000
    venue.do(c.OpenAccount(poor, 0))
    venue.deposit(poor, USDC, 60_000)
    order = venue.buy(poor, 5, 1000)
    assert venue.refused(venue.amend(poor, order, quantity=7)) == RejectCode.INSUFFICIENT_FUNDS
    venue.amend(poor, order, quantity=6)
    assert venue.balance(poor, USDC) == (0, 60_000)


def test_amendments_that_make_no_sense() -> None:
    """MATCH-053: nothing new, or something that the order does not have."""
    venue = Venue()
    order = venue.buy(ANN, 5, 1000)
    venue.trade_at(1010)
    assert (
        venue.refused(venue.amend(ANN, order, price=1000, quantity=5))
        == RejectCode.NOTHING_TO_AMEND
    )
    assert venue.refused(venue.amend(ANN, order)) == RejectCode.NOTHING_TO_AMEND
    assert venue.refused(venue.amend(ANN, order, trigger=1100)) == RejectCode.INVALID_COMBINATION
    stop = venue.buy(ANN, 5, type=OrderType.STOP_LOSS, trigger=1050)
    assert venue.refused(venue.amend(ANN, stop, price=1100)) == RejectCode.INVALID_COMBINATION
    budget = venue.buy(ANN, quote=50_000, type=OrderType.STOP_LOSS, trigger=1050)
    assert venue.refused(venue.amend(ANN, budget, quantity=5)) == RejectCode.INVALID_COMBINATION
    venue.amend(ANN, budget, trigger=1060)
    assert venue.only(e.OrderAmended).held_change == 0
