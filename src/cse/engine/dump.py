"""The state as records in canonical order, and the hash over them: the same for every implementation."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from cse.engine.model import Account, Market, Order
from cse.engine.state import State
from cse.messages import records as r
from cse.messages.codec import encode_frame
from cse.messages.wire import Record

HASH_SIZE = 32


def hash_records(records: Iterable[Record]) -> bytes:
    """Return BLAKE2b-256 over the records' frames (sequence, time and index 0 in their headers)."""
    digest = blake2b(digest_size=HASH_SIZE)
    for record in records:
        digest.update(encode_frame(record))
    return digest.digest()


def dump(state: State) -> Iterator[Record]:
    """Yield every record of the state. The state must not change meanwhile."""
    yield r.StateRecord(state.sequence, state.time_ms, state.next_order_id, state.next_priority)
    for _, asset in sorted(state.assets.items()):
        yield r.AssetRecord(asset.asset_id, asset.symbol, asset.scale, asset.custody)
    for _, tier in sorted(state.fee_tiers.items()):
        yield r.FeeTierRecord(tier.tier, tier.maker_ppm, tier.taker_ppm)
    for _, market in sorted(state.markets.items()):
        yield _market(market)
    accounts = [account for _, account in sorted(state.accounts.items())]
    for account in accounts:
        yield r.AccountRecord(
            account.account_id, account.status, account.fee_tier.tier, account.cancel_after
        )
    for account in accounts:
        yield from _balances(account)
    for _, order in sorted(state.orders.items()):
        yield _order(order)
    for position, order_id in enumerate(state.trigger_queue):
        yield r.TriggerQueueRecord(position, order_id)
    for account in accounts:
        yield from _client_ids(account)
    for key, known in sorted(state.money_keys.items()):
        yield r.MoneyKeyRecord(
            key,
            known.command_type,
            known.account_id,
            known.to_account_id,
            known.asset_id,
            known.amount,
            known.status,
        )


def _market(market: Market) -> r.MarketRecord:
    return r.MarketRecord(
        market.market_id,
        market.symbol,
        market.base.asset_id,
        market.quote.asset_id,
        market.price_scale,
        market.tick_size,
        market.lot_size,
        market.min_quantity,
        market.max_quantity,
        market.min_notional,
        market.band_ppm,
        market.reference_price,
        market.max_open_orders,
        market.status,
        market.unit_notional,
        market.last_price,
        market.last_trade_id,
    )


def _balances(account: Account) -> Iterator[r.BalanceRecord]:
    for asset_id, balance in sorted(account.balances.items()):
        if balance.available or balance.held:
            yield r.BalanceRecord(account.account_id, asset_id, balance.available, balance.held)


def _order(order: Order) -> r.OrderRecord:
    return r.OrderRecord(
        order.order_id,
        order.account.account_id,
        order.market.market_id,
        order.side,
        order.type,
        order.time_in_force,
        order.stp,
        order.post_only,
        order.level is not None,
        order.price,
        order.trigger_price,
        order.quantity,
        order.filled,
        order.quote_quantity,
        order.quote_filled,
        order.held,
        order.expires_at,
        order.priority,
        order.created_at,
        order.updated_at,
        order.client_order_id,
    )


def _client_ids(account: Account) -> Iterator[r.ClientIdRecord]:
    for position, (name, known) in enumerate((account.client_ids or {}).items()):
        yield r.ClientIdRecord(
            account.account_id, position, known.order_id, known.fingerprint, name
        )
