"""Candles of every interval, and how far they are.

The new table begins empty: candles are built from the trades after the migration, in small transactions (by
the projector in the background, or by `cse migrate`, with a progress bar), since a long history takes longer
than a migration may hold everybody up. Trades need an index for times only, no longer one that candles are
added up from.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_VALUES = (
    *("open", "high", "low", "close"),
    *("volume_high", "volume_low", "quote_volume_high", "quote_volume_low"),
    *("trades", "sequence"),
)
_BY_TIME = "ix_trades_market_id_time_ms_trade_id"
_MINUTE_MS = 60_000


def upgrade() -> None:
    op.drop_table("candles")
    op.create_table(
        "candles",
        *(_key("market_id"), _key("interval_ms", sa.Integer()), _key("open_time_ms")),
        *_values(),
        sa.PrimaryKeyConstraint("market_id", "interval_ms", "open_time_ms", name="pk_candles"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "candle_positions",
        _key("market_id"),
        sa.Column("trade_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("market_id", name="pk_candle_positions"),
        sqlite_with_rowid=False,
    )
    op.drop_index("ix_trades_candles", "trades")
    op.create_index(_BY_TIME, "trades", ["market_id", "time_ms", "trade_id"])


def downgrade() -> None:
    op.drop_index(_BY_TIME, "trades")
    candle = ["market_id", "time_ms", "trade_id", "price", "quantity", "quote_amount"]
    op.create_index("ix_trades_candles", "trades", candle)
    op.drop_table("candle_positions")
    op.rename_table("candles", "candles_of_all")
    op.create_table(
        "candles",
        *(_key("market_id"), _key("open_time_ms")),
        *_values(),
        sa.PrimaryKeyConstraint("market_id", "open_time_ms", name="pk_candles_of_minutes"),
        sqlite_with_rowid=False,
    )
    columns = ", ".join(f'"{name}"' for name in ("market_id", "open_time_ms", *_VALUES))
    op.execute(
        f"INSERT INTO candles ({columns}) SELECT {columns} FROM candles_of_all "  # noqa: S608  # our own names
        f"WHERE interval_ms = {_MINUTE_MS}"
    )
    op.drop_table("candles_of_all")


def _key(name: str, kind: sa.types.TypeEngine[int] | None = None) -> sa.Column[int]:
    return sa.Column(name, kind or sa.BigInteger(), autoincrement=False, nullable=False)


def _values() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in _VALUES]
