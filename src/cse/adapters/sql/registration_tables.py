"""The tables of addresses that wait for their proof. Times in Unix milliseconds, `digest`: SHA-256 of a token."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, String, Table

from cse.adapters.sql.metadata import BigId, metadata

registrations: Final = Table(
    "registrations",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("email", String(254), nullable=False, index=True),
    Column("handle", String(20), nullable=False),
    Column("password_hash", String(60), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)
"""People who are to be. A row of an address that somebody has already has a digest that no token fits."""

email_links: Final = Table(
    "email_links",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("user_id", BigId, ForeignKey("users.user_id"), nullable=False, index=True),
    Column("email", String(254), nullable=False, index=True),
    Column("session_id", String(32), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)
"""Links of people who are here. `session_id`: whose link changes the address; empty: it proves the one there is."""
