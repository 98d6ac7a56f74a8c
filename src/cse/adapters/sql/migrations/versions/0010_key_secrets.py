"""API keys: sealed HMAC secrets, and what a key had before its last rotation."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("api_keys") as table:
        table.add_column(sa.Column("sealed_secret", sa.LargeBinary(128)))
        table.add_column(sa.Column("old_public_key", sa.LargeBinary(32)))
        table.add_column(sa.Column("old_sealed_secret", sa.LargeBinary(128)))
        table.add_column(sa.Column("old_until", sa.BigInteger()))


def downgrade() -> None:
    with op.batch_alter_table("api_keys") as table:
        for name in ("old_until", "old_sealed_secret", "old_public_key", "sealed_secret"):
            table.drop_column(name)
