"""Profiles, notification settings, avatars; closures, exports, and what was told of the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _profiles()
    _leaving()
    op.create_table(
        "told_acts",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_told_acts"),
    )
    newest = sa.text(
        "INSERT INTO told_acts SELECT 'letters', coalesce(max(number), 0) FROM audit_log"
    )
    # What was done before this version is told to nobody.
    op.execute(newest)


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=f"fk_{table}_user_id_users")


def _profiles() -> None:
    op.create_table(
        "profiles",
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column("display_name", sa.String(50), nullable=False),
        sa.Column("bio", sa.String(500), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("avatar", sa.String(32), nullable=False),
        sa.Column("muted", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_profiles"),
        _of_person("profiles"),
    )
    op.create_table(
        "avatars",
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "size", name="pk_avatars"),
        _of_person("avatars"),
    )
    op.create_index("ix_avatars_digest_size", "avatars", ["digest", "size"])


def _leaving() -> None:
    op.create_table(
        "closures",
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("purged_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("user_id", name="pk_closures"),
        _of_person("closures"),
    )
    op.create_index("ix_closures_closed_at", "closures", ["closed_at"])
    op.create_table(
        "exports",
        sa.Column("export_id", sa.String(32), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("export_id", name="pk_exports"),
        _of_person("exports"),
    )
    op.create_index("ix_exports_user_id_asked_at", "exports", ["user_id", "asked_at"])


def downgrade() -> None:
    for table in ("told_acts", "exports", "closures", "avatars", "profiles"):
        op.drop_table(table)
