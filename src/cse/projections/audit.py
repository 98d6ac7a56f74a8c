"""The fold against the engine: two sums over the same events that must agree."""

from collections.abc import Iterable
from typing import Any

from cse.messages import records as r
from cse.messages.wire import Record
from cse.projections.fold import Fold
from cse.projections.ledger import OUTSIDE_ACCOUNT
from cse.projections.views import OrderView


def differences(fold: Fold, records: Iterable[Record]) -> list[str]:
    """Return every way in which the fold and an engine's records at the same command differ.

    Compared are balances, custody, open orders and accounts; nothing to report is an empty list.
    """
    records = list(records)
    wanted = {key: value for record in records for key, value in _of_record(record)}
    found = _of_fold(fold)
    return [
        f"{key}: the engine has {wanted.get(key)}, the events add up to {found.get(key)}"
        for key in sorted(wanted.keys() | found.keys(), key=repr)
        if wanted.get(key) != found.get(key)
    ]


def _of_record(record: Record) -> list[tuple[Any, Any]]:
    if isinstance(record, r.StateRecord):
        return [("sequence", record.sequence), ("time_ms", record.time_ms)]
    if isinstance(record, r.AssetRecord):
        return [(("custody", record.asset_id), record.custody)]
    if isinstance(record, r.BalanceRecord):
        key = ("balance", record.account_id, record.asset_id)
        return [(key, (record.available, record.held))]
    if isinstance(record, r.AccountRecord):
        return [
            (
                ("account", record.account_id),
                (record.status, record.fee_tier, record.cancel_after),
            )
        ]
    if isinstance(record, r.OrderRecord):
        return [(("order", record.order_id), _order_values(record))]
    return []


def _order_values(order: r.OrderRecord | OrderView) -> tuple[int, ...]:
    return (
        order.account_id,
        order.market_id,
        order.side,
        order.price,
        order.trigger_price,
        order.quantity,
        order.filled_quantity,
        order.quote_quantity,
        order.quote_filled,
        order.held,
        order.created_at,
        order.updated_at,
    )


def _of_fold(fold: Fold) -> dict[Any, Any]:
    balances = fold.ledger.balances
    custody = {
        ("custody", asset_id): -balances[OUTSIDE_ACCOUNT, asset_id].available
        if (OUTSIDE_ACCOUNT, asset_id) in balances
        else 0
        for asset_id in fold.catalog.assets
    }
    return {
        "sequence": fold.sequence,
        "time_ms": fold.time_ms,
        **custody,
        **{
            ("balance", account_id, asset_id): (balance.available, balance.held)
            for (account_id, asset_id), balance in balances.items()
            if account_id != OUTSIDE_ACCOUNT and (balance.available or balance.held)
        },
        **{
            ("account", row.account_id): (row.status, row.fee_tier, row.cancel_after)
            for row in fold.accounts.values()
        },
        **{("order", order.order_id): _order_values(order) for order in fold.orders.by_id.values()},
    }
