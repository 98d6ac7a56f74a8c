"""How orders come to rest and how they end; used by every handler that touches orders."""

from cse.core.money import MAX_AMOUNT
from cse.engine.model import Order
from cse.engine.state import State
from cse.messages.events import LevelChanged, OrderClosed
from cse.messages.wire import CloseReason, TimeInForce


def register(state: State, order: Order) -> None:
    """Enter a new order into the indexes that every open order stands in."""
    account, market_id = order.account, order.market.market_id
    state.orders[order.order_id] = order
    account.orders[order.order_id] = order
    account.open_counts[market_id] = account.open_counts.get(market_id, 0) + 1
    if order.expires_at:
        state.expiries.add((order.expires_at, order.order_id))


def rest(state: State, order: Order) -> None:
    """Put an order at the end of its price level's queue."""
    order.priority = state.next_priority
    state.next_priority += 1
    level = order.market.book.own(order.side).add(order)
    state.events.append(
        LevelChanged(
            order.market.market_id, order.side, level.price, level.total, len(level.orders)
        )
    )


def unrest(state: State, order: Order) -> None:
    """Take a resting order out of the book and tell what is left of its level."""
    level = order.market.book.own(order.side).remove(order)
    order.priority = 0
    state.events.append(
        LevelChanged(
            order.market.market_id, order.side, level.price, level.total, len(level.orders)
        )
    )


def finish(state: State, order: Order, reason: CloseReason) -> None:
    """End an order that is no longer in a book or trigger list: forget it, release its hold, tell."""
    order_id, account, market_id = order.order_id, order.account, order.market.market_id
    del state.orders[order_id]
    del account.orders[order_id]
    count = account.open_counts[market_id] - 1
    if count:
        account.open_counts[market_id] = count
    else:
        del account.open_counts[market_id]
    if order.expires_at:
        state.expiries.remove((order.expires_at, order_id))
    released = order.held
    if released:
        order.held = 0
        order.pays.held -= released
        order.pays.available += released
    state.events.append(
        OrderClosed(order_id, account.account_id, market_id, reason, order.remaining, released)
    )


def withdraw_from_market(state: State, order: Order) -> None:
    """Take an open order out of wherever it is: book, trigger list or queue."""
    if order.level is not None:
        unrest(state, order)
    elif order.order_id in state.trigger_queue:
        del state.trigger_queue[order.order_id]
    else:
        order.market.triggers.remove(order)


def close(state: State, order: Order, reason: CloseReason) -> None:
    """End an open order wherever it is."""
    withdraw_from_market(state, order)
    finish(state, order, reason)


def may_rest(order: Order) -> bool:
    """Tell whether what does not trade at once stays in the book: never what could trade for too much in all."""
    return (
        order.price > 0
        and order.time_in_force in (TimeInForce.GTC, TimeInForce.GTD)
        and (
            not order.quote_filled
            or order.quote_filled + order.price * order.remaining * order.market.unit_notional
            <= MAX_AMOUNT
        )
    )
