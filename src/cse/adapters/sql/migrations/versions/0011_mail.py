"""Letters that wait to be sent, and links that reset passwords."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mail_outbox",
        sa.Column("number", ID, autoincrement=True, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_mail_outbox"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name="fk_mail_outbox_user_id_users"
        ),
    )
    op.create_index("ix_mail_outbox_due_at", "mail_outbox", ["due_at"])
    op.create_table(
        "password_resets",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("digest", name="pk_password_resets"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name="fk_password_resets_user_id_users"
        ),
    )
    op.create_index("ix_password_resets_user_id", "password_resets", ["user_id"])


def downgrade() -> None:
    op.drop_table("password_resets")
    op.drop_table("mail_outbox")
