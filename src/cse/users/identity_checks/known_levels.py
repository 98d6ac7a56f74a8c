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
    """The levels above 0 that this process knows; keep `run` running."""

    def __init__(self, store: LevelStore, bus: Bus, clock: Clock) -> None:
        """Know nobody yet."""
        self._store = store
        self._bus = bus
        self._clock = clock
        self._levels: dict[int, int] = {}
        self._read_until: int | None = None
        self.owner_of: Callable[[int], int] | None = None
        """Returns the account whose person an account belongs to, where that is another one (sub-accounts)."""

    def of(self, account_id: int) -> int:
        """Return an account's level; one look-up in memory."""
        if self.owner_of is not None:
            account_id = self.owner_of(account_id)
        return self._levels.get(account_id, 0)

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
                self._note(change.account_id, change.level)
            after = (page[-1].changed_at, page[-1].user_id)
            if len(page) < _PAGE:
                break
        self._read_until = now_ms

    async def tell(self, account_id: int, level: int) -> None:
        """Know a change that was made here, and let the others look."""
        self._note(account_id, level)
        try:
            await self._bus.publish(CHANNEL, b"%d" % account_id)
        except Unavailable as error:  # the others will read it in SQL
            log.warning("identity_level_not_announced", error=str(error))

    async def run(self) -> None:
        """Stay current until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._poll())
            tasks.create_task(self._listen())

    def _note(self, account_id: int, level: int) -> None:
        if level:
            self._levels[account_id] = level
        else:
            self._levels.pop(account_id, None)

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
