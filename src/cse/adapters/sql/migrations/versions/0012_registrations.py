"""Registrations and e-mail changes that wait for their proof; when an address was proved; letters to nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("users", sa.Column("verified_at", sa.BigInteger()))
    with op.batch_alter_table("mail_outbox") as batch:  # letters to addresses that nobody has yet
        batch.alter_column("user_id", existing_type=ID, existing_nullable=False, nullable=True)
    op.create_table(
        "registrations",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("handle", sa.String(20), nullable=False),
        sa.Column("password_hash", sa.String(60), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_registrations"),
    )
    op.create_index("ix_registrations_email", "registrations", ["email"])
    op.create_index("ix_registrations_expires_at", "registrations", ["expires_at"])
    op.create_table(
        "email_links",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_email_links"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name="fk_email_links_user_id_users"
        ),
    )
    for name in ("user_id", "email", "expires_at"):
        op.create_index(f"ix_email_links_{name}", "email_links", [name])


def downgrade() -> None:
    op.drop_table("email_links")
    op.drop_table("registrations")
    outbox = sa.table("mail_outbox", sa.column("user_id"))
    op.execute(sa.delete(outbox).where(outbox.c.user_id.is_(None)))
    with op.batch_alter_table("mail_outbox") as batch:
        batch.alter_column("user_id", existing_type=ID, existing_nullable=True, nullable=False)
    op.drop_column("users", "verified_at")
