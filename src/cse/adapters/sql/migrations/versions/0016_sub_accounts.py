"""Sub-accounts, their API keys, and where transfers between accounts stand in the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TRANSFER = sa.text("reason = 5")
"""cse.projections.ledger.Reason.TRANSFER"""


def upgrade() -> None:
    op.create_table(
        "sub_accounts",
        sa.Column("number", ID, autoincrement=True, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("number", name="pk_sub_accounts"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name="fk_sub_accounts_user_id_users"
        ),
        sa.UniqueConstraint("account_id", name="uq_sub_accounts_account_id"),
    )
    op.create_index("ix_sub_accounts_user_id_number", "sub_accounts", ["user_id", "number"])
    op.create_index(
        "uq_sub_accounts_live_label",
        "sub_accounts",
        ["user_id", "label"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    with op.batch_alter_table("api_keys") as table:
        table.add_column(sa.Column("sub_account", ID))
        table.create_foreign_key(
            "fk_api_keys_sub_account_sub_accounts", "sub_accounts", ["sub_account"], ["number"]
        )
    op.create_index("ix_account_openings_done_at", "account_openings", ["done_at"])
    op.create_index(
        "ix_ledger_entries_transfers",
        "ledger_entries",
        ["account_id", "sequence", "position"],
        sqlite_where=_TRANSFER,
        postgresql_where=_TRANSFER,
    )


def downgrade() -> None:
    op.drop_index("ix_ledger_entries_transfers", "ledger_entries")
    op.drop_index("ix_account_openings_done_at", "account_openings")
    with op.batch_alter_table("api_keys") as table:
        table.drop_constraint("fk_api_keys_sub_account_sub_accounts", type_="foreignkey")
        table.drop_column("sub_account")
    op.drop_table("sub_accounts")
