"""Changes as rows: which values go into which columns, and which of them may change later."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Table

from cse.adapters.sql import tables
from cse.adapters.sql.candles import candle_rows, last_ids
from cse.projections.changes import AccountRow, Changes, TradeRow
from cse.projections.ledger import Balance, Bucket, Reason
from cse.projections.views import FillView, LedgerEntry, OrderView

Row = tuple[Any, ...]

Updates = tuple[tuple[str, str], ...]
"""Columns, each with the SQL that gives its new value (`excluded` is the row that came too late)."""

OPEN: Final = 0
"""`orders.close_reason` of an open order."""

BUCKETS: Final = {bucket.name.lower(): int(bucket) for bucket in Bucket}
REASONS: Final = {reason.name.lower(): int(reason) for reason in Reason}


class RowSet(NamedTuple):
    """Rows for one table, values in the order of the table's columns."""

    table: Table
    rows: list[Row]
    updates: Updates
    """What changes when a row is there already; empty: rows are only ever added."""


def _over(*names: str) -> Updates:
    """Write the new values over the old ones."""
    return tuple((name, f'excluded."{name}"') for name in names)


def _added(*names: str) -> Updates:
    """Add the new values to the old ones."""
    return tuple((name, f'candles."{name}" + excluded."{name}"') for name in names)


def _extreme(name: str, sign: str) -> Updates:
    """Keep the old value or take the new one, if that is higher (">") or lower ("<")."""
    new, old = f'excluded."{name}"', f'candles."{name}"'
    return ((name, f"CASE WHEN {new} {sign} {old} THEN {new} ELSE {old} END"),)


_ACCOUNT_UPDATES: Final = _over("status", "fee_tier", "cancel_after", "sequence")
_BALANCE_UPDATES: Final = _over("available", "held", "sequence")
CANDLE_UPDATES: Final = (
    *_extreme("high", ">"),
    *_extreme("low", "<"),
    *_over("close", "sequence"),
    *_added("volume_high", "volume_low", "quote_volume_high", "quote_volume_low", "trades"),
)
POSITION_UPDATES: Final = _over("trade_id")
_ORDER_UPDATES: Final = _over(
    "price",
    "trigger_price",
    "quantity",
    "quote_quantity",
    "held",
    "updated_at",
    "sequence",
    "filled_quantity",
    "quote_filled",
    "triggered",
    "close_reason",
)


def row_sets(changes: Changes, without_candles: Collection[int] = ()) -> Iterator[RowSet]:
    """Yield what is to be written, table by table; referenced tables come first.

    Args:
        changes: what happened.
        without_candles: markets whose candles are behind their trades: others add these trades to them later.
    """
    yield from _listings(changes)
    yield RowSet(tables.accounts, list(map(_account, changes.accounts.values())), _ACCOUNT_UPDATES)
    yield RowSet(tables.orders, list(map(_order, changes.orders.values())), _ORDER_UPDATES)
    yield RowSet(tables.balances, list(map(_balance, changes.balances.values())), _BALANCE_UPDATES)
    yield RowSet(tables.trades, list(map(_trade, changes.trades)), ())
    yield from candle_sets(
        [row for row in changes.trades if row.trade.market_id not in without_candles]
    )
    yield RowSet(tables.fills, list(map(_fill, changes.fills)), ())
    yield RowSet(tables.ledger_entries, list(map(_entry, changes.ledger)), ())


def candle_sets(made: Sequence[TradeRow]) -> Iterator[RowSet]:
    """Yield what trades, in order, add to the candles, and that they are in these now."""
    traded = ((t.market_id, t.price, t.quantity, t.quote_amount, ms, seq) for t, ms, seq in made)
    yield RowSet(tables.candles, list(candle_rows(traded)), CANDLE_UPDATES)
    ids = ((row.trade.market_id, row.trade.trade_id) for row in made)
    yield RowSet(tables.candle_positions, list(last_ids(ids)), POSITION_UPDATES)


def _listings(changes: Changes) -> Iterator[RowSet]:
    listings: tuple[tuple[str, Table, Mapping[int, Any], Callable[[Any], Row]], ...] = (
        ("asset", tables.assets, changes.assets, lambda a: (a.asset_id, a.symbol, a.scale)),
        (
            "fee_tier",
            tables.fee_tiers,
            changes.fee_tiers,
            lambda t: (t.tier, t.maker_ppm, t.taker_ppm),
        ),
        ("market", tables.markets, changes.markets, _market),
    )
    for kind, table, listed, row in listings:
        rows = [
            (*row(item), changes.listed_at.get((kind, item_id), 0))
            for item_id, item in listed.items()
        ]
        updates = _over(*(c.name for c in table.columns if not c.primary_key))
        yield RowSet(table, rows, updates)


def _market(m: Any) -> Row:
    return (
        m.market_id,
        m.symbol,
        m.base.asset_id,
        m.quote.asset_id,
        m.price_scale,
        m.tick_size,
        m.lot_size,
        m.min_quantity,
        m.max_quantity,
        m.min_notional,
        m.band_ppm,
        m.reference_price,
        m.max_open_orders,
        m.status,
        m.unit_notional,
    )


def _account(a: AccountRow) -> Row:
    return (a.account_id, a.status, a.fee_tier, a.opened_at, a.cancel_after, a.sequence)


def _balance(b: Balance) -> Row:
    return (b.account_id, b.asset_id, b.available, b.held, b.sequence)


def _order(o: OrderView) -> Row:
    return (
        o.account_id,
        o.order_id,
        o.market_id,
        o.side,
        o.type,
        o.time_in_force,
        o.stp,
        o.post_only,
        o.price,
        o.trigger_price,
        o.quantity,
        o.quote_quantity,
        o.expires_at,
        o.held,
        o.client_order_id,
        o.created_at,
        o.updated_at,
        o.sequence,
        o.filled_quantity,
        o.quote_filled,
        o.triggered,
        o.close_reason or OPEN,
    )


def _trade(row: TradeRow) -> Row:
    trade, time_ms, sequence = row
    return (
        trade.market_id,
        trade.trade_id,
        trade.price,
        trade.quantity,
        trade.quote_amount,
        trade.taker_side,
        trade.maker_order_id,
        trade.taker_order_id,
        time_ms,
        sequence,
    )


def _fill(f: FillView) -> Row:
    return (
        f.account_id,
        f.sequence,
        f.position,
        f.market_id,
        f.trade_id,
        f.order_id,
        f.side,
        f.price,
        f.quantity,
        f.quote_amount,
        f.fee,
        f.fee_asset_id,
        f.is_taker,
        f.time_ms,
    )


def _entry(e: LedgerEntry) -> Row:
    return (
        e.account_id,
        e.sequence,
        e.position,
        e.movement,
        e.asset_id,
        BUCKETS[e.bucket],
        e.amount,
        e.balance,
        REASONS[e.reason],
        e.market_id,
        e.reference,
        e.time_ms,
    )
