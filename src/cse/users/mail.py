"""Letters to people: the port that sends them, and the outbox that they wait in until they are sent.

A letter is stored, sealed, in the transaction of what causes it, and sent afterwards by `MailSender`: at least once,
so it may rarely arrive twice. Text is plain; nothing in a header can begin another header.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import msgspec
import structlog

from cse.core.clock import Clock
from cse.core.errors import CseError, Unavailable
from cse.users.errors import DamagedKeys
from cse.users.model import Guarded
from cse.users.secret_box import SecretBox

MAX_TEXT: Final = 2_000
"""Most characters of a letter."""
MAX_SUBJECT: Final = 200
NOT_A_USER: Final = 0
"""In the place of a user id: a letter to an address that belongs to nobody here, or that must not tell whose it is."""
MAX_ATTEMPTS: Final = 9
"""After so many a letter is given up: the waits between them add up to 21 minutes."""
FIRST_WAIT_MS: Final = 5_000
_CLAIM_MS: Final = 60_000
"""So long nobody else sends a letter that somebody took; longer than a mailer may take."""
_LOOK_S: Final = 1.0
_AT_ONCE: Final = 20
_PURPOSE: Final = "letter"

log = structlog.get_logger(__name__)


class MailRefused(CseError):
    """The mail server will not take this letter; trying again would not help."""


class Letter(Guarded, frozen=True):
    """A plain-text e-mail; made by `letter`."""

    to: str
    subject: str
    text: str


class WaitingLetter(NamedTuple):
    """A letter in the outbox."""

    number: int
    user_id: int
    sealed: bytes
    attempts: int
    """How often it was taken to be sent, this time included."""


class Mailer(Protocol):
    """Hands letters to whoever delivers them."""

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send one; returns when it was taken, within 30 seconds.

        Raises:
            ValueError: an address or a subject with control characters, or something is too long.
            MailRefused: it will never be taken.
            cse.core.errors.Unavailable: not now.
        """
        ...


class MailOutbox(Protocol):
    """Letters that wait. Links are put there by the stores of what causes them, notices of acts by `put`."""

    async def put(self, user_id: int, sealed: bytes, at_ms: int) -> bool:
        """Add a letter; False: the outbox is full."""
        ...

    async def take(self, now_ms: int, until_ms: int, limit: int) -> Sequence[WaitingLetter]:
        """Return letters that are due, oldest first, and let nobody else have them before `until_ms`."""
        ...

    async def put_off(self, number: int, until_ms: int) -> None:
        """Let it be due again then."""
        ...

    async def remove(self, number: int) -> None:
        """It was sent, or is given up."""
        ...


def letter(to: str, subject: str, text: str) -> Letter:
    """Return a letter whose headers are one line each.

    Raises:
        ValueError: an address or a subject with anything but printable ASCII, or something is too long.
    """
    for name, value in (("address", to), ("subject", subject)):
        if not value or not value.isascii() or not value.isprintable():
            raise ValueError(f"the {name} of a letter must be printable ASCII on one line")
    if len(to) > 254 or len(subject) > MAX_SUBJECT or len(text) > MAX_TEXT:
        raise ValueError("a letter is too long")
    if any(not char.isprintable() and char != "\n" for char in text):
        raise ValueError("a letter's text must be plain")
    return Letter(to, subject, text)


def seal_letter(box: SecretBox, user_id: int, what: Letter) -> bytes:
    """Return the letter as the outbox keeps it: links in it are secrets."""
    return box.seal(_PURPOSE, f"user:{user_id}", msgspec.json.encode(what))


def open_letter(box: SecretBox, waiting: WaitingLetter) -> Letter:
    """Return what was sealed; raises DamagedKeys."""
    data = box.open(_PURPOSE, f"user:{waiting.user_id}", waiting.sealed)
    return msgspec.json.decode(data, type=Letter)


class MailSender:
    """Sends what waits in the outbox, again with growing waits as long as the mail server does not take it."""

    def __init__(self, outbox: MailOutbox, mailer: Mailer, box: SecretBox, clock: Clock) -> None:
        """Use these; keep `run` running."""
        self._outbox = outbox
        self._mailer = mailer
        self._box = box
        self._clock = clock

    async def run(self) -> None:
        """Send letters until cancelled."""
        while True:
            try:
                await self.send_due()
            except Unavailable as error:
                log.warning("letters_wait", error=str(error))
            await asyncio.sleep(_LOOK_S)

    async def send_due(self) -> int:
        """Send what is due, at most 20 letters; return how many were taken by the mailer.

        Raises:
            Unavailable: the database is out of reach.
        """
        sent = 0
        for _ in range(_AT_ONCE):
            now = self._clock.now_ms()
            due = await self._outbox.take(now, now + _CLAIM_MS, 1)
            if not due:
                break
            sent += await self._send(due[0])
        return sent

    async def _send(self, waiting: WaitingLetter) -> bool:
        try:
            what = open_letter(self._box, waiting)
            await self._mailer.send(what.to, what.subject, what.text)
        except Unavailable as error:
            await self._later(waiting, str(error))
            return False
        except (MailRefused, DamagedKeys, ValueError, msgspec.DecodeError) as error:
            log.warning("letter_given_up", user_id=waiting.user_id, error=type(error).__name__)
            await self._outbox.remove(waiting.number)
            return False
        await self._outbox.remove(waiting.number)
        return True

    async def _later(self, waiting: WaitingLetter, why: str) -> None:
        if waiting.attempts >= MAX_ATTEMPTS:
            log.warning("letter_given_up", user_id=waiting.user_id, error=why)
            await self._outbox.remove(waiting.number)
            return
        wait_ms = FIRST_WAIT_MS << (waiting.attempts - 1)
        log.warning("letter_waits", user_id=waiting.user_id, wait_ms=wait_ms, error=why)
        await self._outbox.put_off(waiting.number, self._clock.now_ms() + wait_ms)
