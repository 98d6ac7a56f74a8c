"""What waits for its proof, and why a proof is refused. Times are Unix milliseconds."""

import hashlib
import secrets
from enum import Enum
from typing import Final, NamedTuple

from cse.core.errors import CseError
from cse.users.errors import InvalidField
from cse.users.model import Guarded

LIFE_MS: Final = 24 * 60 * 60_000
"""How long a link is good."""
WINDOW_MS: Final = 60 * 60_000
PER_WINDOW: Final = 3
"""Letters with links to one address within an hour, whoever asks; and changes that one person may ask for."""
MAX_WAITING: Final = 100_000
"""Registrations that may wait for their proof; above it 503."""


class WrongLink(InvalidField):
    """The token is none of ours, was used, or has run out: told alike."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("token", "is not good, was used or has run out; ask for another")


class WrongPassword(InvalidField):
    """It is not the password that the registration was made with."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("password", "must be the one that was chosen at the registration")


class TooManyLetters(CseError):
    """The person has asked for as many letters as one may within an hour."""

    def __init__(self) -> None:
        super().__init__("You have asked for three letters within an hour; please wait.")
        self.retry_after_ms = WINDOW_MS


class Asked(Enum):
    """What became of a request for a letter."""

    STORED = "stored"
    BOUNDED = "bounded"
    """The address had its letters for this hour; nothing was done."""
    TOO_MANY = "too_many"
    """The person who asks did; nothing was done."""
    FULL = "full"
    """Too much waits, of letters or of registrations; nothing was done."""


class Pending(Guarded, frozen=True):
    """A registration that waits for its proof."""

    digest: bytes
    email: str
    handle: str
    """As its owner writes it. It is nobody's before the proof: reserving it would tell of addresses."""
    password_hash: str
    created_at: int
    expires_at: int


class AddressLink(Guarded, frozen=True):
    """A link of a registered person that proves an address."""

    digest: bytes
    user_id: int
    email: str
    session_id: str
    """The session that asks to change the address; empty: it is the address that the person has."""
    created_at: int
    expires_at: int


class Sealed(Guarded, frozen=True):
    """Two letters to one address, sealed; which of them goes is decided where it is known whose it is."""

    link: bytes
    """For an address that is nobody's yet."""
    taken: bytes
    """For an address that somebody registered with: they are told, and nothing else happens."""


class Change(NamedTuple):
    """A change of address whose link is good."""

    user_id: int
    old: str
    new: str
    session_id: str


def new_token() -> str:
    """Return 32 random bytes as text for a link."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def masked(email: str) -> str:
    """Return an address as records that are never deleted show it: `a***@example.com`."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}"
