"""What bounds letters with links to one address, in the transaction that puts another into the outbox."""

from typing import Any, Final

from sqlalchemy import Table, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from cse.adapters.sql.mail import OUTBOX_MAX
from cse.adapters.sql.mail_tables import mail_outbox
from cse.adapters.sql.registration_tables import email_links, registrations
from cse.adapters.sql.user_tables import users
from cse.users.registration.model import PER_WINDOW, WINDOW_MS

_LOCKS: Final = 0x43534552
"""PostgreSQL's advisory locks of addresses ("CSER"); the second half is a hash of the address."""
_HOLD: Final = text(
    "SELECT pg_advisory_xact_lock(CAST(:locks AS integer), hashtext(CAST(:email AS text)))"
)


async def hold_address(connection: AsyncConnection, email: str) -> None:
    """Let nobody else count letters to this address before the transaction is over."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_HOLD, {"locks": _LOCKS, "email": email})
    # SQLite: whoever writes has the database's one write lock since the transaction began.


async def is_taken(connection: AsyncConnection, email: str) -> bool:
    """Return whether the address is a registered person's."""
    asked = select(exists().where(users.c.email == email))
    return bool((await connection.execute(asked)).scalar_one())


async def is_bounded(connection: AsyncConnection, email: str, now_ms: int) -> bool:
    """Return whether the address had its letters with links for this hour."""
    lately = 0
    for table in (registrations, email_links):
        lately += await count(
            connection, table, table.c.email == email, table.c.created_at > now_ms - WINDOW_MS
        )
    return lately >= PER_WINDOW


async def is_outbox_full(connection: AsyncConnection) -> bool:
    """Return whether no more letters with links may wait."""
    return await count(connection, mail_outbox) >= OUTBOX_MAX


async def count(connection: AsyncConnection, table: Table, *conditions: Any) -> int:
    """Return how many rows fulfil the conditions."""
    asked = select(func.count()).select_from(table).where(*conditions)
    return int((await connection.execute(asked)).scalar_one())
