"""The tables of second factors and step-ups. Times in Unix milliseconds."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table

from cse.adapters.sql.metadata import BigId, metadata

totps: Final = Table(
    "totps",
    metadata,
    Column("user_id", BigId, ForeignKey("users.user_id"), primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary(128), nullable=False),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("confirmed_at", BigInteger),
    Column("last_step", BigInteger),
)
"""Authenticators: `sealed` opens with the keys in the data directory only; `last_step` is the latest one used."""

recovery_codes: Final = Table(
    "recovery_codes",
    metadata,
    Column("user_id", BigId, ForeignKey("users.user_id"), primary_key=True, autoincrement=False),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)
"""`digest` is keyed with what lies in the data directory."""

factor_attempts: Final = Table(
    "factor_attempts",
    metadata,
    Column("user_id", BigId, ForeignKey("users.user_id"), primary_key=True, autoincrement=False),
    Column("door", String(16), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("locked_until", BigInteger, nullable=False),
)
"""Attempts since the last that succeeded, by where they were made."""

step_ups: Final = Table(
    "step_ups",
    metadata,
    Column(
        "session_id",
        String(32),
        ForeignKey("sessions.session_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("proved_at", BigInteger, nullable=False),
)
"""When a session last proved who uses it, after its log-in."""
