"""Matching: one incoming order against the other side of the book, price first, then time."""

from enum import Enum, auto

from cse.engine.book import BookSide, Level
from cse.engine.lifecycle import finish, may_rest, rest
from cse.engine.model import BUY, Market, Order
from cse.engine.self_trade import prevent_self_trade
from cse.engine.settlement import settle
from cse.engine.state import State
from cse.messages.events import LevelChanged
from cse.messages.wire import CloseReason, OrderType, SelfTradePrevention, TimeInForce

NO_STP = SelfTradePrevention.NONE


class Stop(Enum):
    """Why matching ended."""

    DONE = auto()
    """Nothing of the incoming order is left."""
    NO_MATCH = auto()
    """Nobody is left at a price that the order accepts."""
    BUDGET_SPENT = auto()
    """What is left of a market buy's quote quantity does not buy one lot at the best price."""
    SELF_TRADE = auto()
    """Self-trade prevention ended the incoming order."""


def limit_price(order: Order) -> int:
    """Return the worst price that an order accepts: its own, or for market orders the band's edge."""
    if order.price:
        return order.price
    return order.market.band_high if order.side == BUY else order.market.band_low


def crosses(side: BookSide, limit: int) -> bool:
    """Tell whether an order with this limit would trade with the given opposite side now."""
    return side.best is not None and side.best.key <= limit * side.sign


def enter(state: State, order: Order) -> None:
    """Let a funded order into its market: match it, then rest it or end it."""
    market = order.market
    side = market.book.opposite(order.side)
    limit_key = limit_price(order) * side.sign
    fok = order.time_in_force == TimeInForce.FOK
    if fok and not can_fill(side, order, limit_key):
        finish(state, order, CloseReason.FOK_UNFILLABLE)
        return
    if side.best is not None and side.best.key <= limit_key:
        trades_before = market.last_trade_id
        stop = _match(state, order, side, limit_key)
        if market.last_trade_id != trades_before:
            market.set_band()
    else:
        stop = Stop.NO_MATCH
    if stop is Stop.NO_MATCH and may_rest(order):
        rest(state, order)
    else:
        finish(state, order, _close_reason(order, stop))


def _close_reason(order: Order, stop: Stop) -> CloseReason:
    if stop is Stop.DONE or (order.quote_quantity and _budget_used(order, stop)):
        return CloseReason.FILLED
    if stop is Stop.SELF_TRADE:
        return CloseReason.SELF_TRADE
    if order.price and order.time_in_force == TimeInForce.IOC:
        return CloseReason.IOC_REMAINDER
    return CloseReason.NO_LIQUIDITY


def _budget_used(order: Order, stop: Stop) -> bool:
    """Tell whether a market buy by quote quantity bought all that its budget could buy."""
    if not order.quote_filled:
        return False
    if stop is Stop.BUDGET_SPENT:
        return True
    return order.held < order.market.last_price * order.market.unit_notional


def _match(state: State, taker: Order, side: BookSide, limit_key: int) -> Stop:
    """Trade level by level until the taker is done or the next level is beyond its limit."""
    level = side.best
    while level is not None and level.key <= limit_key:
        stop = _match_level(state, taker, side, level)
        state.events.append(
            LevelChanged(
                taker.market.market_id, side.side, level.price, level.total, len(level.orders)
            )
        )
        if stop is not None:
            return stop
        level = side.best
    return Stop.NO_MATCH


def _match_level(state: State, taker: Order, side: BookSide, level: Level) -> Stop | None:
    """Trade with the orders of one level, oldest first; None means that the level is used up."""
    market, price, events = taker.market, level.price, state.events
    triggers, makers = market.triggers, level.orders
    while makers:
        maker = next(iter(makers.values()))
        quantity = _tradable(taker, maker, price)
        if not quantity:
            return Stop.BUDGET_SPENT
        if maker.account is taker.account and taker.stp != NO_STP:
            if prevent_self_trade(state, taker, maker, quantity):
                return Stop.SELF_TRADE
            continue
        events.append(settle(market, maker, taker, price, quantity))
        if price >= triggers.next_up or price <= triggers.next_down:
            for fired in triggers.pop_fired(price):
                state.trigger_queue[fired.order_id] = fired
        _reduce(state, maker, level, side, quantity)
        if not taker.quote_quantity:
            taker.remaining -= quantity
            taker.updated_at = state.time_ms
            if not taker.remaining:
                return Stop.DONE
    return None


def _tradable(taker: Order, maker: Order, price: int) -> int:
    """Return how many lots the two can trade; 0 only if a quote budget cannot buy one lot."""
    if taker.quote_quantity:
        return min(maker.remaining, taker.held // (price * taker.market.unit_notional))
    return min(maker.remaining, taker.remaining)


def _reduce(state: State, maker: Order, level: Level, side: BookSide, quantity: int) -> None:
    """Take traded lots off a resting order; when none are left it is filled."""
    maker.updated_at = state.time_ms
    if maker.remaining > quantity:
        maker.remaining -= quantity
        level.total -= quantity
    else:
        side.remove(maker)
        maker.remaining = 0
        finish(state, maker, CloseReason.FILLED)


def can_fill(side: BookSide, taker: Order, limit_key: int) -> bool:
    """Decide a fill-or-kill order: could all of it trade now, self-trade prevention included?

    Looks only at levels that the order would trade through; order by order only where the account's own
    orders stand in the way.
    """
    own_matters = taker.stp != NO_STP and bool(
        taker.account.open_counts.get(taker.market.market_id, 0) > 1
    )
    wanted = taker.held if taker.quote_quantity else taker.remaining
    buys_something = False
    for level in side.best_first():
        if level.key > limit_key:
            return False
        unit = level.price * taker.market.unit_notional if taker.quote_quantity else 1
        if wanted < unit:
            return buys_something
        left = (
            _wanted_after(level, taker, wanted, unit)
            if own_matters
            else wanted - level.total * unit
        )
        if left is None:
            return False
        buys_something = buys_something or left < wanted
        wanted = left
        if wanted < unit:
            return True
    return False


def _wanted_after(level: Level, taker: Order, wanted: int, unit: int) -> int | None:
    """Walk one level: what is still wanted after it, or None if self-trade prevention ends the order."""
    for maker in level.orders.values():
        if wanted < unit:
            break
        if maker.account is not taker.account:
            wanted -= maker.remaining * unit
        elif taker.stp != SelfTradePrevention.EXPIRE_MAKER:
            return None
    return wanted


def would_take(market: Market, order_side: int, price: int) -> bool:
    """Tell whether a limit order would trade at once."""
    side = market.book.asks if order_side == BUY else market.book.bids
    return crosses(side, price)


def is_waiting_type(order_type: OrderType) -> bool:
    """Tell whether orders of this type wait for a trigger price first."""
    return order_type not in (OrderType.LIMIT, OrderType.MARKET)
