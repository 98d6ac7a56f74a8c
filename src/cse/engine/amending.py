"""Amending an open order: all of it happens, or nothing does."""

from typing import NamedTuple

from cse.core.money import MAX_AMOUNT
from cse.engine import checks
from cse.engine.cancelling import find_order
from cse.engine.lifecycle import unrest
from cse.engine.matching import enter
from cse.engine.model import BUY, Order
from cse.engine.placing import hold_for
from cse.engine.state import State, refuse
from cse.engine.triggers import fires_upwards
from cse.messages.commands import AmendOrder
from cse.messages.events import LevelChanged, OrderAmended, Rejected
from cse.messages.reject_codes import RejectCode


class Terms(NamedTuple):
    """What an amendment makes of an order."""

    price: int
    trigger_price: int
    quantity: int
    held: int


def amend_order(state: State, command: AmendOrder) -> Rejected | None:
    """Change an order's price, trigger price or total quantity."""
    account = state.accounts.get(command.account_id)
    if account is None:
        return _refuse(RejectCode.ACCOUNT_NOT_FOUND, command)
    order = find_order(account, command.order_id, command.client_order_id)
    if order is None:
        return _refuse(RejectCode.ORDER_NOT_FOUND, command)
    price = command.price or order.price
    trigger_price = command.trigger_price or order.trigger_price
    quantity = command.quantity or order.quantity
    code = _first_refusal(order, command, price, trigger_price, quantity)
    if code is not None:
        return _refuse(code, command, order)
    waits = order.level is None
    held = hold_for(
        order.market,
        order.side,
        price,
        trigger_price if waits else 0,
        quantity - order.filled,
        order.quote_quantity,
    )
    terms = Terms(price, trigger_price, quantity, held)
    if held > MAX_AMOUNT or _may_trade_for_too_much(order, terms):
        return _refuse(RejectCode.AMOUNT_TOO_LARGE, command, order)
    if held - order.held > order.pays.available:
        return _refuse(RejectCode.INSUFFICIENT_FUNDS, command, order)
    _amend(state, order, terms)
    return None


def _refuse(code: RejectCode, command: AmendOrder, order: Order | None = None) -> Rejected:
    return refuse(
        code,
        account_id=command.account_id,
        market_id=order.market.market_id if order else 0,
        order_id=order.order_id if order else command.order_id,
        client_order_id=command.client_order_id,
    )


def _first_refusal(
    order: Order, command: AmendOrder, price: int, trigger_price: int, quantity: int
) -> RejectCode | None:
    market, waits = order.market, order.order_id in order.market.triggers.orders
    refused = checks.account_may_act(order.account) or checks.market_takes_orders(market)
    if refused is not None:
        return refused
    if _does_not_apply(order, command, waits=waits):
        return RejectCode.INVALID_COMBINATION
    if (price, trigger_price, quantity) == (order.price, order.trigger_price, order.quantity):
        return RejectCode.NOTHING_TO_AMEND
    if not order.quote_quantity and quantity <= order.filled:
        return RejectCode.QUANTITY_BELOW_FILLED
    if trigger_price > MAX_AMOUNT:
        return RejectCode.AMOUNT_TOO_LARGE
    refused = checks.size(market, price or trigger_price, quantity, order.quote_quantity)
    only_less = (price, trigger_price) == (
        order.price,
        order.trigger_price,
    ) and quantity < order.quantity
    if refused is None and price and not only_less:
        refused = checks.price(market, price, trigger_price if waits else 0)
    if refused is None and trigger_price != order.trigger_price:
        refused = _trigger_reached(order, trigger_price)
    if refused is None and order.post_only and not waits and price != order.price:
        refused = checks.post_only(market, order.side, price)
    return refused


def _does_not_apply(order: Order, command: AmendOrder, *, waits: bool) -> bool:
    """Tell whether the amendment names something that this order does not have (any more)."""
    return (
        (command.price > 0 and not order.price)
        or (command.trigger_price > 0 and not waits)
        or (command.quantity > 0 and order.quote_quantity > 0)
        or (order.level is None and not waits)
    )


def _may_trade_for_too_much(order: Order, terms: Terms) -> bool:
    """Tell whether an order that has traded and enters anew could trade for more than a ledger holds in all.

    A buy trades for what it holds at most, a sell that enters for all the quote money that there is.
    """
    if not order.quote_filled or (terms.price == order.price and terms.quantity < order.quantity):
        return False
    still = terms.held if order.side == BUY else order.market.quote.custody
    return order.quote_filled + still > MAX_AMOUNT


def _trigger_reached(order: Order, trigger_price: int) -> RejectCode | None:
    last = order.market.last_price
    if not last:
        return None
    reached = (
        last >= trigger_price if fires_upwards(order.side, order.type) else last <= trigger_price
    )
    return RejectCode.WOULD_TRIGGER if reached else None


def _amend(state: State, order: Order, terms: Terms) -> None:
    level = order.level
    keeps_place = (
        level is not None and terms.price == order.price and terms.quantity < order.quantity
    )
    if level is not None and not keeps_place:
        unrest(state, order)
    if level is None:
        order.market.triggers.remove(order)
    change = terms.held - order.held
    order.held += change
    order.pays.held += change
    order.pays.available -= change
    less = order.quantity - terms.quantity
    order.price, order.trigger_price, order.quantity = (
        terms.price,
        terms.trigger_price,
        terms.quantity,
    )
    order.remaining -= less
    order.updated_at = state.time_ms
    state.events.append(
        OrderAmended(
            order.order_id,
            order.account.account_id,
            order.market.market_id,
            order.price,
            order.trigger_price,
            order.quantity,
            change,
            keeps_place,
        )
    )
    if level is None:
        order.market.triggers.add(order)
    elif keeps_place:
        level.total -= less
        state.events.append(
            LevelChanged(
                order.market.market_id, order.side, level.price, level.total, len(level.orders)
            )
        )
    else:
        enter(state, order)
