"""Sessions: where and with what they began, when and from where they were used last, when they end for good."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TEXTS = {"began_from": 45, "used_from": 45, "user_agent": 256}
_LONGEST_MS = 7_776_000_000
"""90 days: sessions that began before this was there end so long after they began."""


def upgrade() -> None:
    # Column by column, not in a batch: SQLite would make the table anew, and its refresh tokens would go.
    for name in ("ends_at", "used_at"):
        column = sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        op.add_column("sessions", column)
    for name, length in _TEXTS.items():
        text = sa.Column(name, sa.String(length), nullable=False, server_default="")
        op.add_column("sessions", text)
    began = sa.column("created_at", sa.BigInteger())
    there = sa.table("sessions", sa.column("used_at"), sa.column("ends_at"), began)
    op.execute(sa.update(there).values(used_at=began, ends_at=began + _LONGEST_MS))


def downgrade() -> None:
    for name in (*_TEXTS, "ends_at", "used_at"):
        op.drop_column("sessions", name)
