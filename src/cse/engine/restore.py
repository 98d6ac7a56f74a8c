"""From records back to a state. Contradictions are refused: a snapshot is believed only when it fits."""

from collections import OrderedDict
from collections.abc import Callable, Container, Iterable
from typing import Any, Final

from cse.core.errors import CodecError
from cse.core.ids import FEE_ACCOUNT
from cse.engine.book import OrderBook
from cse.engine.credible import check_state
from cse.engine.lifecycle import register
from cse.engine.machine import PythonEngine
from cse.engine.model import BUY, Account, Asset, FeeTier, Market, MoneyKey, Order, RememberedOrder
from cse.engine.state import State
from cse.engine.triggers import TriggerBook
from cse.messages import records as r
from cse.messages.wire import Record


def restore(records: Iterable[Record]) -> PythonEngine:
    """Return an engine with the state of these records, given in canonical order.

    Raises:
        CodecError: the records contradict each other, are incomplete or out of order.
    """
    state = State()
    resting: list[tuple[int, Order]] = []
    last_kind = 0
    try:
        for record in records:
            kind = _ORDER[type(record)]
            if kind < last_kind:
                raise CodecError(f"{type(record).__name__} out of order")
            last_kind = kind
            if isinstance(record, r.OrderRecord):
                order = _order(state, record)
                if record.resting:
                    resting.append((record.priority, order))
                else:
                    order.market.triggers.add(order)
            else:
                _LOADERS[type(record)](state, record)
    except KeyError as error:
        raise CodecError(f"a record names something that does not exist: {error}") from error
    for priority, order in sorted(resting, key=lambda pair: pair[0]):
        order.priority = priority
        order.market.book.own(order.side).add(order)
    check_state(state)
    return PythonEngine(state)


def _refuse_twice(known: Container[object], key: object, record: Record) -> None:
    if key in known:
        raise CodecError(f"{type(record).__name__} {key!r} twice")


def _state(state: State, record: r.StateRecord) -> None:
    state.sequence, state.time_ms = record.sequence, record.time_ms
    state.next_order_id, state.next_priority = record.next_order_id, record.next_priority


def _asset(state: State, record: r.AssetRecord) -> None:
    _refuse_twice(state.assets, record.asset_id, record)
    state.assets[record.asset_id] = Asset(
        record.asset_id, record.symbol, record.scale, record.custody
    )


def _fee_tier(state: State, record: r.FeeTierRecord) -> None:
    tier = state.fee_tiers.setdefault(record.tier, FeeTier(record.tier, 0, 0))
    tier.maker_ppm, tier.taker_ppm = record.maker_ppm, record.taker_ppm


def _market(state: State, record: r.MarketRecord) -> None:
    _refuse_twice(state.markets, record.market_id, record)
    fees = state.accounts[FEE_ACCOUNT]
    market = Market(
        record.market_id,
        record.symbol,
        state.assets[record.base_asset_id],
        state.assets[record.quote_asset_id],
        record.price_scale,
        record.tick_size,
        record.lot_size,
        record.min_quantity,
        record.max_quantity,
        record.min_notional,
        record.band_ppm,
        record.reference_price,
        record.max_open_orders,
        record.status,
        record.unit_notional,
        fees.balance(record.base_asset_id),
        fees.balance(record.quote_asset_id),
        OrderBook(),
        TriggerBook(),
        record.last_price,
        record.last_trade_id,
    )
    market.set_band()
    state.markets[record.market_id] = market


def _account(state: State, record: r.AccountRecord) -> None:
    account = state.accounts.setdefault(
        record.account_id, Account(record.account_id, state.fee_tiers[record.fee_tier])
    )
    account.fee_tier = state.fee_tiers[record.fee_tier]
    account.status = record.status
    if record.cancel_after:
        state.set_cancel_after(account, record.cancel_after)


def _balance(state: State, record: r.BalanceRecord) -> None:
    _ = state.assets[record.asset_id]
    balance = state.accounts[record.account_id].balance(record.asset_id)
    balance.available, balance.held = record.available, record.held


def _order(state: State, record: r.OrderRecord) -> Order:
    _refuse_twice(state.orders, record.order_id, record)
    account, market = state.accounts[record.account_id], state.markets[record.market_id]
    base, quote = account.balance(market.base.asset_id), account.balance(market.quote.asset_id)
    pays, receives = (quote, base) if record.side == BUY else (base, quote)
    order = Order(
        record.order_id,
        account,
        market,
        record.side,
        record.type,
        record.time_in_force,
        record.stp,
        record.post_only,
        record.price,
        record.trigger_price,
        record.quantity,
        record.quantity - record.filled_quantity,
        record.quote_quantity,
        record.expires_at,
        record.client_order_id,
        record.created_at,
        record.updated_at,
        pays,
        receives,
        record.held,
        record.quote_filled,
    )
    register(state, order)
    return order


def _trigger_queue(state: State, record: r.TriggerQueueRecord) -> None:
    order = state.orders[record.order_id]
    order.market.triggers.remove(order)
    state.trigger_queue[record.order_id] = order


def _client_id(state: State, record: r.ClientIdRecord) -> None:
    account = state.accounts[record.account_id]
    if account.client_ids is None:
        account.client_ids = OrderedDict()
    _refuse_twice(account.client_ids, record.client_order_id, record)
    account.client_ids[record.client_order_id] = RememberedOrder(
        record.order_id, record.fingerprint
    )


def _money_key(state: State, record: r.MoneyKeyRecord) -> None:
    _refuse_twice(state.money_keys, record.key, record)
    state.money_keys[record.key] = MoneyKey(
        record.command_type,
        record.account_id,
        record.to_account_id,
        record.asset_id,
        record.amount,
        record.status,
    )


_LOADERS: Final[dict[type[Record], Callable[[State, Any], None]]] = {
    r.StateRecord: _state,
    r.AssetRecord: _asset,
    r.FeeTierRecord: _fee_tier,
    r.MarketRecord: _market,
    r.AccountRecord: _account,
    r.BalanceRecord: _balance,
    r.TriggerQueueRecord: _trigger_queue,
    r.ClientIdRecord: _client_id,
    r.MoneyKeyRecord: _money_key,
}

_KINDS: Final[tuple[type[Record], ...]] = (
    r.StateRecord,
    r.AssetRecord,
    r.FeeTierRecord,
    r.MarketRecord,
    r.AccountRecord,
    r.BalanceRecord,
    r.OrderRecord,
    r.TriggerQueueRecord,
    r.ClientIdRecord,
    r.MoneyKeyRecord,
)
_ORDER: Final = {kind: position for position, kind in enumerate(_KINDS)}
