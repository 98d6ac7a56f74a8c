"""Self-trade prevention: an incoming order has met a resting one of the same account."""

from cse.engine.lifecycle import finish
from cse.engine.model import BUY, Order
from cse.engine.state import State
from cse.messages.events import OrderReduced
from cse.messages.wire import CloseReason, SelfTradePrevention


def prevent_self_trade(state: State, taker: Order, maker: Order, quantity: int) -> bool:
    """Apply the taker's mode to a pair that would trade `quantity` lots; True: the incoming order is over.

    The level's own event is told by the caller when it is done with the level.
    """
    mode = taker.stp
    if mode == SelfTradePrevention.DECREMENT:
        return _decrement(state, taker, maker, quantity)
    if mode != SelfTradePrevention.EXPIRE_TAKER:
        _expire(state, maker)
    return mode != SelfTradePrevention.EXPIRE_MAKER


def _expire(state: State, maker: Order) -> None:
    maker.market.book.own(maker.side).remove(maker)
    finish(state, maker, CloseReason.SELF_TRADE)


def _decrement(state: State, taker: Order, maker: Order, quantity: int) -> bool:
    """Take the smaller of the two quantities off both; whoever has nothing left is over."""
    budget = quantity * maker.price * maker.market.unit_notional if taker.quote_quantity else 0
    taker_over = taker.held == budget if budget else taker.remaining == quantity
    if maker.remaining == quantity:
        _expire(state, maker)
    else:
        level = maker.level
        assert level is not None, "the incoming order met it in the book"
        level.total -= quantity
        _shrink(state, maker, quantity, 0)
    if not taker_over:
        _shrink(state, taker, 0 if budget else quantity, budget)
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
