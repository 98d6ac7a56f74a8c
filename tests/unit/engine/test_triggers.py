"""Stop-losses and take-profits: when they fire, in which order they enter, what can go wrong."""

import pytest

from cse.messages import commands as c
from cse.messages import events as e
from cse.messages import records as r
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import AccountStatus, CloseReason, MarketStatus, OrderType, Side, TimeInForce
from tests.unit.engine.venue import ANN, BOB, CLEO, DAN, MARKET, USDC, Venue

STOP, STOP_LIMIT = OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT
TAKE, TAKE_LIMIT = OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT


def _triggered(venue: Venue) -> list[int]:
    return [event.order_id for event in venue.all_of(e.OrderTriggered)]


@pytest.mark.parametrize(
    ("side", "kind", "quiet", "fires"),
    [
        (Side.BUY, STOP, 1049, 1050),
        (Side.SELL, STOP, 951, 950),
        (Side.BUY, TAKE, 951, 950),
        (Side.SELL, TAKE, 1049, 1050),
    ],
)
def test_which_price_fires(side: Side, kind: OrderType, quiet: int, fires: int) -> None:
    """MATCH-030: one tick before the trigger price nothing happens, at it the order enters."""
    venue = Venue()
    venue.trade_at(1000)
    venue.place(ANN, side, 1, type=kind, trigger=fires)
    waiting = venue.only(e.OrderAccepted).order_id
    venue.trade_at(quiet)
    assert _triggered(venue) == []
    venue.trade_at(fires)
    assert _triggered(venue) == [waiting]
    assert venue.closed()[waiting] == CloseReason.NO_LIQUIDITY


def test_reached_trigger_is_refused() -> None:
    """MATCH-031: a trigger that the last trade has reached is refused; before any trade none is."""
    venue = Venue()
    venue.sell(ANN, 1, type=STOP, trigger=1200)
    venue.cancel(ANN, 1)
    venue.trade_at(1000)
    for side, kind, trigger in (
        (Side.BUY, STOP, 1000),
        (Side.SELL, STOP, 1000),
        (Side.BUY, TAKE, 1001),
    ):
        refused = venue.place(ANN, side, 1, type=kind, trigger=trigger)
        assert venue.refused(refused) == RejectCode.WOULD_TRIGGER


def test_order_of_entry() -> None:
    """MATCH-032: a sweep sets off stops in the order in which its price passes them, then by id."""
    venue = Venue()
    venue.trade_at(1000)
    far = venue.buy(ANN, 1, 1100, type=STOP_LIMIT, trigger=1030)
    near = venue.buy(ANN, 1, 1100, type=STOP_LIMIT, trigger=1010)
    near_too = venue.buy(BOB, 1, 1100, type=STOP_LIMIT, trigger=1010)
    middle = venue.sell(BOB, 1, 1000, type=TAKE_LIMIT, trigger=1020)
    for price in (1005, 1015, 1025, 1035):
        venue.sell(CLEO, 1, price)
    sweep = venue.buy(DAN, 4, 1035)
    assert _triggered(venue) == [near, near_too, middle, far]
    kinds = [type(event).__name__ for event in venue.last]
    assert kinds.index("OrderTriggered") > max(
        i for i, event in enumerate(venue.last) if _closes(event, sweep)
    )


def _closes(event: object, order_id: int) -> bool:
    return isinstance(event, e.OrderClosed) and event.order_id == order_id


def test_falling_price_passes_high_triggers_first() -> None:
    """MATCH-032: on the way down, the higher trigger price is nearer and enters first."""
    venue = Venue()
    venue.trade_at(1000)
    low = venue.sell(ANN, 1, 800, type=STOP_LIMIT, trigger=950)
    high = venue.sell(ANN, 1, 800, type=STOP_LIMIT, trigger=980)
    venue.trade_at(940)
    assert _triggered(venue) == [high, low]


def test_cascades_are_bounded() -> None:
    """MATCH-033: of 300 stops that one trade sets off, 256 enter with it and the rest with a Tick."""
    venue = Venue(max_open_orders=1_000)
    venue.trade_at(1000)
    orders = [venue.buy(ANN, 1, 1010, type=STOP_LIMIT, trigger=1005) for _ in range(300)]
    venue.trade_at(1006)
    assert _triggered(venue) == orders[:256]
    assert len(venue.records(r.TriggerQueueRecord)) == 44
    assert venue.engine.next_tick_at() == venue.now
    venue.refused(venue.cancel(ANN, 10**6))
    assert len(venue.records(r.TriggerQueueRecord)) == 44
    venue.cancel(ANN, orders[256])
    assert _triggered(venue) == orders[257:]
    assert venue.engine.next_tick_at() is None


def test_a_cascade_queues_behind() -> None:
    """MATCH-033: an order set off by a triggered order's trade enters after those set off before it."""
    venue = Venue()
    venue.trade_at(1000)
    first = venue.sell(ANN, 1, type=STOP, trigger=990)
    second = venue.sell(ANN, 1, type=STOP, trigger=985)
    third = venue.sell(ANN, 1, type=STOP, trigger=970)
    for price in (984, 969, 960, 950):
        venue.buy(BOB, 1, price)
    venue.sell(CLEO, 1, 984)
    assert _triggered(venue) == [first, second, third]
    assert [t.price for t in venue.all_of(e.Trade)] == [984, 969, 960, 950]


def test_unfunded_trigger_is_closed() -> None:
    """MATCH-034: a waiting market buy holds its cost at its trigger's band; dearer at entry, it closes."""
    venue = Venue(band_ppm=100_000)
    venue.trade_at(1000)
    poor = 2000
    venue.do(c.OpenAccount(poor, 0))
    venue.deposit(poor, USDC, 1_050 * 11 // 10 * 10)
    order = venue.buy(poor, 1, type=STOP, trigger=1050)
    assert venue.balance(poor, USDC) == (0, 11_550)
    venue.trade_at(1090)
    assert _triggered(venue) == [order]
    assert venue.closed()[order] == CloseReason.TRIGGER_UNFUNDED
    assert venue.balance(poor, USDC) == (11_550, 0)


def test_trigger_tops_its_hold_up() -> None:
    """MATCH-034: with money at hand the difference is held and the order trades."""
    venue = Venue(band_ppm=100_000)
    venue.trade_at(1000)
    order = venue.buy(ANN, 1, type=STOP, trigger=1050)
    venue.sell(BOB, 1, 1095)
    venue.trade_at(1090)
    assert venue.only(e.OrderTriggered).held_change == (1199 - 1155) * 10
    assert venue.closed()[order] == CloseReason.FILLED


def test_refused_at_entry() -> None:
    """MATCH-035: out of band, would take, market not open, account not open: closed, with the hold released."""
    venue = Venue(band_ppm=100_000)
    venue.trade_at(1000)
    out_of_band = venue.buy(ANN, 1, 960, type=STOP_LIMIT, trigger=1050)
    takes = venue.buy(BOB, 1, 1100, type=STOP_LIMIT, trigger=1050, post_only=True)
    frozen = venue.buy(CLEO, 1, 1100, type=STOP_LIMIT, trigger=1050)
    venue.do(c.SetAccountStatus(CLEO, AccountStatus.FROZEN))
    venue.sell(DAN, 2, 1080)
    venue.sell(DAN, 1, 1075)
    venue.buy(BOB, 1, 1075, tif=TimeInForce.IOC)
    assert (
        venue.closed() | dict.fromkeys((out_of_band, takes, frozen), CloseReason.TRIGGER_REFUSED)
        == venue.closed()
    )
    assert venue.balance(ANN, USDC)[1] == 0


def test_queue_meets_a_halt() -> None:
    """MATCH-035: an order whose turn comes when its market no longer takes orders is closed."""
    venue = Venue(max_open_orders=1_000)
    venue.trade_at(1000)
    orders = [venue.buy(ANN, 1, 1010, type=STOP_LIMIT, trigger=1005) for _ in range(257)]
    venue.trade_at(1006)
    venue.do(c.SetMarketStatus(MARKET, MarketStatus.HALTED))
    assert venue.closed() == {orders[256]: CloseReason.TRIGGER_REFUSED}


def test_waiting_orders_can_be_managed() -> None:
    """MATCH-036: waiting orders are amended, cancelled, expired and counted like others."""
    venue = Venue(max_open_orders=3)
    venue.trade_at(1000)
    order = venue.buy(ANN, 2, 1100, type=STOP_LIMIT, trigger=1050)
    expiring = venue.buy(
        ANN, 1, 1100, type=STOP_LIMIT, trigger=1050, tif=TimeInForce.GTD, expires_at=9_000
    )
    market_stop = venue.buy(ANN, 1, type=STOP, trigger=1050)
    assert venue.refused(venue.place(ANN, Side.BUY, 1, 900)) == RejectCode.TOO_MANY_ORDERS
    venue.amend(ANN, order, price=1020, quantity=3, trigger=1010)
    amended = venue.only(e.OrderAmended)
    assert (amended.held_change, amended.kept_priority) == (3 * 1020 * 10 - 2 * 1100 * 10, False)
    assert venue.refused(venue.amend(ANN, order, trigger=1000)) == RejectCode.WOULD_TRIGGER
    venue.amend(ANN, market_stop, trigger=1060)
    assert venue.only(e.OrderAmended).held_change == (1590 - 1575) * 10
    venue.tick(9_000)
    assert venue.closed() == {expiring: CloseReason.EXPIRED}
    venue.trade_at(1012)
    assert _triggered(venue) == [order]
    assert venue.book(Side.BUY) == [(1020, 3)]
    venue.cancel(ANN, market_stop)
    assert venue.closed() == {market_stop: CloseReason.CANCELLED}
    assert venue.balance(ANN, USDC)[1] == 3 * 1020 * 10


def test_budget_stop() -> None:
    """MATCH-034: a stop with a quote quantity holds its budget and spends it when it fires."""
    venue = Venue()
    venue.trade_at(1000)
    order = venue.buy(BOB, quote=25_000, type=STOP, trigger=1010)
    assert venue.balance(BOB, USDC)[1] == 25_000
    venue.sell(CLEO, 5, 1020)
    venue.trade_at(1015)
    assert venue.closed()[order] == CloseReason.FILLED
    assert [t.quantity for t in venue.all_of(e.Trade) if t.taker_order_id == order] == [2]
