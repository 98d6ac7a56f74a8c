"""Checks of one order against its shape, its market's rules and the numbers that a ledger can hold.

Each returns the code of the first rule that is broken, else None; none changes anything.
"""

from cse.core.money import MAX_AMOUNT
from cse.engine.limits import MAX_CLIENT_IDS_PER_ACCOUNT
from cse.engine.matching import is_waiting_type, would_take
from cse.engine.model import BUY, Account, Market
from cse.engine.triggers import fires_upwards
from cse.messages.commands import PlaceOrder
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import AccountStatus, MarketStatus, OrderType, TimeInForce

_MARKET_TYPES = frozenset({OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT})
_AT_ONCE = frozenset({TimeInForce.IOC, TimeInForce.FOK})
_CLOSED_MARKET = {
    MarketStatus.HALTED: RejectCode.MARKET_HALTED,
    MarketStatus.CANCEL_ONLY: RejectCode.MARKET_CANCEL_ONLY,
    MarketStatus.CLOSED: RejectCode.MARKET_CLOSED,
}
_CLOSED_ACCOUNT = {
    AccountStatus.FROZEN: RejectCode.ACCOUNT_FROZEN,
    AccountStatus.CLOSED: RejectCode.ACCOUNT_CLOSED,
}

assert MAX_CLIENT_IDS_PER_ACCOUNT < 2**16, "ClientIdRecord.position has 16 bits"


def account_may_act(account: Account) -> RejectCode | None:
    """Refuse frozen and closed accounts."""
    return _CLOSED_ACCOUNT.get(account.status) if account.status != AccountStatus.OPEN else None


def market_takes_orders(market: Market) -> RejectCode | None:
    """Refuse markets that are not open."""
    return _CLOSED_MARKET.get(market.status) if market.status != MarketStatus.OPEN else None


def shape(order: PlaceOrder, now_ms: int) -> RejectCode | None:
    """Refuse fields that do not go together, whatever the market."""
    by_quote = order.quote_quantity > 0
    ok = (
        (order.quantity > 0) != by_quote
        and (order.trigger_price > 0) == is_waiting_type(order.type)
        and (order.expires_at > 0) == (order.time_in_force == TimeInForce.GTD)
    )
    if order.type in _MARKET_TYPES:
        ok = ok and order.price == 0 and not order.post_only and order.time_in_force in _AT_ONCE
        ok = ok and not (by_quote and order.side != BUY)
    else:
        ok = ok and order.price > 0 and not by_quote
        ok = ok and not (order.post_only and order.time_in_force in _AT_ONCE)
    if not ok:
        return RejectCode.INVALID_COMBINATION
    if order.expires_at and order.expires_at <= now_ms:
        return RejectCode.EXPIRES_IN_PAST
    if order.expires_at > MAX_AMOUNT or order.trigger_price > MAX_AMOUNT:
        return RejectCode.AMOUNT_TOO_LARGE
    return None


def size(market: Market, price: int, quantity: int, quote_quantity: int) -> RejectCode | None:
    """Refuse quantities and values outside the market's limits, or beyond what a ledger can hold.

    `price` is what the order's value is judged at: its limit, its trigger, or the reference price.
    """
    if quote_quantity:
        if quote_quantity > MAX_AMOUNT:
            return RejectCode.AMOUNT_TOO_LARGE
        return RejectCode.NOTIONAL_TOO_SMALL if quote_quantity < market.min_notional else None
    if quantity < market.min_quantity:
        return RejectCode.QUANTITY_TOO_SMALL
    if quantity > market.max_quantity:
        return RejectCode.QUANTITY_TOO_LARGE
    notional = price * quantity * market.unit_notional
    if notional > MAX_AMOUNT or quantity * market.lot_size > MAX_AMOUNT:
        return RejectCode.AMOUNT_TOO_LARGE
    return RejectCode.NOTIONAL_TOO_SMALL if notional < market.min_notional else None


def price(market: Market, limit: int, trigger: int) -> RejectCode | None:
    """Refuse a limit outside the band: around the trigger for waiting orders, else around the market's price."""
    if trigger:
        low, high = market.band_around(trigger)
    else:
        low, high = market.band_low, market.band_high
    return None if low <= limit <= high else RejectCode.PRICE_OUT_OF_BAND


def post_only(market: Market, side: int, limit: int) -> RejectCode | None:
    """Refuse a post-only order that would trade."""
    return RejectCode.WOULD_TAKE if would_take(market, side, limit) else None


def trigger(market: Market, order: PlaceOrder) -> RejectCode | None:
    """Refuse a trigger price that the last trade has already reached."""
    if not market.last_price:
        return None
    if fires_upwards(order.side, order.type):
        reached = market.last_price >= order.trigger_price
    else:
        reached = market.last_price <= order.trigger_price
    return RejectCode.WOULD_TRIGGER if reached else None


def market_rules(market: Market, order: PlaceOrder) -> RejectCode | None:
    """Refuse an order that breaks one of the market's rules."""
    worth = order.price or order.trigger_price or market.last_price or market.reference_price
    refused = size(market, worth, order.quantity, order.quote_quantity)
    if refused is None and order.price:
        refused = price(market, order.price, order.trigger_price)
    if refused is None and order.trigger_price:
        refused = trigger(market, order)
    if refused is None and order.post_only and not order.trigger_price:
        refused = post_only(market, order.side, order.price)
    return refused
