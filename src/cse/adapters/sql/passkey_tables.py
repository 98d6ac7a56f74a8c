"""The table of passkeys. Times in Unix milliseconds; nothing in it is secret."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, LargeBinary, String, Table

from cse.adapters.sql.metadata import BigId, metadata

passkeys: Final = Table(
    "passkeys",
    metadata,
    Column("number", BigId, primary_key=True, autoincrement=True),
    Column("passkey_id", String(32), nullable=False, unique=True),
    Column("user_id", BigId, ForeignKey("users.user_id"), nullable=False, index=True),
    Column("credential_id", LargeBinary(1023), nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("handle", LargeBinary(64), nullable=False),
    Column("label", String(64), nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", String(128), nullable=False),
    Column("backed_up", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
)
"""`credential_id` is the authenticator's name of it, `handle` its name of the person; transports stand beside each
other with a space between."""
