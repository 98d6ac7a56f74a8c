"""The tables of letters that wait and of links that reset passwords. Times in Unix milliseconds."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Table

from cse.adapters.sql.metadata import BigId, metadata

mail_outbox: Final = Table(
    "mail_outbox",
    metadata,
    Column("number", BigId, primary_key=True, autoincrement=True),
    Column("user_id", BigId, ForeignKey("users.user_id"), nullable=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("due_at", BigInteger, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
)
"""`sealed` opens with the keys in the data directory only; a row goes when its letter was sent.

`user_id` null: to nobody's account.
"""

password_resets: Final = Table(
    "password_resets",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("user_id", BigId, ForeignKey("users.user_id"), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)
"""`digest`: SHA-256 of the token. Rows go when their owner asks again after the throttle's window."""
