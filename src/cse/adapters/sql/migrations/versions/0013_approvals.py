"""Acts of staff that wait for a second person; searching the audit log by address and session."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("number", ID, autoincrement=True, nullable=False),
        sa.Column("act", sa.String(48), nullable=False),
        sa.Column("object", sa.String(128), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("subjects", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("ip", sa.String(64), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_approvals"),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["users.user_id"], name="fk_approvals_proposed_by_users"
        ),
        sa.UniqueConstraint("key", name="uq_approvals_key"),
    )
    op.create_index("ix_approvals_status_number", "approvals", ["status", "number"])
    executing = sa.text("status = 'executing'")
    op.create_index(
        "uq_approvals_executing",
        "approvals",
        ["object"],
        unique=True,
        sqlite_where=executing,
        postgresql_where=executing,
    )
    op.create_table(
        "approval_votes",
        sa.Column("approval", ID, autoincrement=False, nullable=False),
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("approval", "user_id", name="pk_approval_votes"),
        sa.ForeignKeyConstraint(
            ["approval"], ["approvals.number"], name="fk_approval_votes_approval_approvals"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name="fk_approval_votes_user_id_users"
        ),
    )
    for column in ("ip", "session_id"):  # auditors search by them
        op.create_index(f"ix_audit_log_{column}_number", "audit_log", [column, "number"])


def downgrade() -> None:
    for column in ("ip", "session_id"):
        op.drop_index(f"ix_audit_log_{column}_number", table_name="audit_log")
    op.drop_table("approval_votes")
    op.drop_table("approvals")
