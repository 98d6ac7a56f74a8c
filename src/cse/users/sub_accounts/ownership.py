"""Whose sub-account it is, as every process knows it: read from SQL twice a second, told over the bus at once.

Only accounts that the engine has are known here: until then their ids may change. What is known stays so: no
account ever changes its owner.
"""

import asyncio
from typing import Final

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.messages.bus import Bus
from cse.users.endings import POLL_MS
from cse.users.sub_accounts.model import Owned
from cse.users.sub_accounts.ports import SubAccountStore

CHANNEL: Final = "sub-accounts:opened"
_OVERLAP_MS: Final = 120_000
"""Read again this far back: clocks of processes differ, and a transaction may commit late."""

log = structlog.get_logger(__name__)


class Ownership:
    """The owners that this process knows; keep `run` running."""

    def __init__(self, store: SubAccountStore, bus: Bus, clock: Clock) -> None:
        """Know nothing yet; `read` or `run` fills it."""
        self._store = store
        self._bus = bus
        self._clock = clock
        self._owners: dict[int, int] = {}
        self._read_until: int | None = None

    def owner_of(self, account_id: int) -> int | None:
        """Return whose sub-account this is, one look-up in memory; None: it is none.

        Raises:
            Unavailable: nothing was read yet, the database is out of reach since the start.
        """
        owner = self._owners.get(account_id)
        if owner is None and self._read_until is None:
            raise Unavailable("Sub-accounts are not known yet; try again.")
        return owner

    async def opened(self, account_id: int, user_id: int) -> None:
        """Know of a sub-account that was just opened, and tell the other processes."""
        self._owners[account_id] = user_id
        try:
            await self._bus.publish(CHANNEL, str(account_id).encode("ascii"))
        except Unavailable as error:  # the others will read it in SQL
            log.warning("sub_account_not_announced", error=str(error))

    async def read(self) -> None:
        """Take in what was opened.

        Raises:
            Unavailable: the database is out of reach.
        """
        now_ms = self._clock.now_ms()
        since = 0 if self._read_until is None else self._read_until - _OVERLAP_MS
        found: list[Owned] = list(await self._store.opened_since(since))
        self._owners.update(found)
        self._read_until = now_ms

    async def run(self) -> None:
        """Stay current until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._poll())
            tasks.create_task(self._listen())

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
            log.warning("sub_accounts_not_read", error=str(error))
