"""The tables of the user service. Times in Unix milliseconds.

`account_openings` is the outbox between people and the engine: a row is written with its user and is done
when the engine has the account. `account_numbers` holds one row, the next account id to give out.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from cse.adapters.sql.metadata import BigId, metadata


def _big(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, BigInteger, nullable=nullable)


account_numbers: Final = Table(
    "account_numbers",
    metadata,
    Column("name", String(16), primary_key=True),
    _big("next_id"),
)

users: Final = Table(
    "users",
    metadata,
    Column("user_id", BigId, primary_key=True, autoincrement=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("handle", String(20), nullable=False),
    Column("handle_key", String(20), nullable=False, unique=True),
    Column("password_hash", String(60), nullable=False),
    Column("account_id", BigInteger, nullable=False, unique=True),
    _big("created_at"),
    _big("verified_at", nullable=True),
)

account_openings: Final = Table(
    "account_openings",
    metadata,
    Column("account_id", BigId, primary_key=True, autoincrement=False),
    Column("fee_tier", SmallInteger, nullable=False),
    _big("created_at"),
    _big("claimed_at", nullable=True),
    Column("done_at", BigInteger, nullable=True, index=True),
)
_WAITING: Final = account_openings.c.done_at.is_(None)
Index(
    "ix_account_openings_waiting",
    account_openings.c.account_id,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("session_id", String(32), primary_key=True),
    Column("user_id", BigId, ForeignKey("users.user_id"), nullable=False, index=True),
    _big("created_at"),
    Column("expires_at", BigInteger, nullable=False, index=True),
    _big("revoked_at", nullable=True),
    _big("ends_at"),
    _big("used_at"),
    Column("began_from", String(45), nullable=False),
    Column("used_from", String(45), nullable=False),
    Column("user_agent", String(256), nullable=False),
)
"""`expires_at`: unless it is used again; `ends_at`: whatever happens. Addresses as text, empty where unknown."""
_REVOKED: Final = sessions.c.revoked_at.is_not(None)
Index(
    "ix_sessions_revoked_at",
    sessions.c.revoked_at,
    sqlite_where=_REVOKED,
    postgresql_where=_REVOKED,
)

refresh_tokens: Final = Table(
    "refresh_tokens",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column(
        "session_id",
        String(32),
        ForeignKey("sessions.session_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    _big("issued_at"),
    _big("expires_at"),
    _big("used_at", nullable=True),
)

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("number", BigId, primary_key=True, autoincrement=True),
    Column("key_id", String(32), nullable=False, unique=True),
    Column("user_id", BigId, ForeignKey("users.user_id"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("public_key", LargeBinary(32), nullable=True),
    Column("scopes", String(64), nullable=False),
    Column("ip_allowlist", Text, nullable=False),
    _big("created_at"),
    _big("expires_at", nullable=True),
    _big("last_used_at", nullable=True),
    _big("revoked_at", nullable=True),
    Column("sealed_secret", LargeBinary(128), nullable=True),
    Column("old_public_key", LargeBinary(32), nullable=True),
    Column("old_sealed_secret", LargeBinary(128), nullable=True),
    _big("old_until", nullable=True),
    Column("sub_account", BigId, ForeignKey("sub_accounts.number"), nullable=True),
    UniqueConstraint("user_id", "public_key"),
)
"""Scopes and networks stand beside each other with a space between. `sub_account`: null, the owner's first account."""
_LIVE_KEYS: Final = api_keys.c.revoked_at.is_(None)
_REVOKED_KEYS: Final = api_keys.c.revoked_at.is_not(None)
Index(
    "ix_api_keys_live",
    api_keys.c.user_id,
    api_keys.c.number,
    sqlite_where=_LIVE_KEYS,
    postgresql_where=_LIVE_KEYS,
)
Index("ix_api_keys_user_id_created_at", api_keys.c.user_id, api_keys.c.created_at)
Index(
    "ix_api_keys_revoked_at",
    api_keys.c.revoked_at,
    sqlite_where=_REVOKED_KEYS,
    postgresql_where=_REVOKED_KEYS,
)

audit_log: Final = Table(
    "audit_log",
    metadata,
    Column("number", BigId, primary_key=True, autoincrement=False),
    _big("at_ms"),
    Column("act", String(48), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("object", String(128), nullable=False),
    Column("session_id", String(32), nullable=False),
    Column("ip", String(64), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("reason", String(64), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
)
"""Append-only, which triggers see to; `before` and `after` are JSON, `digest` goes over the row and the one before."""
Index("ix_audit_log_actor_number", audit_log.c.actor, audit_log.c.number)
Index("ix_audit_log_object_number", audit_log.c.object, audit_log.c.number)
Index("ix_audit_log_act_number", audit_log.c.act, audit_log.c.number)
Index("ix_audit_log_at_ms", audit_log.c.at_ms)
Index("ix_audit_log_ip_number", audit_log.c.ip, audit_log.c.number)
Index("ix_audit_log_session_id_number", audit_log.c.session_id, audit_log.c.number)

user_roles: Final = Table(
    "user_roles",
    metadata,
    Column("user_id", BigId, ForeignKey("users.user_id"), primary_key=True, autoincrement=False),
    Column("role", String(16), primary_key=True),
    _big("granted_at"),
    _big("revoked_at", nullable=True),
    Column("changed_at", BigInteger, nullable=False, index=True),
)
"""A row stays when its role is taken away, so that every process can read what changed lately."""
