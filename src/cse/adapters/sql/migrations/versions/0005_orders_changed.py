"""An index of each account's closed orders by their last change: what a client missed is one walk along it."""

from alembic import op
from sqlalchemy import text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NAME = "ix_orders_closed"
_CLOSED = text("close_reason != 0")


def upgrade() -> None:
    op.create_index(
        _NAME,
        "orders",
        ["account_id", "sequence", "order_id"],
        sqlite_where=_CLOSED,
        postgresql_where=_CLOSED,
    )


def downgrade() -> None:
    op.drop_index(_NAME, "orders")
