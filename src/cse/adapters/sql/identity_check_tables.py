"""The tables of identity checks. Times in Unix milliseconds; `sealed` opens with the data directory's keys only."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from cse.adapters.sql.metadata import BigId, metadata

identity_levels: Final = Table(
    "identity_levels",
    metadata,
    Column("user_id", BigId, ForeignKey("users.user_id"), primary_key=True, autoincrement=False),
    Column("level", SmallInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)
"""Who has no row has level 0; a row stays when its level is taken away."""
Index(
    "ix_identity_levels_changed_at_user_id",
    identity_levels.c.changed_at,
    identity_levels.c.user_id,
)

identity_checks: Final = Table(
    "identity_checks",
    metadata,
    Column("check_id", BigId, primary_key=True, autoincrement=True),
    Column("user_id", BigId, ForeignKey("users.user_id"), nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("provider", String(32), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("submitted_at", BigInteger),
    Column("reviewer_id", BigInteger),
    Column("claimed_at", BigInteger),
    Column("decided_at", BigInteger),
    Column("reason", String(64), nullable=False),
    Column("note", Text, nullable=False),
)
"""`decided_at` is when it was over, by whatever end; a person has at most one that is not."""
_OPEN: Final = identity_checks.c.decided_at.is_(None)
Index(
    "uq_identity_checks_user_id_open",
    identity_checks.c.user_id,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index("ix_identity_checks_user_id_check_id", identity_checks.c.user_id, identity_checks.c.check_id)
Index("ix_identity_checks_status_check_id", identity_checks.c.status, identity_checks.c.check_id)

identity_documents: Final = Table(
    "identity_documents",
    metadata,
    Column("document_id", BigId, primary_key=True, autoincrement=True),
    Column("check_id", BigId, ForeignKey("identity_checks.check_id"), nullable=False, index=True),
    Column("kind", String(24), nullable=False),
    Column("media", String(32), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("file_name", String(32), nullable=False, unique=True),
    Column("uploaded_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
)
"""The files lie sealed in <data_dir>/documents; `digest` is the SHA-256 of the sealed file."""

identity_hits: Final = Table(
    "identity_hits",
    metadata,
    Column("hit_id", BigId, primary_key=True, autoincrement=True),
    Column("check_id", BigId, ForeignKey("identity_checks.check_id"), nullable=False),
    Column("entry_id", String(64), nullable=False),
    Column("entry_name", String(300), nullable=False),
    Column("entry_digest", LargeBinary(16), nullable=False),
    Column("likeness", SmallInteger, nullable=False),
    Column("found_at", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("decided_at", BigInteger),
    Column("decided_by", BigInteger),
    UniqueConstraint("check_id", "entry_digest"),
)
"""Names of people that are like one of the sanctions list; a hit that was cleared is not found again."""
Index("ix_identity_hits_status_hit_id", identity_hits.c.status, identity_hits.c.hit_id)

identity_screenings: Final = Table(
    "identity_screenings",
    metadata,
    Column("list_digest", LargeBinary(32), primary_key=True),
    Column("check_id", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)
"""Up to which check each version of the sanctions list was gone through."""
