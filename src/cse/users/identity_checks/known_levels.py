"""Everybody's identity level, as every process that takes orders knows it: read from SQL twice a second, told over the
bus at once.

With the database away what was known last goes on to count. An account that nobody has checked has level 0.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.messages.bus import Bus
from cse.users.endings import POLL_MS
from cse.users.identity_checks.ports import LevelStore

CHANNEL: Final = "identity:levels"
_OVERLAP_MS: Final = 120_000
"""Read again this far back: clocks of processes differ, and a transaction may commit late."""
_PAGE: Final = 5_000

log = structlog.get_logger(__name__)


class KnownLevels:
    """The levels that this process knows, of whoever has been checked; keep `run` running."""

    def __init__(self, store: LevelStore, bus: Bus, clock: Clock) -> None:
        """Know nobody yet."""
        self._store = store
        self._bus = bus
        self._clock = clock
        self._of_accounts: dict[int, int] = {}
        self._of_people: dict[int, int] = {}
        self._read_until: int | None = None
        self.owner_of: Callable[[int], int | None] | None = None
        """Returns whose sub-account an account is; None: it is none. May raise Unavailable."""

    def of(self, account_id: int) -> int:
        """Return the level of an account's person; look-ups in memory.

        Raises:
            Unavailable: whose sub-account it is, is not known yet.
        """
        level = self._of_accounts.get(account_id)
        if level is not None:
            return level
        owner = None if self.owner_of is None else self.owner_of(account_id)
        return 0 if owner is None else self._of_people.get(owner, 0)

    async def read(self) -> None:
        """Take in what changed.

        Raises:
            Unavailable: the database is out of reach.
        """
        now_ms = self._clock.now_ms()
        since = 0 if self._read_until is None else self._read_until - _OVERLAP_MS
        after = (since, 0)
        while page := await self._store.levels_changed(after, _PAGE):
            for change in page:
                self._note(change.user_id, change.account_id, change.level)
            after = (page[-1].changed_at, page[-1].user_id)
            if len(page) < _PAGE:
                break
        self._read_until = now_ms

    async def tell(self, user_id: int, account_id: int, level: int) -> None:
        """Know a change that was made here, and let the others look."""
        self._note(user_id, account_id, level)
        try:
            await self._bus.publish(CHANNEL, b"%d" % account_id)
        except Unavailable as error:  # the others will read it in SQL
            log.warning("identity_level_not_announced", error=str(error))

    async def run(self) -> None:
        """Stay current until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._poll())
            tasks.create_task(self._listen())

    def _note(self, user_id: int, account_id: int, level: int) -> None:
        self._of_people[user_id] = self._of_accounts[account_id] = level

    async def _poll(self) -> None:
        while True:
            await self._read_if_possible()
            await asyncio.sleep(POLL_MS / 1000)

    async def _listen(self) -> None:
        async with self._bus.subscribe([CHANNEL]) as messages:
            async for _ in messages:  # whatever came or was missed: the truth is in SQL
                await self._read_if_possible()

    async def _read_if_possible(self) -> None:
        try:
            await self.read()
        except Unavailable as error:
            log.warning("identity_levels_not_read", error=str(error))
