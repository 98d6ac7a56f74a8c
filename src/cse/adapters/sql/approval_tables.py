"""The tables of approvals. Times in Unix milliseconds; `wanted`, `before`, `after` and `subjects` are JSON."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from cse.adapters.sql.metadata import BigId, metadata

approvals: Final = Table(
    "approvals",
    metadata,
    Column("number", BigId, primary_key=True, autoincrement=True),
    Column("act", String(48), nullable=False),
    Column("object", String(128), nullable=False),
    Column("wanted", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("reason", String(64), nullable=False),
    Column("proposed_by", BigId, ForeignKey("users.user_id"), nullable=False),
    Column("subjects", Text, nullable=False),
    Column("key", LargeBinary(16), nullable=False),
    Column("session_id", String(32), nullable=False),
    Column("ip", String(64), nullable=False),
    Column("needed", Integer, nullable=False),
    Column("proposed_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("outcome", String(64), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    UniqueConstraint("key"),
)
"""What staff proposed, and how far it is. Nothing is ever deleted."""
Index("ix_approvals_status_number", approvals.c.status, approvals.c.number)
_EXECUTING: Final = approvals.c.status == "executing"
Index(
    "uq_approvals_executing",
    approvals.c.object,
    unique=True,
    sqlite_where=_EXECUTING,
    postgresql_where=_EXECUTING,
)
"""One thing at a time is done to an object, so that what a proposal showed cannot change between check and act."""

approval_votes: Final = Table(
    "approval_votes",
    metadata,
    Column(
        "approval", BigId, ForeignKey("approvals.number"), primary_key=True, autoincrement=False
    ),
    Column("user_id", BigId, ForeignKey("users.user_id"), primary_key=True, autoincrement=False),
    Column("agrees", Boolean, nullable=False),
    Column("reason", String(64), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)
"""Who said what to it."""
