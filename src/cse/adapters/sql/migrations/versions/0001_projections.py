"""The projections: listings, accounts, orders, trades, fills, balances, ledger, positions."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _positions()
    _listings()
    _accounts()
    _orders()
    _trades()
    _ledger()


def downgrade() -> None:
    for table in (
        "ledger_entries",
        "fills",
        "candles",
        "trades",
        "orders",
        "balances",
        "accounts",
        "markets",
        "fee_tiers",
        "assets",
        "projection_positions",
    ):
        op.drop_table(table)


def _key(name: str, kind: Any = None) -> sa.Column[Any]:
    return sa.Column(name, kind or sa.BigInteger(), autoincrement=False, nullable=False)


def _big(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _int(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _small(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.SmallInteger(), nullable=False) for name in names]


def _flag(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Boolean(), nullable=False) for name in names]


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False)


def _positions() -> None:
    op.create_table(
        "projection_positions",
        _key("name", sa.String(32)),
        sa.Column("venue_id", sa.LargeBinary(16), nullable=False),
        *_big("sequence", "time_ms", "checked_sequence"),
        sa.Column("checked_hash", sa.LargeBinary(32)),
        sa.PrimaryKeyConstraint("name", name="pk_projection_positions"),
        sqlite_with_rowid=False,
    )


def _listings() -> None:
    op.create_table(
        "assets",
        _key("asset_id", ID),
        _text("symbol", 16),
        *_small("scale"),
        *_big("sequence"),
        sa.PrimaryKeyConstraint("asset_id", name="pk_assets"),
        sa.UniqueConstraint("symbol", name="uq_assets_symbol"),
    )
    op.create_table(
        "fee_tiers",
        _key("tier", sa.Integer()),
        *_int("maker_ppm", "taker_ppm"),
        *_big("sequence"),
        sa.PrimaryKeyConstraint("tier", name="pk_fee_tiers"),
    )
    op.create_table(
        "markets",
        _key("market_id", ID),
        _text("symbol", 32),
        sa.Column("base_asset_id", ID, nullable=False),
        sa.Column("quote_asset_id", ID, nullable=False),
        *_small("price_scale"),
        *_big("tick_size", "lot_size", "min_quantity", "max_quantity", "min_notional", "band_ppm"),
        *_big("reference_price"),
        *_int("max_open_orders"),
        *_small("status"),
        *_big("unit_notional", "sequence"),
        sa.PrimaryKeyConstraint("market_id", name="pk_markets"),
        sa.UniqueConstraint("symbol", name="uq_markets_symbol"),
        sa.ForeignKeyConstraint(
            ["base_asset_id"], ["assets.asset_id"], name="fk_markets_base_asset_id_assets"
        ),
        sa.ForeignKeyConstraint(
            ["quote_asset_id"], ["assets.asset_id"], name="fk_markets_quote_asset_id_assets"
        ),
    )


def _accounts() -> None:
    op.create_table(
        "accounts",
        _key("account_id", ID),
        *_small("status", "fee_tier"),
        *_big("opened_at", "cancel_after", "sequence"),
        sa.PrimaryKeyConstraint("account_id", name="pk_accounts"),
    )
    op.create_table(
        "balances",
        _key("account_id"),
        _key("asset_id"),
        *_big("available", "held", "sequence"),
        sa.PrimaryKeyConstraint("account_id", "asset_id", name="pk_balances"),
        sqlite_with_rowid=False,
    )


def _orders() -> None:
    op.create_table(
        "orders",
        *(_key("account_id"), _key("order_id")),
        *_big("market_id"),
        *_small("side", "type", "time_in_force", "stp"),
        *_flag("post_only"),
        *_big("price", "trigger_price", "quantity", "quote_quantity", "expires_at", "held"),
        _text("client_order_id", 36),
        *_big("created_at", "updated_at", "sequence", "filled_quantity", "quote_filled"),
        *_flag("triggered"),
        *_small("close_reason"),
        sa.PrimaryKeyConstraint("account_id", "order_id", name="pk_orders"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_orders_order_id", "orders", ["order_id"], postgresql_using="hash")
    op.create_index(
        "ix_orders_account_id_market_id_order_id", "orders", ["account_id", "market_id", "order_id"]
    )
    is_open = sa.text("close_reason = 0")
    op.create_index(
        "ix_orders_open",
        "orders",
        ["account_id", "order_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    is_named = sa.text("client_order_id != ''")
    op.create_index(
        "ix_orders_client_order_id",
        "orders",
        ["account_id", "client_order_id", "order_id"],
        sqlite_where=is_named,
        postgresql_where=is_named,
    )


def _trades() -> None:
    op.create_table(
        "trades",
        _key("market_id"),
        _key("trade_id"),
        *_big("price", "quantity", "quote_amount"),
        *_small("taker_side"),
        *_big("maker_order_id", "taker_order_id", "time_ms", "sequence"),
        sa.PrimaryKeyConstraint("market_id", "trade_id", name="pk_trades"),
        sqlite_with_rowid=False,
    )
    candle = ["market_id", "time_ms", "trade_id", "price", "quantity", "quote_amount"]
    op.create_index("ix_trades_candles", "trades", candle)
    op.create_table(
        "candles",
        *(_key("market_id"), _key("open_time_ms")),
        *_big("open", "high", "low", "close"),
        *_big("volume_high", "volume_low", "quote_volume_high", "quote_volume_low"),
        *_big("trades", "sequence"),
        sa.PrimaryKeyConstraint("market_id", "open_time_ms", name="pk_candles"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fills",
        *(_key("account_id"), _key("sequence"), _key("position", sa.Integer())),
        *_big("market_id", "trade_id", "order_id"),
        *_small("side"),
        *_big("price", "quantity", "quote_amount", "fee", "fee_asset_id"),
        *_flag("is_taker"),
        *_big("time_ms"),
        sa.PrimaryKeyConstraint("account_id", "sequence", "position", name="pk_fills"),
        sqlite_with_rowid=False,
    )
    by_market = ["account_id", "market_id", "sequence", "position"]
    op.create_index("ix_fills_account_id_market_id_sequence_position", "fills", by_market)
    by_order = ["order_id", "sequence", "position"]
    op.create_index("ix_fills_order_id_sequence_position", "fills", by_order)


def _ledger() -> None:
    op.create_table(
        "ledger_entries",
        *(_key("account_id"), _key("sequence"), _key("position", sa.Integer())),
        *_int("movement"),
        *_big("asset_id"),
        *_small("bucket"),
        *_big("amount", "balance"),
        *_small("reason"),
        *_big("market_id", "reference", "time_ms"),
        sa.PrimaryKeyConstraint("account_id", "sequence", "position", name="pk_ledger_entries"),
        sqlite_with_rowid=False,
    )
    by_asset = ["account_id", "asset_id", "sequence", "position"]
    op.create_index(
        "ix_ledger_entries_account_id_asset_id_sequence_position", "ledger_entries", by_asset
    )
