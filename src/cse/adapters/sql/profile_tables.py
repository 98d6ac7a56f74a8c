"""The tables of profiles, of leaving, and of what was told of the audit log. Times in Unix milliseconds."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, String, Table, Text

from cse.adapters.sql.metadata import BigId, metadata

profiles: Final = Table(
    "profiles",
    metadata,
    Column("user_id", BigId, ForeignKey("users.user_id"), primary_key=True, autoincrement=False),
    Column("display_name", String(50), nullable=False),
    Column("bio", String(500), nullable=False),
    Column("locale", String(16), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("avatar", String(32), nullable=False),
    Column("muted", Text, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)
"""`muted`: kinds of letters that are not wanted, with a space between; `avatar`: a digest, or empty."""

avatars: Final = Table(
    "avatars",
    metadata,
    Column("user_id", BigId, ForeignKey("users.user_id"), primary_key=True, autoincrement=False),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", String(32), nullable=False),
    Column("image", LargeBinary, nullable=False),
    Index("ix_avatars_digest_size", "digest", "size"),
)
"""WebP that we encoded. Two people may have the same picture, each with rows of their own."""

closures: Final = Table(
    "closures",
    metadata,
    Column("user_id", BigId, ForeignKey("users.user_id"), primary_key=True, autoincrement=False),
    Column("reason", String(500), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("purged_at", BigInteger),
    Index("ix_closures_closed_at", "closed_at"),
)
"""`closed_at`: everything is done; `purged_at`: the person's name is gone from `users`."""

exports: Final = Table(
    "exports",
    metadata,
    Column("export_id", String(32), primary_key=True),
    Column("user_id", BigId, ForeignKey("users.user_id"), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("lines", BigInteger, nullable=False),
    Index("ix_exports_user_id_asked_at", "user_id", "asked_at"),
)
"""Exports of a person's data that were begun; what was in them is nowhere kept."""

told_acts: Final = Table(
    "told_acts",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("number", BigInteger, nullable=False),
)
"""One row: the record of the audit log up to which people were told of what was done with their account."""
