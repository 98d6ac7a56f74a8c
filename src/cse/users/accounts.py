"""Opening accounts on the exchange: the outbox between the users' tables and the engine.

The account id is stored before OpenAccount is sent, so whatever crashes in between, sending it again is
safe: the engine answers ACCOUNT_EXISTS, and the outbox row is done.
"""

from typing import Final

import structlog

from cse.core.clock import Clock
from cse.core.errors import CseError, OutcomeUnknown, Unavailable
from cse.messages.commands import OpenAccount
from cse.messages.events import AccountOpened, Applied, Rejected
from cse.messages.ports import CommandQueue
from cse.messages.reject_codes import RejectCode
from cse.users.model import Opening
from cse.users.ports import UserStore

RESEND_AFTER_MS: Final = 10_000
"""Younger rows are left to the registration that is still at it."""
_PAGE: Final = 500
_RENUMBERINGS: Final = 3

log = structlog.get_logger(__name__)


class OpeningRefused(CseError):
    """The engine refuses to open an account for a reason that sending again will not mend."""


class AccountOpener:
    """Sends outbox rows to the engine."""

    def __init__(self, store: UserStore, queue: CommandQueue, clock: Clock) -> None:
        """Use these; nothing is sent yet."""
        self._store = store
        self._queue = queue
        self._clock = clock

    async def open_new(self, opening: Opening) -> int:
        """Open the account of a row that was never sent before; return the id that it got in the end.

        An id that the engine knows already is not this user's (the users' tables were lost and the
        journal was not): the user gets another one, never a stranger's money.

        Raises:
            Unavailable, OutcomeUnknown: the row stays; it will be sent again.
            OpeningRefused: the row stays; the log tells the operator why.
        """
        for _ in range(_RENUMBERINGS):
            if await self._send(opening):
                return opening.account_id
            renumbered = await self._store.renumber_account(opening.account_id)
            if renumbered is None:  # somebody sent it again meanwhile: the account is ours
                return opening.account_id
            log.error("account_id_was_taken", account_id=opening.account_id)
            opening = renumbered
        raise OpeningRefused("the engine knows account ids that the users' tables never gave out")

    async def open_again(self, opening: Opening) -> None:
        """Send a row that may have been sent before; that the account exists is what we want to hear.

        Raises:
            Unavailable, OutcomeUnknown: the row stays.
            OpeningRefused: the row stays.
        """
        claimed = await self._store.claim_opening(opening.account_id, self._clock.now_ms())
        if claimed and not await self._send(opening):
            await self._store.mark_opened(opening.account_id, self._clock.now_ms())

    async def resend_outbox(self, *, everything: bool = False) -> int:
        """Send all rows that are still waiting; return how many are done now.

        Without `everything` (which is for the start) rows of the last ten seconds are left alone.

        Raises:
            Unavailable: the database is out of reach. (That the engine is, is logged; the rows stay.)
        """
        now_ms = self._clock.now_ms()
        before_ms = now_ms + 1 if everything else now_ms - RESEND_AFTER_MS
        done, last = 0, 0
        while True:
            page = await self._store.pending_openings(
                before_ms=before_ms, after_account_id=last, limit=_PAGE
            )
            for opening in page:
                last = opening.account_id
                try:
                    await self.open_again(opening)
                except (Unavailable, OutcomeUnknown) as error:
                    log.warning("outbox_waits", account_id=last, error=str(error))
                    return done
                except OpeningRefused as error:
                    log.warning("account_not_opened", account_id=last, error=str(error))
                else:
                    done += 1
            if len(page) < _PAGE:
                return done

    async def _send(self, opening: Opening) -> bool:
        """Send it; True: it is open now, False: it was before."""
        applied = await self._queue.submit(OpenAccount(opening.account_id, opening.fee_tier))
        if _exists_already(applied):
            return False
        await self._store.mark_opened(opening.account_id, self._clock.now_ms())
        return True


def _exists_already(applied: Applied) -> bool:
    for event in applied.events:
        if isinstance(event, AccountOpened):
            return False
        if isinstance(event, Rejected) and event.code is RejectCode.ACCOUNT_EXISTS:
            return True
        if isinstance(event, Rejected):
            raise OpeningRefused(f"the engine refuses the account: {event.code.name}")
    raise AssertionError(f"OpenAccount was answered by neither: {applied.events}")
