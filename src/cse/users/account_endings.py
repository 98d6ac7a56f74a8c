"""Sessions end with their account: whoever is frozen or closed is logged out everywhere within a second.

The engine decides what an account is; every gateway hears of it from the engine's events and ends the sessions of
its owner in SQL. All gateways do, whoever comes second finds nothing left to do. Whatever was missed while no
gateway ran is made good at the start, from the accounts' standing in the engine's state.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.messages.wire import AccountStatus
from cse.users.audit import SYSTEM, Act, AuditAct, AuditTrail, account_object
from cse.users.errors import AccountNotOpen
from cse.users.ports import SessionStore
from cse.users.revocations import Revocations

Standing = Callable[[int], AccountStatus | None]
"""Returns what the engine says of an account; None: it does not know it (yet)."""
_RETRY_S: Final = 1.0
_AT_ONCE: Final = 100
"""Accounts of one statement, and of one record in the audit log."""

log = structlog.get_logger(__name__)


def unknown_standing(account_id: int) -> AccountStatus | None:  # noqa: ARG001  # a Standing
    """Stand for a view that nobody keeps: every account may log in."""
    return None


def refuse_unless_open(status: AccountStatus | None) -> None:
    """Return if the account of a person may be used by them, or is about to be opened.

    Raises:
        AccountNotOpen: it is frozen or closed.
    """
    if status is AccountStatus.FROZEN:
        raise AccountNotOpen("account_frozen")
    if status is AccountStatus.CLOSED:
        raise AccountNotOpen("account_closed")


class AccountEndings:
    """Ends the sessions of accounts that are told to it; `run` does the work."""

    def __init__(
        self, store: SessionStore, revocations: Revocations, audit: AuditTrail, clock: Clock
    ) -> None:
        """Begin with nothing to do."""
        self._store = store
        self._revocations = revocations
        self._audit = audit
        self._clock = clock
        self._waiting: set[int] = set()
        self._unrecorded: list[AuditAct] = []
        self._wake = asyncio.Event()

    def note(self, account_ids: Iterable[int]) -> None:
        """These accounts are not open (any more). Must be called on the event loop; takes no time."""
        self._waiting.update(account_ids)
        if self._waiting:
            self._wake.set()

    async def run(self) -> None:
        """End their sessions as soon as they are told, again and again while the database is away."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.end_waiting()
            except Unavailable as error:
                log.warning("frozen_sessions_wait", error=str(error))
                await asyncio.sleep(_RETRY_S)
                self._wake.set()

    async def end_waiting(self) -> int:
        """End the sessions of all accounts that are waiting; return how many ended by it.

        Unlike other acts this one is recorded after it is done: it does not wait for its record.

        Raises:
            Unavailable: the database is out of reach; the rest, or the record, goes on waiting.
        """
        done = 0
        while self._waiting:
            account_ids = sorted(self._waiting)[:_AT_ONCE]
            now_ms = self._clock.now_ms()
            ended = await self._store.revoke_accounts(account_ids, now_ms)
            self._waiting.difference_update(account_ids)
            for session_id in ended:
                await self._revocations.announce(session_id, now_ms)
            done += len(ended)
            if ended:
                self._unrecorded.append(_act(account_ids, len(ended)))
        while self._unrecorded:
            await self._audit.record(self._unrecorded[0])
            del self._unrecorded[0]
        return done


def _act(account_ids: list[int], ended: int) -> AuditAct:
    return AuditAct(
        act=Act.SESSION_REVOKED,
        actor=SYSTEM,
        object=account_object(account_ids[0]) if len(account_ids) == 1 else "accounts",
        after={"accounts": [str(each) for each in account_ids], "ended": ended},
        reason="account_not_open",
    )
