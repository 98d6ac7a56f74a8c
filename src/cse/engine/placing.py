"""Placing orders, and the entry of those whose trigger price was reached."""

import zlib
from collections import OrderedDict

from cse.core.money import MAX_AMOUNT
from cse.engine import checks
from cse.engine.lifecycle import finish, register
from cse.engine.limits import MAX_CLIENT_IDS_PER_ACCOUNT
from cse.engine.matching import enter, limit_price, would_take
from cse.engine.model import BUY, Account, Market, Order, RememberedOrder
from cse.engine.state import State, refuse
from cse.messages.codec import encode_body
from cse.messages.commands import PlaceOrder
from cse.messages.events import OrderAccepted, OrderTriggered, Rejected
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import CloseReason


def place_order(state: State, command: PlaceOrder) -> Rejected | None:
    """Check, hold, accept and match one order."""
    account = state.accounts.get(command.account_id)
    if account is None:
        return _refuse(RejectCode.ACCOUNT_NOT_FOUND, command)
    fingerprint = 0
    if command.client_order_id:
        fingerprint = zlib.crc32(encode_body(command))
        known = account.client_ids and account.client_ids.get(command.client_order_id)
        if known:
            same = known.fingerprint == fingerprint
            code = RejectCode.ALREADY_APPLIED if same else RejectCode.DUPLICATE_CLIENT_ORDER_ID
            return _refuse(code, command, known.order_id)
    market = state.markets.get(command.market_id)
    code_or_none = _first_refusal(state, account, market, command)
    if code_or_none is not None:
        return _refuse(code_or_none, command)
    assert market is not None
    hold = hold_for(
        market,
        command.side,
        command.price,
        command.trigger_price,
        command.quantity,
        command.quote_quantity,
    )
    if hold > MAX_AMOUNT:
        return _refuse(RejectCode.AMOUNT_TOO_LARGE, command)
    pays = account.balance((market.quote if command.side == BUY else market.base).asset_id)
    if hold > pays.available:
        return _refuse(RejectCode.INSUFFICIENT_FUNDS, command)
    _accept(state, account, market, command, hold, fingerprint)
    return None


def _refuse(code: RejectCode, command: PlaceOrder, order_id: int = 0) -> Rejected:
    return refuse(
        code,
        account_id=command.account_id,
        market_id=command.market_id,
        order_id=order_id,
        client_order_id=command.client_order_id,
    )


def _first_refusal(
    state: State, account: Account, market: Market | None, command: PlaceOrder
) -> RejectCode | None:
    if market is None:
        return RejectCode.MARKET_NOT_FOUND
    refused = (
        checks.shape(command, state.time_ms)
        or checks.account_may_act(account)
        or checks.market_takes_orders(market)
        or checks.market_rules(market, command)
    )
    if refused is None and account.open_counts.get(market.market_id, 0) >= market.max_open_orders:
        return RejectCode.TOO_MANY_ORDERS
    return refused


def hold_for(
    market: Market, side: int, price: int, trigger_price: int, quantity: int, quote_quantity: int
) -> int:
    """Return what an order has to set aside, in units of the asset it pays with.

    A market buy by quantity holds its cost at the upper edge of the band: around the trigger price while it
    waits, around the market's price when it enters.
    """
    if side != BUY:
        return quantity * market.lot_size
    if quote_quantity:
        return quote_quantity
    if not price:
        price = market.band_around(trigger_price)[1] if trigger_price else market.band_high
    return price * quantity * market.unit_notional


def _accept(
    state: State, account: Account, market: Market, command: PlaceOrder, hold: int, fingerprint: int
) -> None:
    order_id = state.next_order_id
    state.next_order_id = order_id + 1
    side, now = command.side, state.time_ms
    base, quote = account.balance(market.base.asset_id), account.balance(market.quote.asset_id)
    pays, receives = (quote, base) if side == BUY else (base, quote)
    order = Order(
        order_id,
        account,
        market,
        side,
        command.type,
        command.time_in_force,
        command.stp,
        command.post_only,
        command.price,
        command.trigger_price,
        command.quantity,
        command.quantity,
        command.quote_quantity,
        command.expires_at,
        command.client_order_id,
        now,
        now,
        pays,
        receives,
        hold,
    )
    pays.available -= hold
    pays.held += hold
    register(state, order)
    if command.client_order_id:
        _remember(account, command.client_order_id, RememberedOrder(order_id, fingerprint))
    state.events.append(
        OrderAccepted(
            order_id,
            account.account_id,
            market.market_id,
            side,
            command.type,
            command.time_in_force,
            command.stp,
            command.post_only,
            command.price,
            command.trigger_price,
            command.quantity,
            command.quote_quantity,
            command.expires_at,
            hold,
            command.client_order_id,
        )
    )
    if command.trigger_price:
        market.triggers.add(order)
    else:
        enter(state, order)


def _remember(account: Account, client_order_id: str, remembered: RememberedOrder) -> None:
    if account.client_ids is None:
        account.client_ids = OrderedDict()
    account.client_ids[client_order_id] = remembered
    if len(account.client_ids) > MAX_CLIENT_IDS_PER_ACCOUNT:
        account.client_ids.popitem(last=False)


def enter_triggered(state: State, order: Order) -> None:
    """Let an order into its market whose trigger price was reached, if it still may and can."""
    refused = checks.account_may_act(order.account) or checks.market_takes_orders(order.market)
    if refused is None and order.price:
        refused = checks.price(order.market, order.price, 0)
        if (
            refused is None
            and order.post_only
            and would_take(order.market, order.side, order.price)
        ):
            refused = RejectCode.WOULD_TAKE
    if refused is not None:
        _triggered(state, order, 0)
        finish(state, order, CloseReason.TRIGGER_REFUSED)
        return
    change = 0
    if order.side == BUY and not order.price and not order.quote_quantity:
        change = limit_price(order) * order.remaining * order.market.unit_notional - order.held
    if change > order.pays.available or order.held + change > MAX_AMOUNT:
        _triggered(state, order, 0)
        finish(state, order, CloseReason.TRIGGER_UNFUNDED)
        return
    order.held += change
    order.pays.held += change
    order.pays.available -= change
    _triggered(state, order, change)
    enter(state, order)


def _triggered(state: State, order: Order, held_change: int) -> None:
    order.updated_at = state.time_ms
    state.events.append(
        OrderTriggered(
            order.order_id, order.account.account_id, order.market.market_id, held_change
        )
    )
