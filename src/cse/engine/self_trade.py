"""Self-trade prevention: an incoming order has met a resting one of the same account."""

from cse.engine.book import BookSide
from cse.engine.lifecycle import finish
from cse.engine.model import BUY, Order
from cse.engine.state import State
from cse.messages.events import OrderReduced
from cse.messages.wire import CloseReason, SelfTradePrevention


def prevent_self_trade(state: State, taker: Order, maker: Order, side: BookSide) -> bool:
    """Apply the taker's mode to the pair; True means that the incoming order is over.

    The level's own event is told by the caller when it is done with the level.
    """
    mode = taker.stp
    if mode == SelfTradePrevention.DECREMENT:
        return _decrement(state, taker, maker, side)
    if mode != SelfTradePrevention.EXPIRE_TAKER:
        side.remove(maker)
        maker.priority = 0
        finish(state, maker, CloseReason.SELF_TRADE)
    return mode != SelfTradePrevention.EXPIRE_MAKER


def _decrement(state: State, taker: Order, maker: Order, side: BookSide) -> bool:
    """Take the smaller of the two quantities off both; whoever has nothing left is over."""
    if taker.quote_quantity:
        unit = maker.price * maker.market.unit_notional
        quantity = min(maker.remaining, taker.held // unit)
        if not quantity:
            return True
        taker_over = taker.held - quantity * unit < unit
    else:
        quantity = min(maker.remaining, taker.remaining)
        taker_over = taker.remaining == quantity
    if maker.remaining == quantity:
        side.remove(maker)
        maker.priority = 0
        finish(state, maker, CloseReason.SELF_TRADE)
    else:
        level = maker.level
        assert level is not None
        level.total -= quantity
        _shrink(state, maker, quantity, 0)
    if not taker_over:
        if taker.quote_quantity:
            _shrink(state, taker, 0, quantity * maker.price * maker.market.unit_notional)
        else:
            _shrink(state, taker, quantity, 0)
    return taker_over


def _shrink(state: State, order: Order, quantity: int, quote_quantity: int) -> None:
    """Take lots (or quote units of a budget) off an order that goes on, and release what held them."""
    if quote_quantity:
        released = quote_quantity
        order.quote_quantity -= quote_quantity
    else:
        order.quantity -= quantity
        order.remaining -= quantity
        if order.side != BUY:
            released = quantity * order.market.lot_size
        else:
            limit = order.price or order.market.band_high
            released = limit * quantity * order.market.unit_notional
    order.held -= released
    order.pays.held -= released
    order.pays.available += released
    order.updated_at = state.time_ms
    state.events.append(
        OrderReduced(
            order.order_id,
            order.account.account_id,
            order.market.market_id,
            quantity,
            quote_quantity,
            released,
        )
    )
