"""Identity checks as a whole: what people do, what staff do, what levels let people do, and what goes on by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import structlog

from cse.core.errors import Unavailable
from cse.messages.wire import AccountStatus
from cse.users.core import UserCore
from cse.users.identity_checks.decisions import Decisions
from cse.users.identity_checks.documents import Documents
from cse.users.identity_checks.errors import LevelTooLow
from cse.users.identity_checks.holds import HoldParts, Holds
from cse.users.identity_checks.known_levels import KnownLevels
from cse.users.identity_checks.levels import LevelRules, limits_of
from cse.users.identity_checks.lists import Lists
from cse.users.identity_checks.manual import ManualParts, ManualReview
from cse.users.identity_checks.own_checks import OwnChecks, OwnParts
from cse.users.identity_checks.ports import DocumentFiles, IdentityStore

LISTS_EVERY_S: Final = 10.0
"""How often the lists' files are looked at, and whoever was not compared with them yet is."""
PURGE_EVERY_S: Final = 600.0
DAY_MS: Final = 86_400_000

log = structlog.get_logger(__name__)


class IdentityPorts(NamedTuple):
    """What it stands on besides the user service."""

    store: IdentityStore
    files: DocumentFiles
    lists: Lists
    freeze_others: Callable[[int, AccountStatus], Awaitable[object]] | None = None
    """See `holds.HoldParts`."""


class IdentityChecks:
    """One for a process; keep `run` running."""

    def __init__(
        self,
        core: UserCore,
        ports: IdentityPorts,
        rules: LevelRules | None = None,
        keep_refused_days: int = 30,
    ) -> None:
        """Put it together; documents of refused checks are deleted after `keep_refused_days`."""
        store, files, lists, freeze_others = ports
        self.rules: Final = rules or LevelRules()
        self.levels: Final = KnownLevels(store, core.bus, core.clock)
        self.documents: Final = Documents(store, files, core.box, core.clock)
        decide = Decisions(store, self.levels, core.users, core.notices, core.clock)
        self.reviews: Final = ManualReview(
            ManualParts(
                store,
                core.users,
                self.documents,
                decide,
                core.trail,
                core.notices,
                core.box,
                core.clock,
            )
        )
        self.own: Final = OwnChecks(
            OwnParts(store, self.documents, lists, self.reviews, core.box, core.clock)
        )
        self.holds: Final = Holds(
            HoldParts(
                store,
                core.users,
                lists,
                core.queue,
                core.trail,
                core.box,
                core.clock,
                freeze_others,
            )
        )
        self._lists = lists
        self._clock = core.clock
        self._keep_ms = keep_refused_days * DAY_MS

    def may_trade(self, account_id: int) -> bool:
        """Return whether an account's level covers trading; look-ups in memory.

        Raises:
            Unavailable: whose sub-account it is, is not known yet.
        """
        return self.levels.of(account_id) >= self.rules.to_trade

    async def require_withdraw_level(self, user_id: int) -> None:
        """Let a person make API keys with the scope `withdraw`.

        Raises:
            LevelTooLow: theirs does not cover it.
            Unavailable: it cannot be looked up now.
        """
        if not self.rules.to_withdraw:
            return
        limits = limits_of(self.rules, await self.own.level_of(user_id))
        if not limits.may_hold_withdraw_keys:
            raise LevelTooLow(
                f"API keys that withdraw take identity level {self.rules.to_withdraw}."
            )

    async def run(self) -> None:
        """Do what goes on by itself until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            if self.rules.to_trade:
                tasks.create_task(self.levels.run())
            tasks.create_task(self._screen())
            tasks.create_task(self._purge())

    async def _screen(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._lists.refresh)
                await self.holds.rescreen()
            except Unavailable as error:
                log.warning("sanctions_not_rescreened", error=str(error))
            await asyncio.sleep(LISTS_EVERY_S)

    async def _purge(self) -> None:
        while True:
            try:
                gone = await self.documents.purge(self._clock.now_ms() - self._keep_ms)
                if gone:
                    log.info("identity_documents_purged", files=gone)
            except Unavailable as error:
                log.warning("identity_documents_not_purged", error=str(error))
            await asyncio.sleep(PURGE_EVERY_S)
