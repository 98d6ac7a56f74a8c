"""What the naive model does with commands about orders: refuse for the first reason in the stages' order, or do it."""

import zlib

from cse.messages import commands as c
from cse.messages.codec import encode_body
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import (
    AccountStatus,
    CloseReason,
    MarketStatus,
    Side,
    TimeInForce,
)
from tests.unit.engine.model_matching import enter, would_take
from tests.unit.engine.model_state import (
    DAY_MS,
    LARGEST,
    WITH_PRICE,
    WITH_TRIGGER,
    Account,
    Market,
    Order,
    Refused,
    World,
    refuse_if,
)

REMEMBERED = 10_000


def known(world: World, account_id: int) -> Account:
    account = world.accounts.get(account_id)
    if account is None:
        raise Refused(RejectCode.ACCOUNT_NOT_FOUND)
    return account


def check_account(account: Account, *, frozen_may: bool = False) -> None:
    """Whether an account may act (MATCH-080)."""
    refuse_if(account.status is AccountStatus.CLOSED, RejectCode.ACCOUNT_CLOSED)
    frozen = account.status is AccountStatus.FROZEN and not frozen_may
    refuse_if(frozen, RejectCode.ACCOUNT_FROZEN)


def market_of(world: World, market_id: int) -> Market:
    market = world.markets.get(market_id)
    if market is None:
        raise Refused(RejectCode.MARKET_NOT_FOUND)
    return market


def check_market(market: Market, *, cancels: bool = False) -> None:
    """Whether a market takes orders, or at least cancels (MATCH-073)."""
    refuse_if(market.status is MarketStatus.HALTED, RejectCode.MARKET_HALTED)
    refuse_if(
        market.status is MarketStatus.CANCEL_ONLY and not cancels, RejectCode.MARKET_CANCEL_ONLY
    )
    refuse_if(market.status is MarketStatus.CLOSED, RejectCode.MARKET_CLOSED)


def place(world: World, command: c.PlaceOrder) -> None:
    account = known(world, command.account_id)
    check_client_id(world, command)
    market = market_of(world, command.market_id)
    check_shape(command)
    refuse_if(command.expires_at and command.expires_at <= world.now, RejectCode.EXPIRES_IN_PAST)
    check_account(account)
    check_market(market)
    order = new_order(world, command, market)
    check_rules(order)
    open_orders = [o for o in world.orders if o.account == order.account and o.market is market]
    check_price(world, order)
    refuse_if(len(open_orders) >= market.max_open_orders, RejectCode.TOO_MANY_ORDERS)
    short = order.held > world.available(order.account, order.pays)
    refuse_if(short, RejectCode.INSUFFICIENT_FUNDS)
    world.orders_made = order.id
    world.orders.append(order)
    if command.client_order_id:
        entry = (command.client_order_id, order.id, zlib.crc32(encode_body(command)))
        remembered = world.client_ids.setdefault(order.account, [])
        remembered.append(entry)
        del remembered[:-REMEMBERED]
    if not order.trigger:
        enter(world, order)


def check_shape(command: c.PlaceOrder) -> None:
    """MATCH-028."""
    with_price, with_trigger = command.type in WITH_PRICE, command.type in WITH_TRIGGER
    tif = command.time_in_force
    wrong = [
        (command.quantity > 0) == (command.quote_quantity > 0),
        (command.price > 0) != with_price,
        (command.trigger_price > 0) != with_trigger,
        (command.expires_at > 0) != (tif is TimeInForce.GTD),
        command.post_only and not with_price,
        command.post_only and tif in {TimeInForce.IOC, TimeInForce.FOK},
        tif in {TimeInForce.GTC, TimeInForce.GTD} and not with_price,
        command.quote_quantity > 0 and (with_price or command.side is Side.SELL),
    ]
    refuse_if(any(wrong), RejectCode.INVALID_COMBINATION)


def check_client_id(world: World, command: c.PlaceOrder) -> None:
    """MATCH-083."""
    for client_id, order_id, fingerprint in world.client_ids.get(command.account_id, []):
        if client_id and client_id == command.client_order_id:
            same = fingerprint == zlib.crc32(encode_body(command))
            code = RejectCode.ALREADY_APPLIED if same else RejectCode.DUPLICATE_CLIENT_ORDER_ID
            raise Refused(code, order_id)


def new_order(world: World, command: c.PlaceOrder, market: Market) -> Order:
    order = Order(
        id=world.orders_made + 1,
        account=command.account_id,
        market=market,
        side=command.side,
        type=command.type,
        tif=command.time_in_force,
        stp=command.stp,
        post_only=command.post_only,
        price=command.price,
        trigger=command.trigger_price,
        quantity=command.quantity,
        budget=command.quote_quantity,
        is_budget=command.quote_quantity > 0,
        expires_at=command.expires_at,
        client_id=command.client_order_id,
        created_at=world.now,
        updated_at=world.now,
    )
    order.worst_price = worst_price(order)
    return order


def worst_price(order: Order) -> int:
    """What a buy by quantity may have to pay per lot and tick (MATCH-034, MATCH-060)."""
    return order.price or order.market.band(order.trigger or order.market.middle)[1]


def check_rules(order: Order, *, any_price: bool = False) -> None:
    """Sizes, value and, unless any price will do, the band (MATCH-070, MATCH-071)."""
    market = order.market
    value_price = order.price or order.trigger or market.middle
    value = order.budget if order.is_budget else order.quantity * value_price * market.unit
    too_much = max(order.held, order.quantity * market.lot_size, value) > LARGEST
    if not order.is_budget:
        refuse_if(order.quantity < market.min_quantity, RejectCode.QUANTITY_TOO_SMALL)
        refuse_if(order.quantity > market.max_quantity, RejectCode.QUANTITY_TOO_LARGE)
    refuse_if(too_much, RejectCode.AMOUNT_TOO_LARGE)
    refuse_if(value < market.min_notional, RejectCode.NOTIONAL_TOO_SMALL)
    lower, upper = market.band(order.trigger if waits(order) else market.middle)
    outside = order.price and not any_price and not lower <= order.price <= upper
    refuse_if(outside, RejectCode.PRICE_OUT_OF_BAND)


def waits(order: Order) -> bool:
    """Whether an order that is not in the book has its trigger still before it."""
    return order.trigger > 0 and order.place == 0


def check_price(world: World, order: Order) -> None:
    """Would it take, would it trigger (MATCH-026, MATCH-031)."""
    if waits(order):
        reached = order.reached_by(order.market.last_price)
        refuse_if(reached, RejectCode.WOULD_TRIGGER)
    elif order.post_only:
        refuse_if(would_take(world, order), RejectCode.WOULD_TAKE)


def find(world: World, account: int, order_id: int, client_id: str) -> Order:
    """The owner's open order by id or, with id 0, by client order id (MATCH-054)."""
    for order in world.orders:
        named = (
            order.id == order_id if order_id else bool(client_id) and order.client_id == client_id
        )
        if named and order.account == account:
            return order
    raise Refused(RejectCode.ORDER_NOT_FOUND)


def cancel(world: World, command: c.CancelOrder) -> None:
    check_account(known(world, command.account_id), frozen_may=True)
    order = find(world, command.account_id, command.order_id, command.client_order_id)
    check_market(order.market, cancels=True)
    world.close(order, CloseReason.CANCELLED)


def cancel_all(world: World, command: c.CancelAll) -> None:
    """MATCH-055; a closed account has no orders, so there is nothing to refuse."""
    known(world, command.account_id)
    market = market_of(world, command.market_id) if command.market_id else None
    refuse_if(market and market.status is MarketStatus.HALTED, RejectCode.MARKET_HALTED)
    for order in list(world.orders):
        wanted = command.market_id in {0, order.market.id}
        halted = order.market.status is MarketStatus.HALTED
        if order.account == command.account_id and wanted and not halted:
            world.close(order, CloseReason.CANCELLED_ALL)


def set_cancel_after(world: World, command: c.SetCancelAfter) -> None:
    """MATCH-056."""
    account = known(world, command.account_id)
    check_account(account, frozen_may=True)
    refuse_if(command.timeout_ms > DAY_MS, RejectCode.INVALID_TIMEOUT)
    account.cancel_after = world.now + command.timeout_ms if command.timeout_ms else 0


def amend(world: World, command: c.AmendOrder) -> None:
    """MATCH-050 to MATCH-053: judge the order as it would be; if it may not be so, nothing has changed."""
    account = known(world, command.account_id)
    order = find(world, command.account_id, command.order_id, command.client_order_id)
    check_account(account)
    check_market(order.market)
    before = vars(order).copy()
    available = world.available(order.account, order.pays) + order.held
    try:
        only_less = change(order, command)
        check_rules(order, any_price=only_less)
        check_price(world, order)
        refuse_if(order.held > available, RejectCode.INSUFFICIENT_FUNDS)
    except Refused:
        vars(order).update(before)
        raise
    order.updated_at = world.now
    if before["place"] and not only_less:
        order.place = 0
        enter(world, order)


def change(order: Order, command: c.AmendOrder) -> bool:
    """Write the new terms into the order; returns whether it only wants less (MATCH-050)."""
    foreign = [
        command.price and order.type not in WITH_PRICE,
        command.trigger_price and not waits(order),
        command.quantity and order.is_budget,
    ]
    refuse_if(any(foreign), RejectCode.INVALID_COMBINATION)
    old = (order.price, order.trigger, order.quantity)
    order.price = command.price or order.price
    order.trigger = command.trigger_price or order.trigger
    order.quantity = command.quantity or order.quantity
    refuse_if(old == (order.price, order.trigger, order.quantity), RejectCode.NOTHING_TO_AMEND)
    below = not order.is_budget and order.quantity <= order.filled
    refuse_if(below, RejectCode.QUANTITY_BELOW_FILLED)
    order.worst_price = worst_price(order)
    return old[:2] == (order.price, order.trigger) and order.quantity < old[2]
