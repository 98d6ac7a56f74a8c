"""What orders hold, what trades move, what the house earns."""

import pytest

from cse.messages import commands as c
from cse.messages import events as e
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import Side
from tests.unit.engine.venue import ANN, BOB, NOVA, PLENTY, USDC, Venue


def test_what_is_held() -> None:
    """MATCH-060: exactly the cost is held; one unit less than that is not enough."""
    venue = Venue(band_ppm=100_000)
    poor = 2000
    venue.do(c.OpenAccount(poor, 0))
    venue.deposit(poor, USDC, 49_999)
    venue.deposit(poor, NOVA, 499_999)
    for events in (
        venue.place(poor, Side.BUY, 5, 1000),
        venue.place(poor, Side.BUY, quote=50_000),
        venue.place(poor, Side.SELL, 5, 1000),
        venue.place(poor, Side.SELL, 5),
    ):
        assert venue.refused(events) == RejectCode.INSUFFICIENT_FUNDS
    assert venue.refused(venue.place(poor, Side.BUY, 5)) == RejectCode.INSUFFICIENT_FUNDS
    venue.deposit(poor, USDC, 1)
    venue.deposit(poor, NOVA, 1)
    venue.buy(poor, 5, 1000)
    venue.sell(poor, 5, 1001)
    assert venue.balance(poor, USDC) == (0, 50_000)
    assert venue.balance(poor, NOVA) == (0, 500_000)


def test_market_buy_holds_its_cost_at_the_band() -> None:
    """MATCH-060: a market buy by quantity needs its cost at the upper edge of the band, though it pays less."""
    venue = Venue(band_ppm=100_000)
    venue.sell(ANN, 5, 1000)
    poor = 2000
    venue.do(c.OpenAccount(poor, 0))
    venue.deposit(poor, USDC, 54_999)
    assert venue.refused(venue.place(poor, Side.BUY, 5)) == RejectCode.INSUFFICIENT_FUNDS
    venue.deposit(poor, USDC, 1)
    venue.buy(poor, 5)
    assert venue.all_of(e.OrderAccepted)[0].held == 55_000
    assert venue.balance(poor, USDC) == (5_000, 0)


def test_price_improvement_is_released_at_once() -> None:
    """MATCH-061: what a buyer does not have to pay is available again with the trade itself."""
    venue = Venue()
    venue.sell(ANN, 3, 1000)
    venue.buy(BOB, 5, 1100)
    trade = venue.only(e.Trade)
    assert (trade.quote_amount, trade.buyer_released) == (30_000, 3_000)
    assert venue.balance(BOB, USDC) == (PLENTY - 30_000 - 22_000, 22_000)


@pytest.mark.parametrize(
    ("maker_ppm", "taker_ppm"), [(1_000, 2_000), (0, 1), (1, 0), (100_000, 100_000), (333, 777)]
)
def test_fees_round_up_and_go_to_the_house(maker_ppm: int, taker_ppm: int) -> None:
    """MATCH-062: buyer pays in base, seller in quote, each rounded up, maker and taker at their own rate."""
    venue = Venue(maker_ppm=maker_ppm, taker_ppm=taker_ppm)
    venue.sell(ANN, 3, 1001)
    venue.buy(BOB, 3, 1001)
    trade = venue.only(e.Trade)
    base, quote = 300_000, 30_030
    assert (trade.base_amount, trade.quote_amount) == (base, quote)
    assert trade.taker_fee == -(-base * taker_ppm // 10**6)
    assert trade.maker_fee == -(-quote * maker_ppm // 10**6)
    assert venue.balance(BOB, NOVA)[0] == PLENTY + base - trade.taker_fee
    assert venue.balance(ANN, USDC)[0] == PLENTY + quote - trade.maker_fee
    assert (venue.fees(NOVA), venue.fees(USDC)) == (trade.taker_fee, trade.maker_fee)


def test_fee_tier_counts_at_the_trade() -> None:
    """MATCH-062: an order placed before a change of tier pays the tier of the moment it trades."""
    venue = Venue(maker_ppm=1_000)
    venue.do(c.SetFeeTier(5, 20_000, 0))
    venue.sell(ANN, 10, 1000)
    venue.do(c.SetAccountFeeTier(ANN, 5))
    venue.buy(BOB, 10, 1000)
    assert venue.only(e.Trade).maker_fee == 2_000
