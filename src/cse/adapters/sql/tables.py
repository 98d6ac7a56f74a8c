"""The tables of the projections (docs/reference/database.md).

Prices in ticks, quantities in lots, amounts in asset units, times in Unix milliseconds; enumerations are
the numbers of cse.messages.wire. `sequence` is the command that made the row, or changed it last. Rows
come from the journal alone, in bulk: between the large tables stand no foreign keys, the fold has
checked what they would check.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    literal_column,
)

from cse.adapters.sql.metadata import BigId, metadata


def _big(name: str) -> Column[Any]:
    return Column(name, BigInteger, nullable=False)


def _int(name: str) -> Column[Any]:
    return Column(name, Integer, nullable=False)


def _small(name: str) -> Column[Any]:
    return Column(name, SmallInteger, nullable=False)


def _flag(name: str) -> Column[Any]:
    return Column(name, Boolean, nullable=False)


def _key(name: str, kind: Any = BigInteger) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


projection_positions: Final = Table(
    "projection_positions",
    metadata,
    _key("name", String(32)),
    Column("venue_id", LargeBinary(16), nullable=False),
    _big("sequence"),
    _big("time_ms"),
    _big("checked_sequence"),
    Column("checked_hash", LargeBinary(32)),
    sqlite_with_rowid=False,
)

assets: Final = Table(
    "assets",
    metadata,
    _key("asset_id", BigId),
    Column("symbol", String(16), nullable=False, unique=True),
    _small("scale"),
    _big("sequence"),
)

fee_tiers: Final = Table(
    "fee_tiers",
    metadata,
    _key("tier", Integer),
    _int("maker_ppm"),
    _int("taker_ppm"),
    _big("sequence"),
)

markets: Final = Table(
    "markets",
    metadata,
    _key("market_id", BigId),
    Column("symbol", String(32), nullable=False, unique=True),
    Column("base_asset_id", BigId, ForeignKey("assets.asset_id"), nullable=False),
    Column("quote_asset_id", BigId, ForeignKey("assets.asset_id"), nullable=False),
    _small("price_scale"),
    _big("tick_size"),
    _big("lot_size"),
    _big("min_quantity"),
    _big("max_quantity"),
    _big("min_notional"),
    _big("band_ppm"),
    _big("reference_price"),
    _int("max_open_orders"),
    _small("status"),
    _big("unit_notional"),
    _big("sequence"),
)

accounts: Final = Table(
    "accounts",
    metadata,
    _key("account_id", BigId),
    _small("status"),
    _small("fee_tier"),
    _big("opened_at"),
    _big("cancel_after"),
    _big("sequence"),
)

balances: Final = Table(
    "balances",
    metadata,
    _key("account_id"),
    _key("asset_id"),
    _big("available"),
    _big("held"),
    _big("sequence"),
    sqlite_with_rowid=False,
)

orders: Final = Table(
    "orders",
    metadata,
    _key("account_id"),
    _key("order_id"),
    _big("market_id"),
    _small("side"),
    _small("type"),
    _small("time_in_force"),
    _small("stp"),
    _flag("post_only"),
    _big("price"),
    _big("trigger_price"),
    _big("quantity"),
    _big("quote_quantity"),
    _big("expires_at"),
    _big("held"),
    Column("client_order_id", String(36), nullable=False),
    _big("created_at"),
    _big("updated_at"),
    _big("sequence"),
    _big("filled_quantity"),
    _big("quote_filled"),
    _flag("triggered"),
    _small("close_reason"),
    sqlite_with_rowid=False,
)
# Written out and not bound: a partial index is only used where the query says what the index says.
IS_OPEN: Final = orders.c.close_reason == literal_column("0")
IS_CLOSED: Final = orders.c.close_reason != literal_column("0")
IS_NAMED: Final = orders.c.client_order_id != literal_column("''")
# By hash, since an index in the order of ids would tempt PostgreSQL to look for an account's newest
# orders among everybody's newest orders.
Index(None, orders.c.order_id, postgresql_using="hash")
ORDERS_OF_MARKET: Final = Index(None, orders.c.account_id, orders.c.market_id, orders.c.order_id)
Index(  # what a client missed: of open orders the key would change with every fill, and they are few
    "ix_orders_closed",
    orders.c.account_id,
    orders.c.sequence,
    orders.c.order_id,
    sqlite_where=IS_CLOSED,
    postgresql_where=IS_CLOSED,
)
Index(
    "ix_orders_open",
    orders.c.account_id,
    orders.c.order_id,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)
Index(
    "ix_orders_client_order_id",
    orders.c.account_id,
    orders.c.client_order_id,
    orders.c.order_id,
    sqlite_where=IS_NAMED,
    postgresql_where=IS_NAMED,
)

trades: Final = Table(
    "trades",
    metadata,
    _key("market_id"),
    _key("trade_id"),
    _big("price"),
    _big("quantity"),
    _big("quote_amount"),
    _small("taker_side"),
    _big("maker_order_id"),
    _big("taker_order_id"),
    _big("time_ms"),
    _big("sequence"),
    sqlite_with_rowid=False,
)
Index(None, trades.c.market_id, trades.c.time_ms, trades.c.trade_id)

candles: Final = Table(  # of every interval; see candles.py
    "candles",
    metadata,
    _key("market_id"),
    _key("interval_ms", Integer),
    _key("open_time_ms"),
    _big("open"),
    _big("high"),
    _big("low"),
    _big("close"),
    _big("volume_high"),
    _big("volume_low"),
    _big("quote_volume_high"),
    _big("quote_volume_low"),
    _big("trades"),
    _big("sequence"),
    sqlite_with_rowid=False,
)
candle_positions: Final = Table(  # up to which trade candles hold a market; see candle_building.py
    "candle_positions",
    metadata,
    _key("market_id"),
    _big("trade_id"),
    sqlite_with_rowid=False,
)

fills: Final = Table(
    "fills",
    metadata,
    _key("account_id"),
    _key("sequence"),
    _key("position", Integer),
    _big("market_id"),
    _big("trade_id"),
    _big("order_id"),
    _small("side"),
    _big("price"),
    _big("quantity"),
    _big("quote_amount"),
    _big("fee"),
    _big("fee_asset_id"),
    _flag("is_taker"),
    _big("time_ms"),
    sqlite_with_rowid=False,
)
FILLS_OF_MARKET: Final = Index(
    None, fills.c.account_id, fills.c.market_id, fills.c.sequence, fills.c.position
)
Index(None, fills.c.order_id, fills.c.sequence, fills.c.position)

ledger_entries: Final = Table(
    "ledger_entries",
    metadata,
    _key("account_id"),
    _key("sequence"),
    _key("position", Integer),
    _int("movement"),
    _big("asset_id"),
    _small("bucket"),
    _big("amount"),
    _big("balance"),
    _small("reason"),
    _big("market_id"),
    _big("reference"),
    _big("time_ms"),
    sqlite_with_rowid=False,
)
LEDGER_OF_ASSET: Final = Index(
    None,
    ledger_entries.c.account_id,
    ledger_entries.c.asset_id,
    ledger_entries.c.sequence,
    ledger_entries.c.position,
)


def _some_entries(name: str, where: ColumnElement[bool]) -> Index:
    """An index of an account's ledger entries of some reasons only, in their order."""
    entry = ledger_entries.c
    columns = (entry.account_id, entry.sequence, entry.position)
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


IS_TRANSFER: Final = ledger_entries.c.reason == literal_column("5")
"""cse.projections.ledger.Reason.TRANSFER, as text: SQLite uses a partial index for nothing else."""
TRANSFERS: Final = _some_entries("ix_ledger_entries_transfers", IS_TRANSFER)
IS_MOVE: Final = ledger_entries.c.reason.in_([literal_column(reason) for reason in "135"])
"""cse.projections.ledger.Reason: DEPOSIT, WITHDRAWAL_SETTLE and TRANSFER; as text, too."""
MOVES: Final = _some_entries("ix_ledger_entries_moves", IS_MOVE)
