"""The fold against the engine: two sums over the same events that must agree."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from cse.messages import records as r
from cse.messages.wire import Record
from cse.projections.fold import Fold
from cse.projections.ledger import OUTSIDE_ACCOUNT, Balance
from cse.projections.views import OrderView

_NOTHING: Final = Balance(0, 0)


class _Pair(NamedTuple):
    """What the engine says and what the fold says of one thing."""

    name: str
    engine: Any
    fold: Any


def differences(fold: Fold, records: Iterable[Record]) -> list[str]:
    """Return every way in which the fold and an engine's records at the same command differ.

    Compared are position, custody, balances, accounts and open orders. The records are gone through once
    and none is kept. Nothing to report is an empty list.
    """
    found: list[str] = []
    kinds: Counter[type[Record]] = Counter()
    for record in records:
        kinds[type(record)] += 1
        compare = _COMPARISONS.get(type(record))
        if compare is None:
            continue
        pair = compare(fold, record)
        if pair.engine != pair.fold:
            found.append(f"{pair.name}: the engine has {pair.engine}, the events {pair.fold}")
    for kind, count in _counts(fold).items():
        if kinds[kind] != count:
            found.append(f"{kind.__name__}: the engine has {kinds[kind]}, the events {count}")
    return found


def _counts(fold: Fold) -> dict[type[Record], int]:
    """How many of each there must be: what only the fold has would not be met among the records."""
    balances = sum(
        1
        for balance in fold.ledger.balances.values()
        if balance.account_id != OUTSIDE_ACCOUNT and (balance.available or balance.held)
    )
    return {
        r.AssetRecord: len(fold.catalog.assets),
        r.AccountRecord: len(fold.accounts),
        r.BalanceRecord: balances,
        r.OrderRecord: len(fold.orders.by_id),
    }


def _position(fold: Fold, record: r.StateRecord) -> _Pair:
    return _Pair("position", (record.sequence, record.time_ms), (fold.sequence, fold.time_ms))


def _custody(fold: Fold, record: r.AssetRecord) -> _Pair:
    outside = fold.ledger.balances.get((OUTSIDE_ACCOUNT, record.asset_id), _NOTHING)
    return _Pair(f"custody of asset {record.asset_id}", record.custody, -outside.available)


def _account(fold: Fold, record: r.AccountRecord) -> _Pair:
    row = fold.accounts.get(record.account_id)
    return _Pair(
        f"account {record.account_id}",
        (record.status, record.fee_tier, record.cancel_after),
        row and (row.status, row.fee_tier, row.cancel_after),
    )


def _balance(fold: Fold, record: r.BalanceRecord) -> _Pair:
    balance = fold.ledger.balances.get((record.account_id, record.asset_id), _NOTHING)
    return _Pair(
        f"account {record.account_id}, asset {record.asset_id}",
        (record.available, record.held),
        (balance.available, balance.held),
    )


def _order(fold: Fold, record: r.OrderRecord) -> _Pair:
    order = fold.orders.by_id.get(record.order_id)
    return _Pair(f"order {record.order_id}", _terms(record), order and _terms(order))


def _terms(order: r.OrderRecord | OrderView) -> tuple[int, ...]:
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


_COMPARISONS: Final[dict[type[Record], Callable[[Fold, Any], _Pair]]] = {
    r.StateRecord: _position,
    r.AssetRecord: _custody,
    r.AccountRecord: _account,
    r.BalanceRecord: _balance,
    r.OrderRecord: _order,
}
