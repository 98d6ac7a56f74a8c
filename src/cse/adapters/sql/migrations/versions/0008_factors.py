"""Second factors: authenticators, recovery codes, counted attempts, and step-ups of sessions."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _of_a_person(
        "totps",
        ["user_id"],
        sa.Column("sealed", sa.LargeBinary(128), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger()),
        sa.Column("last_step", sa.BigInteger()),
    )
    _of_a_person(
        "recovery_codes",
        ["user_id", "digest"],
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
    )
    _of_a_person(
        "factor_attempts",
        ["user_id", "door"],
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "step_ups",
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("proved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_step_ups"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.session_id"],
            name="fk_step_ups_session_id_sessions",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    for table in ("step_ups", "factor_attempts", "recovery_codes", "totps"):
        op.drop_table(table)


def _of_a_person(name: str, key: list[str], *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=f"fk_{name}_user_id_users"),
    )
