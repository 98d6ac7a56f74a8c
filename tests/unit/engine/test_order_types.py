"""What each order type and time in force does when it comes in."""

from typing import Any

import pytest

from cse.messages import events as e
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import CloseReason, OrderType, SelfTradePrevention, Side, TimeInForce
from tests.unit.engine.venue import ANN, BOB, CLEO, USDC, Venue

IOC, FOK, GTC, GTD = TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTC, TimeInForce.GTD


def test_limit_trades_then_rests() -> None:
    """MATCH-020: a limit order takes what is at its limit or better and rests with the remainder."""
    venue = Venue()
    venue.sell(ANN, 5, 1000)
    venue.sell(ANN, 5, 1001)
    order = venue.buy(BOB, 8, 1000)
    assert [t.quantity for t in venue.all_of(e.Trade)] == [5]
    assert venue.book(Side.BUY) == [(1000, 3)]
    assert venue.book(Side.SELL) == [(1001, 5)]
    resting = venue.order(order)
    assert resting is not None
    assert (resting.filled_quantity, resting.quote_filled) == (5, 5 * 1000 * 10)


def test_market_order_stops_at_the_band() -> None:
    """MATCH-021: a market order leaves alone what is priced beyond the band, and what is left of it is closed."""
    venue = Venue(band_ppm=100_000)
    venue.sell(ANN, 5, 1090)
    venue.trade_at(1050)
    venue.sell(ANN, 5, 1150)
    venue.trade_at(1000)
    order = venue.buy(BOB, 12)
    assert [(t.price, t.quantity) for t in venue.all_of(e.Trade)] == [(1090, 5)]
    assert venue.closed()[order] == CloseReason.NO_LIQUIDITY
    assert venue.only(e.LevelChanged).price == 1090
    assert venue.book(Side.SELL) == [(1150, 5)]


def test_market_buy_by_quote_quantity() -> None:
    """MATCH-022: a budget buys whole lots level by level; the change is released."""
    venue = Venue()
    venue.sell(ANN, 3, 1000)
    venue.sell(ANN, 9, 1100)
    before = venue.balance(BOB, USDC)[0]
    order = venue.buy(BOB, quote=3 * 1000 * 10 + 2 * 1100 * 10 + 777)
    assert [(t.price, t.quantity) for t in venue.all_of(e.Trade)] == [(1000, 3), (1100, 2)]
    done = [event for event in venue.all_of(e.OrderClosed) if event.order_id == order]
    assert (done[0].reason, done[0].released, done[0].remaining) == (CloseReason.FILLED, 777, 0)
    assert venue.balance(BOB, USDC) == (before - 52_000, 0)


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (30_000, CloseReason.FILLED),
        (39_999, CloseReason.FILLED),
        (40_000, CloseReason.NO_LIQUIDITY),
    ],
)
def test_budget_with_nobody_left(budget: int, reason: CloseReason) -> None:
    """MATCH-022: with the book empty, a budget that could have bought another lot was not filled."""
    venue = Venue()
    venue.sell(ANN, 3, 1000)
    order = venue.buy(BOB, quote=budget)
    assert venue.closed()[order] == reason


def test_ioc_closes_its_remainder() -> None:
    """MATCH-023: immediate or cancel never rests."""
    venue = Venue()
    venue.sell(ANN, 5, 1000)
    order = venue.buy(BOB, 8, 1000, tif=IOC)
    assert venue.closed()[order] == CloseReason.IOC_REMAINDER
    assert venue.book(Side.BUY) == []
    assert venue.balance(BOB, USDC)[1] == 0


def test_fok_all_or_nothing() -> None:
    """MATCH-024: fill or kill trades all of it, or nothing at all, by quantity and by budget."""
    venue = Venue()
    venue.sell(ANN, 5, 1000)
    venue.sell(ANN, 5, 1002)
    killed = venue.buy(BOB, 11, 1002, tif=FOK)
    assert venue.closed() == {killed: CloseReason.FOK_UNFILLABLE}
    assert venue.trades() == []
    killed = venue.buy(BOB, 6, 1001, tif=FOK)
    assert venue.closed() == {killed: CloseReason.FOK_UNFILLABLE}
    killed = venue.buy(BOB, quote=5 * 10_000 + 5 * 10_020 + 10_020, tif=FOK)
    assert venue.closed() == {killed: CloseReason.FOK_UNFILLABLE}
    filled = venue.buy(BOB, quote=5 * 10_000 + 10_020 + 5, tif=FOK)
    assert venue.closed()[filled] == CloseReason.FILLED
    filled = venue.buy(BOB, 4, 1002, tif=FOK)
    assert venue.closed()[filled] == CloseReason.FILLED


@pytest.mark.parametrize(
    ("mode", "quantity", "filled"),
    [
        (SelfTradePrevention.NONE, 9, True),
        (SelfTradePrevention.EXPIRE_MAKER, 6, True),
        (SelfTradePrevention.EXPIRE_MAKER, 7, False),
        (SelfTradePrevention.EXPIRE_TAKER, 3, True),
        (SelfTradePrevention.EXPIRE_TAKER, 4, False),
        (SelfTradePrevention.EXPIRE_BOTH, 4, False),
        (SelfTradePrevention.DECREMENT, 4, False),
        (SelfTradePrevention.DECREMENT, 3, True),
    ],
)
def test_fok_foresees_self_trade_prevention(
    mode: SelfTradePrevention, quantity: int, filled: bool
) -> None:
    """MATCH-025: own orders in the way count as the mode says, and an unfillable order leaves them alone."""
    venue = Venue()
    venue.sell(ANN, 3, 1000)
    own = venue.sell(BOB, 3, 1000)
    venue.sell(CLEO, 3, 1001)
    order = venue.buy(BOB, quantity, 1001, tif=FOK, stp=mode)
    expected = CloseReason.FILLED if filled else CloseReason.FOK_UNFILLABLE
    assert venue.closed()[order] == expected
    if not filled:
        assert venue.order(own) is not None
        assert venue.trades() == []
    else:
        assert sum(t.quantity for t in venue.all_of(e.Trade)) == quantity


def test_post_only_never_takes() -> None:
    """MATCH-026: a post-only order that would trade is refused; one that would not, rests."""
    venue = Venue()
    venue.sell(ANN, 5, 1000)
    assert (
        venue.refused(venue.place(BOB, Side.BUY, 1, 1000, post_only=True)) == RejectCode.WOULD_TAKE
    )
    venue.buy(BOB, 1, 999, post_only=True)
    assert (
        venue.refused(venue.place(CLEO, Side.SELL, 1, 999, post_only=True)) == RejectCode.WOULD_TAKE
    )
    assert venue.book(Side.BUY) == [(999, 1)]


def test_gtd_expires_with_a_tick() -> None:
    """MATCH-027: good-till-date orders expire by Tick, bounded per Tick, and never start in the past."""
    venue = Venue(max_open_orders=2_000)
    refused = venue.place(ANN, Side.BUY, 1, 900, tif=GTD, expires_at=venue.now)
    assert venue.refused(refused) == RejectCode.EXPIRES_IN_PAST
    orders = [venue.buy(ANN, 1, 900, tif=GTD, expires_at=5_000 - i % 2) for i in range(10)]
    assert venue.engine.next_tick_at() == 4_999
    assert venue.tick(4_998) == []
    venue.tick(4_999)
    assert list(venue.closed()) == orders[1::2]
    venue.tick(9_000)
    assert venue.closed() == dict.fromkeys(orders[::2], CloseReason.EXPIRED)
    assert venue.engine.next_tick_at() is None


_BASE: dict[str, Any] = {"quantity": 5, "price": 1000}


@pytest.mark.parametrize(
    "fields",
    [
        {"quantity": 0},
        {"quantity": 5, "quote": 10_000},
        {"quantity": 5, "price": 0, "quote": 10_000, "tif": IOC},
        {"quantity": 0, "quote": 10_000},
        {"price": 0, "type": OrderType.LIMIT, "tif": GTC},
        {"type": OrderType.MARKET, "tif": IOC},
        {"price": 0, "tif": GTC},
        {"price": 0, "tif": GTD, "expires_at": 99_000},
        {"price": 0, "tif": IOC, "post_only": True},
        {"tif": IOC, "post_only": True},
        {"tif": FOK, "post_only": True},
        {"trigger": 1100},
        {"type": OrderType.STOP_LOSS_LIMIT},
        {"type": OrderType.STOP_LOSS, "trigger": 1100},
        {"type": OrderType.STOP_LOSS_LIMIT, "trigger": 1100, "price": 0, "tif": GTC},
        {"tif": GTD},
        {"expires_at": 99_000},
    ],
)
def test_invalid_combinations(fields: dict[str, Any]) -> None:
    """MATCH-028: fields that do not go together are refused, one case each."""
    venue = Venue()
    given = {**_BASE, **fields}
    refused = venue.place(ANN, Side.BUY, given.pop("quantity"), given.pop("price"), **given)
    assert venue.refused(refused) == RejectCode.INVALID_COMBINATION


def test_sells_have_no_budget() -> None:
    """MATCH-028: only buys may give a quote quantity."""
    venue = Venue()
    assert (
        venue.refused(venue.place(ANN, Side.SELL, quote=10_000)) == RejectCode.INVALID_COMBINATION
    )
