"""Self-trade prevention: ANN's incoming order meets BOB's, then her own, then CLEO's."""

import pytest

from cse.messages import events as e
from cse.messages.wire import CloseReason, SelfTradePrevention, Side, TimeInForce
from tests.unit.engine.venue import ANN, BOB, CLEO, NOVA, USDC, Venue


def _meet(mode: SelfTradePrevention, quantity: int, **fields: object) -> tuple[Venue, int, int]:
    """Return the venue after ANN's buy met BOB's 2, her own 3 and CLEO's 4 lots; and her two order ids."""
    venue = Venue()
    venue.sell(BOB, 2, 1000)
    own = venue.sell(ANN, 3, 1000)
    venue.sell(CLEO, 4, 1001)
    taker = venue.buy(ANN, quantity, 1001, stp=mode, **fields)
    return venue, own, taker


def test_none_trades() -> None:
    """MATCH-040: without prevention, an account trades with itself and only the fee would be lost."""
    venue, own, taker = _meet(SelfTradePrevention.NONE, 9)
    assert [t.quantity for t in venue.all_of(e.Trade)] == [2, 3, 4]
    assert venue.closed()[own] == venue.closed()[taker] == CloseReason.FILLED


def test_expire_taker() -> None:
    """MATCH-041: the incoming order ends where it meets the own one; earlier trades stand."""
    venue, own, taker = _meet(SelfTradePrevention.EXPIRE_TAKER, 9)
    assert [t.quantity for t in venue.all_of(e.Trade)] == [2]
    assert venue.closed()[taker] == CloseReason.SELF_TRADE
    assert own not in venue.closed()
    assert venue.book(Side.SELL) == [(1000, 3), (1001, 4)]
    assert venue.book(Side.BUY) == []
    assert venue.balance(ANN, USDC)[1] == 0


def test_expire_maker() -> None:
    """MATCH-042: the resting order goes, the incoming one trades on and rests with what is left."""
    venue, own, taker = _meet(SelfTradePrevention.EXPIRE_MAKER, 9)
    assert [t.quantity for t in venue.all_of(e.Trade)] == [2, 4]
    assert venue.closed()[own] == CloseReason.SELF_TRADE
    assert taker not in venue.closed()
    assert venue.book(Side.BUY) == [(1001, 3)]
    assert venue.balance(ANN, NOVA)[1] == 0


def test_expire_both() -> None:
    """MATCH-043: both go."""
    venue, own, taker = _meet(SelfTradePrevention.EXPIRE_BOTH, 9)
    assert [t.quantity for t in venue.all_of(e.Trade)] == [2]
    assert venue.closed()[own] == venue.closed()[taker] == CloseReason.SELF_TRADE
    assert venue.book(Side.SELL) == [(1001, 4)]


def test_decrement() -> None:
    """MATCH-044: the smaller quantity comes off both; the larger order goes on with a smaller total."""
    venue, own, taker = _meet(SelfTradePrevention.DECREMENT, 7)
    assert [t.quantity for t in venue.all_of(e.Trade)] == [2, 2]
    reduced = venue.only(e.OrderReduced)
    assert (reduced.order_id, reduced.quantity, reduced.released) == (taker, 3, 3 * 1001 * 10)
    assert venue.closed()[own] == CloseReason.SELF_TRADE
    assert venue.closed()[taker] == CloseReason.FILLED


def test_decrement_takes_the_incoming_order_out_first() -> None:
    """MATCH-044: when the incoming order is the smaller one, the resting one stays with less, in place."""
    venue, own, taker = _meet(SelfTradePrevention.DECREMENT, 4)
    assert [t.quantity for t in venue.all_of(e.Trade)] == [2]
    assert venue.closed()[taker] == CloseReason.SELF_TRADE
    resting = venue.order(own)
    assert resting is not None
    assert (resting.quantity, resting.filled_quantity, resting.held) == (1, 0, 100_000)
    assert venue.book(Side.SELL) == [(1000, 1), (1001, 4)]


@pytest.mark.parametrize("mode", [m for m in SelfTradePrevention if m != SelfTradePrevention.NONE])
def test_spent_budget_meets_nobody(mode: SelfTradePrevention) -> None:
    """MATCH-022: a budget that no longer buys a lot leaves the account's own resting order alone."""
    venue = Venue()
    venue.sell(BOB, 1, 1000)
    own = venue.sell(ANN, 5, 1005)
    filled = venue.buy(ANN, quote=10_049, stp=mode)
    assert venue.closed()[filled] == CloseReason.FILLED
    nothing = venue.buy(ANN, quote=10_049, stp=mode)
    assert venue.closed() == {nothing: CloseReason.NO_LIQUIDITY}
    killed = venue.buy(ANN, quote=10_049, stp=mode, tif=TimeInForce.FOK)
    assert venue.closed() == {killed: CloseReason.FOK_UNFILLABLE}
    assert venue.order(own) is not None


def test_decrement_of_a_budget() -> None:
    """MATCH-044: a budget shrinks by what the own lots would have cost, then goes on."""
    venue = Venue()
    own = venue.sell(ANN, 3, 1000)
    venue.sell(CLEO, 4, 1001)
    taker = venue.buy(ANN, quote=5 * 10_010, stp=SelfTradePrevention.DECREMENT, tif=TimeInForce.IOC)
    assert venue.closed()[own] == CloseReason.SELF_TRADE
    assert venue.only(e.OrderReduced).quote_quantity == 3 * 10_000
    assert [t.quantity for t in venue.all_of(e.Trade)] == [2]
    assert venue.closed()[taker] == CloseReason.FILLED
