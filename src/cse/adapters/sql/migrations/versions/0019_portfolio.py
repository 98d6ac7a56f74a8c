"""Where deposits, withdrawals and transfers stand in the ledger: what portfolios are added up from besides fills."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_MOVE = sa.text("reason IN (1, 3, 5)")
"""cse.projections.ledger.Reason: DEPOSIT, WITHDRAWAL_SETTLE and TRANSFER"""


def upgrade() -> None:
    op.create_index(
        "ix_ledger_entries_moves",
        "ledger_entries",
        ["account_id", "sequence", "position"],
        sqlite_where=_MOVE,
        postgresql_where=_MOVE,
    )


def downgrade() -> None:
    op.drop_index("ix_ledger_entries_moves", "ledger_entries")
