"""Identities at other providers, linked to people."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "linked_identities",
        sa.Column("identity_id", ID, autoincrement=True, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("channel_id", sa.String(255)),
        sa.Column("channel_name", sa.String(64)),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("identity_id", name="pk_linked_identities"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name="fk_linked_identities_user_id_users"
        ),
        sa.UniqueConstraint("provider", "subject", name="uq_linked_identities_provider_subject"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_linked_identities_user_id", "linked_identities", ["user_id"])


def downgrade() -> None:
    op.drop_table("linked_identities")
