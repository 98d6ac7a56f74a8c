"""Engine and naive model side by side in stories that chance rarely tells: long cascades, stops that cannot pay."""

from cse.messages import commands as c
from cse.messages.events import OrderAccepted, Rejected
from cse.messages.wire import (
    CloseReason,
    Command,
    Event,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tests.unit.engine.model_pair import Pair, open_venue
from tests.unit.engine.model_specs import ANN, BOB, CLEO, DAN, KEYS, QUOTE


def _order(
    account: int, side: Side, kind: OrderType, quantity: int, price: int = 0, trigger: int = 0
) -> Command:
    limit = kind in {OrderType.LIMIT, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT}
    tif = TimeInForce.GTC if limit else TimeInForce.IOC
    stp = SelfTradePrevention.NONE
    return c.PlaceOrder(account, 1, side, kind, tif, stp, False, price, trigger, quantity, 0, 0, "")


def test_a_stop_that_cannot_pay_ends_as_in_the_model() -> None:
    """MATCH-034: the price jumps over a stop's trigger, the band's edge costs more than its owner has."""
    pair = Pair()
    open_venue(pair)
    pair.do(c.HoldWithdrawal(ANN, QUOTE, 4_800 - 6 * 30 * 5, KEYS[0]))
    pair.do(_order(BOB, Side.SELL, OrderType.LIMIT, 1, 20))
    pair.do(_order(CLEO, Side.BUY, OrderType.LIMIT, 1, 20))
    pair.do(_order(ANN, Side.BUY, OrderType.STOP_LOSS, 4, trigger=21))
    pair.do(_order(BOB, Side.SELL, OrderType.LIMIT, 1, 28))
    answer = pair.do(_order(CLEO, Side.BUY, OrderType.LIMIT, 1, 28))
    assert (3, CloseReason.TRIGGER_UNFUNDED) in answer.closes


def test_long_cascades_end_as_in_the_model() -> None:
    """MATCH-032, MATCH-033: 300 stops set one another off; 256 enter, the rest with the next Tick, cancels between."""
    pair = Pair()
    open_venue(pair, rich=2_000, max_open_orders=400)
    stops = 300
    pair.do(_order(BOB, Side.SELL, OrderType.LIMIT, 40, 21))
    for number in range(stops):
        owner = (ANN, CLEO)[number % 2]
        kind = (OrderType.STOP_LOSS_LIMIT, OrderType.STOP_LOSS)[number % 3 == 0]
        price = 25 if kind is OrderType.STOP_LOSS_LIMIT else 0
        pair.do(_order(owner, Side.BUY, kind, 1, price, 21 + number % 3))
    pair.do(_order(BOB, Side.SELL, OrderType.LIMIT, 40, 22))
    pair.do(_order(BOB, Side.SELL, OrderType.LIMIT, 40, 23))
    pair.do(_order(DAN, Side.BUY, OrderType.LIMIT, 1, 21))
    waiting = list(pair.world.queue)
    assert len(waiting) == stops - 256
    refused = pair.do(c.CancelOrder(DAN, 1, ""))
    assert refused.code
    assert pair.world.queue == waiting, "a refused command lets nobody in"
    pair.restart()
    owner = next(o.account for o in pair.world.orders if o.id == waiting[-1])
    pair.do(c.CancelOrder(owner, waiting[-1], ""))
    assert not pair.world.queue


def test_ten_thousand_client_order_ids_are_remembered() -> None:
    """MATCH-083: the number itself: after 9,999 newer ones the first id is known, after 10,000 it is not."""
    pair = Pair()
    open_venue(pair)
    engine, now = pair.engine, pair.world.now

    def send(name: int) -> Event:
        order = c.PlaceOrder(
            ANN,
            1,
            Side.BUY,
            OrderType.LIMIT,
            TimeInForce.IOC,
            SelfTradePrevention.NONE,
            False,
            20,
            0,
            1,
            0,
            0,
            f"id-{name}",
        )
        return engine.apply(engine.sequence + 1, now, order)[0]

    for name in range(10_000):
        assert isinstance(send(name), OrderAccepted)
    assert isinstance(send(0), Rejected)
    assert isinstance(send(10_000), OrderAccepted)
    assert isinstance(send(0), OrderAccepted)
