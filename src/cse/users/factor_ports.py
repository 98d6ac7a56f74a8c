"""Port of second factors: authenticators, recovery codes, counted attempts and step-ups. One contract suite.

Every method is one transaction and raises cse.core.errors.Unavailable while what it stands on is out of reach.
Times are Unix milliseconds.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final, Protocol

from cse.users.model import Guarded


class Door(StrEnum):
    """Where codes can be tried; each is counted for itself, so that a stranger at one locks nobody out of the other."""

    LOG_IN = "log_in"
    """Whoever knows the password."""
    SESSION = "session"
    """Whoever has a session: step-up, confirming and disabling."""


class Person(Guarded, frozen=True):
    """What is needed of somebody who is logged in."""

    email: str
    password_hash: str


class Proof(Guarded, frozen=True):
    """What somebody shows to prove who they are; any of it may be missing."""

    password: str | None = None
    totp: str | None = None
    """Six digits."""
    recovery_code: str | None = None


NO_PROOF: Final = Proof()


class Totp(Guarded, frozen=True):
    """An authenticator as it is stored."""

    user_id: int
    sealed: bytes
    """The shared secret, sealed (`SecretBox`); no two enrolments look alike."""
    enrolled_at: int
    confirmed_at: int | None = None
    """None: it is waiting for its first code, and log-ins do not ask for it."""
    last_step: int | None = None
    """The latest time step whose code was used: this and earlier ones are good no more."""


LockFor = Callable[[int], int]
"""Returns for how many milliseconds nothing more is tried after so many attempts without success."""


class FactorStore(Protocol):
    """Second factors in the users' tables."""

    async def person(self, user_id: int) -> Person | None:
        """Return a person."""
        ...

    async def totp(self, user_id: int) -> Totp | None:
        """Return a person's authenticator, confirmed or waiting."""
        ...

    async def enrol(self, new: Totp) -> bool:
        """Store an authenticator that waits, in the place of another that waits; False: one is confirmed."""
        ...

    async def confirm(self, totp: Totp, step: int, digests: Sequence[bytes], at_ms: int) -> bool:
        """Confirm exactly this one by the code of `step`, with recovery codes; False: it waits no more."""
        ...

    async def use_step(self, totp: Totp, step: int) -> bool:
        """Use up a time step of exactly this confirmed authenticator; of many at once one gets True."""
        ...

    async def remove(self, totp: Totp) -> bool:
        """Remove exactly this authenticator and the person's recovery codes; False: it is gone."""
        ...

    async def replace_codes(self, totp: Totp, digests: Sequence[bytes], at_ms: int) -> bool:
        """Put new recovery codes in the place of all old ones; False: the authenticator is gone."""
        ...

    async def unused_codes(self, user_id: int) -> Sequence[bytes]:
        """Return the digests of the recovery codes that are still good."""
        ...

    async def use_code(self, user_id: int, digest: bytes, at_ms: int) -> bool:
        """Use up a recovery code; of many at once one gets True."""
        ...

    async def attempt(self, user_id: int, door: Door, at_ms: int, lock_for: LockFor) -> int:
        """Count an attempt before it is checked, unless the door is locked.

        Returns:
            0: go on; it was counted, and the door is locked now for as long as `lock_for` says. Otherwise the time
            until which the door is locked; nothing was counted.
        """
        ...

    async def forget_attempts(self, user_id: int, door: Door) -> None:
        """An attempt succeeded: the count starts afresh and the door is open."""
        ...

    async def mark_proved(self, user_id: int, session_id: str, at_ms: int) -> bool:
        """Note that a session proved who uses it; False: the person has no such session."""
        ...

    async def proved_at(self, user_id: int, session_id: str) -> int | None:
        """Return when a session last proved who uses it: its log-in or the last mark; None: it is over."""
        ...
