"""An index of each account's orders by their last change: what a client missed is one walk along it."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NAME = "ix_orders_account_id_sequence_order_id"


def upgrade() -> None:
    op.create_index(_NAME, "orders", ["account_id", "sequence", "order_id"])


def downgrade() -> None:
    op.drop_index(_NAME, "orders")
