"""Letters that tell people what was done with their account, so that whoever did not do it hears of it.

A notice follows an act and never undoes it: what cannot be put into the outbox stands in the log.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final, NamedTuple

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.users.mail import MailOutbox, letter, seal_letter
from cse.users.ports import UserStore
from cse.users.secret_box import SecretBox

log = structlog.get_logger(__name__)

_CLOSING: Final = (
    "\n\nIf it was not you, change your password at once and write to the exchange's support."
)


class NoticeKind(StrEnum):
    """What a letter is about; people choose which kinds they get."""

    SECURITY = "security"
    """Who can get into the account: cannot be turned off."""
    TRADE = "trade"
    """What became of orders and money."""
    PRODUCT = "product"
    """News of the exchange."""


class Notice(NamedTuple):
    """What a person is told."""

    subject: str
    """Printable ASCII."""
    text: str
    """Plain sentences; letters about security say in addition what to do if it was somebody else."""
    kind: NoticeKind = NoticeKind.SECURITY


Muted = Callable[[int], Awaitable[frozenset[str]]]
"""Returns the kinds of letters that a person does not want; raises Unavailable."""


class Notices:
    """Puts notices into the outbox of letters."""

    def __init__(
        self, users: UserStore, outbox: MailOutbox | None, box: SecretBox, clock: Clock
    ) -> None:
        """Without `outbox` nobody is told anything: no letters are sent here."""
        self._users = users
        self._outbox = outbox
        self._box = box
        self._clock = clock
        self.muted: Muted | None = None
        """Says who does not want what; None: everybody is told everything."""

    async def tell(self, user_id: int, notice: Notice) -> None:
        """Tell a person, soon; what keeps the letter from its way is logged, never raised."""
        if self._outbox is None:
            return
        try:
            sealed = await self.sealed(user_id, notice)
            if sealed is not None and not await self._outbox.put(
                user_id, sealed, self._clock.now_ms()
            ):
                log.warning("notice_dropped_outbox_full", user_id=user_id, subject=notice.subject)
        except Unavailable as error:
            log.warning(
                "notice_not_sent", user_id=user_id, subject=notice.subject, error=str(error)
            )

    async def sealed(self, user_id: int, notice: Notice) -> bytes | None:
        """Return the letter as the outbox takes it; None: nobody is to be told.

        Raises:
            Unavailable: the database is out of reach.
        """
        if self._outbox is None or not await self._is_wanted(user_id, notice.kind):
            return None
        known = await self._users.credentials_of(user_id)
        if known is None:
            log.warning("notice_without_person", user_id=user_id)
            return None
        closing = _CLOSING if notice.kind is NoticeKind.SECURITY else ""
        what = letter(known.user.email, notice.subject, notice.text + closing)
        return seal_letter(self._box, user_id, what)

    async def _is_wanted(self, user_id: int, kind: NoticeKind) -> bool:
        if kind is NoticeKind.SECURITY or self.muted is None:
            return True
        return kind.value not in await self.muted(user_id)
