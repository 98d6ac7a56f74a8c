"""What must be true of any state that commands can lead to; records that say otherwise are refused as a whole.

An engine that went on from anything else could run out of money or numbers in the middle of a command.
"""

from collections import Counter
from typing import Final

from cse.core.errors import CodecError
from cse.core.ids import MAX_ID
from cse.core.money import MAX_AMOUNT, MAX_SCALE
from cse.engine.ledger import HOLD_WITHDRAWAL
from cse.engine.limits import MAX_CLIENT_IDS_PER_ACCOUNT, MAX_FEE_PPM
from cse.engine.model import BUY, Order
from cse.engine.state import State
from cse.messages.wire import OrderType, TimeInForce, WithdrawalStatus

MARKET_TYPES: Final = frozenset({OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT})


def check_state(state: State) -> None:
    """Refuse a state whose money does not add up, or whose numbers no commands lead to.

    Raises:
        CodecError: the first thing that cannot be.
    """
    _check_counters(state)
    _check_listings(state)
    for order in state.orders.values():
        _check_order(state, order)
        _check_shape(order)
    for account in state.accounts.values():
        if account.client_ids and len(account.client_ids) > MAX_CLIENT_IDS_PER_ACCOUNT:
            raise CodecError(f"account {account.account_id} has too many client order ids")
    _check_holds(state)
    _check_sums(state)


def _check_counters(state: State) -> None:
    counters = [state.sequence, state.next_order_id, state.next_priority]
    counters += [market.last_trade_id for market in state.markets.values()]
    if max(counters) > MAX_ID:
        raise CodecError(f"a counter stands at {max(counters)}")


def _check_listings(state: State) -> None:
    for asset in state.assets.values():
        if asset.scale > MAX_SCALE:
            raise CodecError(f"{asset.symbol} has {asset.scale} decimals")
    for tier in state.fee_tiers.values():
        if max(tier.maker_ppm, tier.taker_ppm) > MAX_FEE_PPM:
            raise CodecError(f"fee tier {tier.tier} takes more than {MAX_FEE_PPM} ppm")
    for market in state.markets.values():
        sizes = (market.lot_size, market.unit_notional)
        if not 0 < min(sizes) <= max(sizes) <= MAX_AMOUNT:
            raise CodecError(f"{market.symbol} has sizes {sizes}")


def _check_shape(order: Order) -> None:
    if (order.expires_at > 0) != (order.time_in_force == TimeInForce.GTD):
        raise CodecError(f"order {order.order_id} has an expiry that does not go with it")
    may_budget = order.side == BUY and order.type in MARKET_TYPES
    if order.quote_quantity and (not may_budget or order.quantity or order.price):
        raise CodecError(f"order {order.order_id} has a budget that does not go with it")


def _check_order(state: State, order: Order) -> None:
    remaining, unit = order.remaining, order.market.unit_notional
    if order.order_id >= state.next_order_id:
        raise CodecError(f"order {order.order_id} is yet to come")
    if remaining < 0:
        raise CodecError(f"order {order.order_id} is filled beyond its quantity")
    if order.level is not None and not (order.price and remaining):
        raise CodecError(f"order {order.order_id} cannot rest")
    if order.side != BUY:
        cost = remaining * order.market.lot_size
    elif order.price:
        cost = order.price * remaining * unit
    else:  # waits for its trigger; what it will cost without a budget is seen then
        cost = order.quote_quantity or order.held
    if order.held != cost:
        raise CodecError(f"order {order.order_id} holds {order.held}, not {cost}")
    if order.quote_filled + order.price * remaining * unit > MAX_AMOUNT:
        raise CodecError(f"order {order.order_id} could trade for too much")


def _check_holds(state: State) -> None:
    held: Counter[tuple[int, int]] = Counter()
    for order in state.orders.values():
        asset = order.market.quote if order.side == BUY else order.market.base
        held[order.account.account_id, asset.asset_id] += order.held
    for key in state.money_keys.values():
        if key.command_type == HOLD_WITHDRAWAL and key.status == WithdrawalStatus.HELD:
            if not key.amount:
                raise CodecError("a withdrawal holds nothing")
            held[key.account_id, key.asset_id] += key.amount
    for account in state.accounts.values():
        for asset_id, balance in account.balances.items():
            wanted = held.pop((account.account_id, asset_id), 0)
            if balance.held != wanted:
                raise CodecError(
                    f"account {account.account_id} holds {balance.held} of asset {asset_id}, its orders and"
                    f" withdrawals {wanted}"
                )
    if any(held.values()):
        raise CodecError("something is held by nobody")


def _check_sums(state: State) -> None:
    totals = dict.fromkeys(state.assets, 0)
    for account in state.accounts.values():
        for asset_id, balance in account.balances.items():
            totals[asset_id] += balance.available + balance.held
    for asset_id, asset in state.assets.items():
        if not totals[asset_id] == asset.custody <= MAX_AMOUNT:
            raise CodecError(
                f"balances of {asset.symbol} add up to {totals[asset_id]}, custody says {asset.custody}"
            )
