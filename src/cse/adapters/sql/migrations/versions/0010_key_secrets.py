"""API keys: sealed HMAC secrets, and what a key had before its last rotation."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0010"
# While 0006 to 0009 are made side by side: after the last of them that is there. Fixed before this ships.
down_revision = max(
    file.name[:4] for file in Path(__file__).parent.glob("00*_*.py") if file.name[:4] < revision
)
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
