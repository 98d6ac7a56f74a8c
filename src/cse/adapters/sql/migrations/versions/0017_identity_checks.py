"""Identity checks: levels, checks, documents, hits of the sanctions list, how far a list was gone through."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("decided_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "identity_levels",
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_identity_levels"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name="fk_identity_levels_user_id_users"
        ),
    )
    op.create_index(
        "ix_identity_levels_changed_at_user_id", "identity_levels", ["changed_at", "user_id"]
    )
    _checks()
    _documents()
    _hits()
    op.create_table(
        "identity_screenings",
        sa.Column("list_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("check_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("list_digest", name="pk_identity_screenings"),
    )


def _checks() -> None:
    op.create_table(
        "identity_checks",
        sa.Column("check_id", ID, autoincrement=True, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.BigInteger()),
        sa.Column("reviewer_id", sa.BigInteger()),
        sa.Column("claimed_at", sa.BigInteger()),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("check_id", name="pk_identity_checks"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name="fk_identity_checks_user_id_users"
        ),
    )
    op.create_index(
        "uq_identity_checks_user_id_open",
        "identity_checks",
        ["user_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_identity_checks_user_id_check_id", "identity_checks", ["user_id", "check_id"]
    )
    op.create_index("ix_identity_checks_status_check_id", "identity_checks", ["status", "check_id"])


def _documents() -> None:
    op.create_table(
        "identity_documents",
        sa.Column("document_id", ID, autoincrement=True, nullable=False),
        sa.Column("check_id", ID, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("media", sa.String(32), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("file_name", sa.String(32), nullable=False),
        sa.Column("uploaded_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("document_id", name="pk_identity_documents"),
        sa.ForeignKeyConstraint(
            ["check_id"],
            ["identity_checks.check_id"],
            name="fk_identity_documents_check_id_identity_checks",
        ),
        sa.UniqueConstraint("file_name", name="uq_identity_documents_file_name"),
    )
    op.create_index("ix_identity_documents_check_id", "identity_documents", ["check_id"])


def _hits() -> None:
    op.create_table(
        "identity_hits",
        sa.Column("hit_id", ID, autoincrement=True, nullable=False),
        sa.Column("check_id", ID, nullable=False),
        sa.Column("entry_id", sa.String(64), nullable=False),
        sa.Column("entry_name", sa.String(300), nullable=False),
        sa.Column("entry_digest", sa.LargeBinary(16), nullable=False),
        sa.Column("likeness", sa.SmallInteger(), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("decided_by", sa.BigInteger()),
        sa.PrimaryKeyConstraint("hit_id", name="pk_identity_hits"),
        sa.ForeignKeyConstraint(
            ["check_id"],
            ["identity_checks.check_id"],
            name="fk_identity_hits_check_id_identity_checks",
        ),
        sa.UniqueConstraint(
            "check_id", "entry_digest", name="uq_identity_hits_check_id_entry_digest"
        ),
    )
    op.create_index("ix_identity_hits_status_hit_id", "identity_hits", ["status", "hit_id"])


def downgrade() -> None:
    for table in (
        "identity_screenings",
        "identity_hits",
        "identity_documents",
        "identity_checks",
        "identity_levels",
    ):
        op.drop_table(table)
