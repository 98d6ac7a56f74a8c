"""Ports of second factors: authenticators, recovery codes, counted attempts, step-ups (one contract suite); passkeys.

Every method is one transaction and raises cse.core.errors.Unavailable while what it stands on is out of reach.
Times are Unix milliseconds.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol

from cse.users.model import Guarded
from cse.users.passkeys.model import Assertion, Use


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
    passkey: Assertion | None = None


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


class PasskeySum(NamedTuple):
    """How many passkeys a person has, and since when (Unix ms; 0: none) one of them."""

    how_many: int = 0
    since: int = 0


class PasskeyCheck(Protocol):
    """Checks assertions (`cse.users.passkeys.checking`)."""

    async def options(self, use: Use) -> Mapping[str, Any]:
        """Return what a browser makes an assertion of, for this use; raises Unavailable."""
        ...

    async def check(self, used: Assertion, use: Use) -> object:
        """Use an assertion up.

        Raises:
            cse.users.passkeys.errors.PasskeyRefused: it is not good for this use.
        """
        ...


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
        """Remove exactly this authenticator, and the recovery codes of who has no passkey either; False: it is gone."""
        ...

    async def passkeys(self, user_id: int) -> PasskeySum:
        """Return what there is of passkeys."""
        ...

    async def reset(self, user_id: int) -> bool:
        """Remove every second factor of a person, and what was counted; False: there was none."""
        ...

    async def replace_codes(self, user_id: int, digests: Sequence[bytes], at_ms: int) -> bool:
        """Put new recovery codes in the place of all old ones; False: the person has no second factor."""
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
