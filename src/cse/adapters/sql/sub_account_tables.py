"""The table of sub-accounts. Their openings stand in `account_openings`, as everybody's. Times in Unix milliseconds."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table

from cse.adapters.sql.metadata import BigId, metadata

sub_accounts: Final = Table(
    "sub_accounts",
    metadata,
    Column("number", BigId, primary_key=True, autoincrement=True),
    Column("user_id", BigId, ForeignKey("users.user_id"), nullable=False),
    Column("account_id", BigInteger, nullable=False, unique=True),
    Column("label", String(32), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger, nullable=True),
)
"""`closed_at`: when the engine had closed it."""
_LIVE: Final = sub_accounts.c.closed_at.is_(None)
Index("ix_sub_accounts_user_id_number", sub_accounts.c.user_id, sub_accounts.c.number)
Index(
    "uq_sub_accounts_live_label",
    sub_accounts.c.user_id,
    sub_accounts.c.label,
    unique=True,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)
