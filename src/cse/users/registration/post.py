"""How letters about addresses are written: sealed, with links of the configured page; shown in the sandbox's log."""

from collections.abc import Callable
from typing import NamedTuple

import structlog

from cse.users.mail import NOT_A_USER, Letter, seal_letter
from cse.users.registration import letters
from cse.users.registration.model import Sealed
from cse.users.secret_box import SecretBox

log = structlog.get_logger(__name__)


class Links(NamedTuple):
    """Turn a token into what stands in a letter."""

    verify: Callable[[str], str]
    change: Callable[[str], str]


class AddressPost:
    """Writes and seals letters."""

    def __init__(self, box: SecretBox, links: Links, *, logs_links: bool = False) -> None:
        """With `logs_links` the log shows links of registrations: for a sandbox without a mail server only."""
        self._box = box
        self._links = links
        self._logs_links = logs_links

    def join(self, email: str, handle: str, token: str) -> Sealed:
        """Return both letters to an address that somebody registers with."""
        link = self._verify_link(token)
        return self._either(letters.join_letter(email, handle, link), letters.taken_letter(email))

    def proof(self, user_id: int, email: str, handle: str, token: str) -> bytes:
        """Return the letter to a person whose address is to be proved."""
        what = letters.proof_letter(email, handle, self._verify_link(token))
        return seal_letter(self._box, user_id, what)

    def change(self, email: str, token: str) -> Sealed:
        """Return both letters to an address that is to be somebody's."""
        link = self._links.change(token)
        return self._either(letters.change_letter(email, link), letters.in_use_letter(email))

    def change_asked(self, user_id: int, old: str, new: str) -> bytes:
        """Return the notice to the old address."""
        return seal_letter(self._box, user_id, letters.change_asked_letter(old, new))

    def changed(self, user_id: int, old: str, new: str) -> tuple[bytes, bytes]:
        """Return the notices to both addresses."""
        first, second = letters.changed_letters(old, new)
        return (
            seal_letter(self._box, user_id, first),
            seal_letter(self._box, user_id, second),
        )

    def _either(self, link: Letter, taken: Letter) -> Sealed:
        return Sealed(
            seal_letter(self._box, NOT_A_USER, link), seal_letter(self._box, NOT_A_USER, taken)
        )

    def _verify_link(self, token: str) -> str:
        link = self._links.verify(token)
        if self._logs_links:
            log.info("verification_link", link=link, page="/dev/mailbox")
        return link
