"""What a market lets in: sizes, price band, number of orders, status."""

from cse.core.money import MAX_AMOUNT
from cse.messages import commands as c
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import CloseReason, MarketStatus, OrderType, Side, TimeInForce
from tests.unit.engine.venue import ANN, BOB, MARKET, Venue


def test_sizes() -> None:
    """MATCH-070: the smallest and largest quantity and value pass, one step beyond is refused."""
    venue = Venue(min_quantity=3, max_quantity=1_000, min_notional=40_000)
    assert venue.refused(venue.place(ANN, Side.BUY, 2, 1400)) == RejectCode.QUANTITY_TOO_SMALL
    assert venue.refused(venue.place(ANN, Side.SELL, 1_001, 1000)) == RejectCode.QUANTITY_TOO_LARGE
    assert venue.refused(venue.place(ANN, Side.BUY, 4, 999)) == RejectCode.NOTIONAL_TOO_SMALL
    assert venue.refused(venue.place(ANN, Side.BUY, 3)) == RejectCode.NOTIONAL_TOO_SMALL
    assert venue.refused(venue.place(ANN, Side.BUY, quote=39_999)) == RejectCode.NOTIONAL_TOO_SMALL
    stop = venue.place(ANN, Side.BUY, 3, type=OrderType.STOP_LOSS, trigger=1_300)
    assert venue.refused(stop) == RejectCode.NOTIONAL_TOO_SMALL
    venue.buy(ANN, 4, 1000)
    venue.buy(ANN, 1_000, 900)
    venue.sell(BOB, 4, tif=TimeInForce.IOC)


def test_amounts_beyond_the_ledger() -> None:
    """MATCH-070: no order is worth more than a ledger can hold."""
    venue = Venue(max_quantity=MAX_AMOUNT)
    for quantity in (MAX_AMOUNT, MAX_AMOUNT // 9_999):
        assert (
            venue.refused(venue.place(ANN, Side.SELL, quantity, 1000))
            == RejectCode.AMOUNT_TOO_LARGE
        )
    budget = venue.place(ANN, Side.BUY, quote=MAX_AMOUNT + 1)
    assert venue.refused(budget) == RejectCode.AMOUNT_TOO_LARGE
    market_buy = venue.place(ANN, Side.BUY, MAX_AMOUNT // 10_000)
    assert venue.refused(market_buy) == RejectCode.AMOUNT_TOO_LARGE


def test_price_band_follows_the_last_trade() -> None:
    """MATCH-071: the band is around the listing's reference, then around the last trade, both edges included."""
    venue = Venue(band_ppm=100_000)
    for price in (899, 1101):
        assert venue.refused(venue.place(ANN, Side.BUY, 1, price)) == RejectCode.PRICE_OUT_OF_BAND
    venue.buy(ANN, 1, 900)
    venue.trade_at(1100)
    assert venue.refused(venue.place(ANN, Side.BUY, 1, 989)) == RejectCode.PRICE_OUT_OF_BAND
    assert venue.refused(venue.place(ANN, Side.SELL, 1, 1211)) == RejectCode.PRICE_OUT_OF_BAND
    venue.buy(ANN, 1, 990)
    venue.sell(ANN, 1, 1210)


def test_band_is_never_closed() -> None:
    """MATCH-071: where the width rounds to nothing it is one tick, so that a price can always leave its place."""
    venue = Venue(band_ppm=1)
    venue.buy(ANN, 1, 999)
    venue.sell(ANN, 1, 1001)
    assert venue.refused(venue.place(ANN, Side.BUY, 1, 998)) == RejectCode.PRICE_OUT_OF_BAND


def test_waiting_orders_have_their_own_band() -> None:
    """MATCH-071: a stop far from the market is judged around its trigger price."""
    venue = Venue(band_ppm=100_000)
    venue.trade_at(1000)
    far = venue.place(ANN, Side.SELL, 1, 899, type=OrderType.STOP_LOSS_LIMIT, trigger=500)
    assert venue.refused(far) == RejectCode.PRICE_OUT_OF_BAND
    venue.sell(ANN, 1, 450, type=OrderType.STOP_LOSS_LIMIT, trigger=500)


def test_open_orders_are_limited() -> None:
    """MATCH-072: the limit is per account and market, and a closed order makes room."""
    venue = Venue(max_open_orders=2)
    venue.list_market(2, "SECOND")
    first = venue.buy(ANN, 1, 900)
    venue.buy(ANN, 1, 901)
    assert venue.refused(venue.place(ANN, Side.BUY, 1, 902)) == RejectCode.TOO_MANY_ORDERS
    venue.buy(BOB, 1, 902)
    venue.buy(ANN, 1, 902, market=2)
    venue.cancel(ANN, first)
    venue.buy(ANN, 1, 902)


def test_market_status() -> None:
    """MATCH-073: halted freezes the book for people but not for time, cancel-only empties, closed is for good."""
    venue = Venue()
    order = venue.buy(ANN, 5, 900)
    expiring = venue.buy(ANN, 5, 900, tif=TimeInForce.GTD, expires_at=5_000)
    venue.do(c.SetMarketStatus(MARKET, MarketStatus.HALTED))
    for events in (
        venue.place(BOB, Side.BUY, 1, 900),
        venue.amend(ANN, order, quantity=4),
        venue.cancel(ANN, order),
    ):
        assert venue.refused(events) == RejectCode.MARKET_HALTED
    venue.tick(5_000)
    assert venue.closed() == {expiring: CloseReason.EXPIRED}
    venue.do(c.SetMarketStatus(MARKET, MarketStatus.CANCEL_ONLY))
    assert venue.refused(venue.place(BOB, Side.BUY, 1, 900)) == RejectCode.MARKET_CANCEL_ONLY
    venue.cancel(ANN, order)
    venue.do(c.SetMarketStatus(MARKET, MarketStatus.OPEN))
    orders = [
        venue.buy(ANN, 1, 900),
        venue.sell(BOB, 1, type=OrderType.STOP_LOSS, trigger=600),
        venue.sell(BOB, 1, 950),
    ]
    venue.do(c.SetMarketStatus(MARKET, MarketStatus.CLOSED))
    assert list(venue.closed().items()) == [(each, CloseReason.MARKET_CLOSED) for each in orders]
    assert venue.refused(venue.place(BOB, Side.BUY, 1, 900)) == RejectCode.MARKET_CLOSED
    reopened = venue.do(c.SetMarketStatus(MARKET, MarketStatus.OPEN))
    assert venue.refused(reopened) == RejectCode.MARKET_CLOSED
    assert (
        venue.refused(venue.do(c.SetMarketStatus(77, MarketStatus.OPEN)))
        == RejectCode.MARKET_NOT_FOUND
    )
    assert (
        venue.refused(venue.place(BOB, Side.BUY, 1, 900, market=77)) == RejectCode.MARKET_NOT_FOUND
    )
