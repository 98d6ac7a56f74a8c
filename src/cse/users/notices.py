"""Letters that tell people what was done with their account, so that whoever did not do it hears of it.

A notice follows an act and never undoes it: what cannot be put into the outbox stands in the log.
"""

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


class Notice(NamedTuple):
    """What a person is told."""

    subject: str
    """Printable ASCII."""
    text: str
    """Plain sentences; what to do if it was somebody else is added."""


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

    async def tell(self, user_id: int, notice: Notice) -> None:
        """Tell a person, soon; what keeps the letter from its way is logged, never raised."""
        if self._outbox is None:
            return
        try:
            known = await self._users.credentials_of(user_id)
            if known is None:
                log.warning("notice_without_person", user_id=user_id)
                return
            what = letter(known.user.email, notice.subject, notice.text + _CLOSING)
            sealed = seal_letter(self._box, user_id, what)
            if not await self._outbox.put(user_id, sealed, self._clock.now_ms()):
                log.warning("notice_dropped_outbox_full", user_id=user_id, subject=notice.subject)
        except Unavailable as error:
            log.warning(
                "notice_not_sent", user_id=user_id, subject=notice.subject, error=str(error)
            )
