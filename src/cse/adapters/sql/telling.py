"""ToldStore in SQL (port: cse.users.telling.teller)."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.mail import OUTBOX_MAX, put_letter
from cse.adapters.sql.mail_tables import mail_outbox
from cse.adapters.sql.profile_tables import told_acts

_WHAT: Final = "the users' database"
_MINE: Final = told_acts.c.name == "letters"


class SqlToldStore:
    """On SQLite and PostgreSQL alike; the engine must be a durable one."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._engine = engine
        self._reader = read_only(engine)

    async def position(self) -> int:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                asked = select(told_acts.c.number).where(_MINE)
                return int((await connection.execute(asked)).scalar_one())

    async def advance(
        self, before: int, after: int, letters: Sequence[tuple[int, bytes]], at_ms: int
    ) -> int | None:
        moved = update(told_acts).where(_MINE, told_acts.c.number == before).values(number=after)
        waiting = select(func.count()).select_from(mail_outbox)
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                if not (await connection.execute(moved)).rowcount:
                    return None
                if not letters:
                    return 0
                room = max(0, OUTBOX_MAX - (await connection.execute(waiting)).scalar_one())
                for user_id, sealed in letters[:room]:
                    await put_letter(connection, user_id, sealed, at_ms)
                return min(room, len(letters))
