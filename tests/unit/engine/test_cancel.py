"""Cancelling one order, all orders, and by the dead-man switch."""

from cse.messages import commands as c
from cse.messages import events as e
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import CloseReason, MarketStatus, Side
from tests.unit.engine.venue import ANN, BOB, MARKET, USDC, Venue


def test_only_own_open_orders_are_found() -> None:
    """MATCH-054: somebody else's, unknown and closed orders are all not found; names work like ids."""
    venue = Venue()
    order = venue.buy(ANN, 5, 1000, client_id="mine")
    for refused in (
        venue.cancel(BOB, order),
        venue.cancel(ANN, 999),
        venue.cancel(BOB, 0, "mine"),
        venue.amend(BOB, order, quantity=1),
        venue.cancel(ANN, 0, ""),
    ):
        assert venue.refused(refused) == RejectCode.ORDER_NOT_FOUND
    venue.do(c.AmendOrder(ANN, 0, "mine", 0, 0, 4))
    assert venue.only(e.OrderAmended).order_id == order
    venue.cancel(ANN, 0, "mine")
    assert venue.closed() == {order: CloseReason.CANCELLED}
    assert venue.only(e.OrderClosed).released == 4 * 10_000
    assert venue.refused(venue.cancel(ANN, order)) == RejectCode.ORDER_NOT_FOUND


def test_cancel_all() -> None:
    """MATCH-055: all of one market, then all of all but halted markets, oldest first."""
    venue = Venue()
    venue.list_market(2, "SECOND")
    venue.list_market(3, "THIRD")
    orders = [venue.buy(ANN, 1, 900 + m, market=m) for m in (1, 2, 3, 1, 2, 3)]
    bystander = venue.buy(BOB, 1, 900)
    venue.do(c.CancelAll(ANN, 2))
    assert list(venue.closed()) == [orders[1], orders[4]]
    venue.do(c.SetMarketStatus(3, MarketStatus.HALTED))
    assert venue.refused(venue.do(c.CancelAll(ANN, 3))) == RejectCode.MARKET_HALTED
    venue.do(c.CancelAll(ANN, 0))
    assert venue.closed() == dict.fromkeys((orders[0], orders[3]), CloseReason.CANCELLED_ALL)
    assert venue.order(bystander) is not None
    assert venue.do(c.CancelAll(ANN, MARKET)) == []
    assert venue.refused(venue.do(c.CancelAll(ANN, 77))) == RejectCode.MARKET_NOT_FOUND


def test_dead_mans_switch() -> None:
    """MATCH-056: armed, renewed, disarmed; it fires by Tick, for all markets, and only once."""
    venue = Venue()
    venue.list_market(2, "SECOND")
    orders = [venue.buy(ANN, 1, 900, market=m) for m in (1, 2)]
    venue.do(c.SetCancelAfter(ANN, 1_000))
    assert venue.only(e.CancelAfterSet).deadline == venue.now + 1_000
    venue.now += 500
    venue.do(c.SetCancelAfter(ANN, 1_000))
    assert venue.engine.next_tick_at() == 2_500
    assert venue.tick(2_499) == []
    venue.do(c.SetCancelAfter(ANN, 0))
    assert venue.engine.next_tick_at() is None
    venue.do(c.SetCancelAfter(ANN, 1))
    venue.do(c.SetMarketStatus(2, MarketStatus.HALTED))
    venue.tick(2_500)
    assert venue.closed() == dict.fromkeys(orders, CloseReason.CANCEL_AFTER)
    assert venue.only(e.CancelAfterSet).deadline == 0
    assert venue.tick(9_999) == []
    too_long = venue.do(c.SetCancelAfter(ANN, 86_400_001))
    assert venue.refused(too_long) == RejectCode.INVALID_TIMEOUT
    assert venue.book(Side.BUY) == []
    assert venue.balance(ANN, USDC)[1] == 0
