"""The table of identities at other providers. Times in Unix milliseconds; no token of a provider is stored."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table, UniqueConstraint

from cse.adapters.sql.metadata import BigId, metadata

linked_identities: Final = Table(
    "linked_identities",
    metadata,
    Column("identity_id", BigId, primary_key=True, autoincrement=True),
    Column("user_id", BigId, ForeignKey("users.user_id"), nullable=False, index=True),
    Column("provider", String(16), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("name", String(64), nullable=False),
    Column("channel_id", String(255)),
    Column("channel_name", String(64)),
    Column("linked_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    UniqueConstraint("provider", "subject"),
    sqlite_autoincrement=True,
)
"""One identity belongs to one person. Ids are never given out again: a cursor stays where it was."""
