"""What an e-mail address, a handle and a password may look like. Pure checks, no lookups.

Addresses and handles are plain ASCII, so that two that look alike are alike: no homographs, no invisible
characters, no width or case tricks. Internationalised domains are given in their `xn--` form.
"""

import re
import unicodedata
from typing import Final, NamedTuple

from cse.users.common_passwords import SHORTEST, common_passwords
from cse.users.errors import InvalidField

MAX_EMAIL_LENGTH: Final = 254
"""RFC 5321, 4.5.3.1.3: a path of 256 with its angle brackets."""
MAX_LOCAL_LENGTH: Final = 64
HANDLE_LENGTH: Final = (3, 20)
PASSWORD_LENGTH: Final = (SHORTEST, 1024)
"""Characters, after normalisation to NFC."""

_ATOM: Final = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL: Final = re.compile(
    rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?:{_LABEL}\.)+(?P<top>[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9]))"
)
_HANDLE: Final = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED: Final = frozenset(
    {
        "admin",
        "administrator",
        "api",
        "cse",
        "exchange",
        "help",
        "me",
        "moderator",
        "official",
        "owner",
    }
    | {
        "root",
        "security",
        "staff",
        "support",
        "system",
        "team",
        "treasury",
        "venue",
        "null",
        "undefined",
    }
)


class Handle(NamedTuple):
    """A public name: as its owner writes it, and as it is compared."""

    shown: str
    key: str


def normalise_email(text: str) -> str:
    """Return the address in lower case, which is what is stored and compared.

    Raises:
        InvalidField: not a plain ASCII address of at most 254 characters (quoted local parts, comments
            and address literals are not taken).
    """
    if len(text) > MAX_EMAIL_LENGTH:
        raise InvalidField("email", f"must have at most {MAX_EMAIL_LENGTH} characters")
    if not text.isascii():
        raise InvalidField("email", "must be plain ASCII; write an international domain as xn--...")
    email = text.lower()
    match = _EMAIL.fullmatch(email)
    if match is None or len(match["local"]) > MAX_LOCAL_LENGTH:
        raise InvalidField("email", "must be an address such as name@example.com")
    return email


def parse_handle(text: str) -> Handle:
    """Return the handle as written, and the lower-case form that must be unique.

    Raises:
        InvalidField: not 3 to 20 ASCII letters, digits or underscores beginning with a letter, or reserved.
    """
    key = text.lower() if text.isascii() else ""
    if not HANDLE_LENGTH[0] <= len(text) <= HANDLE_LENGTH[1] or not _HANDLE.fullmatch(key):
        raise InvalidField(
            "handle", "must be 3 to 20 letters (a-z), digits or underscores and begin with a letter"
        )
    if key in _RESERVED:
        raise InvalidField("handle", "is reserved")
    return Handle(text, key)


def normalise_password(text: str) -> str:
    """Return the password in NFC, so that it is the same from every keyboard (RFC 8265).

    Raises:
        InvalidField: over 1,024 characters, or no text at all (lone surrogates).
    """
    if len(text) > PASSWORD_LENGTH[1]:
        raise InvalidField("password", f"must have at most {PASSWORD_LENGTH[1]} characters")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidField("password", "must be valid Unicode text")
    return unicodedata.normalize("NFC", text)


def check_new_password(text: str, *, email: str, handle: Handle) -> str:
    """Return a password for a new account, normalised, or say why it is none.

    Length, the commonest passwords, and the person's own names are all that is asked (NIST SP 800-63B
    5.1.1.2); no rules about kinds of characters.

    Raises:
        InvalidField: too short, too long, among the commonest, or equal to the address or handle.
    """
    password = normalise_password(text)
    if len(password) < PASSWORD_LENGTH[0]:
        raise InvalidField("password", f"must have at least {PASSWORD_LENGTH[0]} characters")
    folded = password.casefold()
    if folded in common_passwords() or len(set(folded)) < 3:
        raise InvalidField("password", "is one of the first that anybody would guess")
    if folded in {email, email.partition("@")[0], handle.key}:
        raise InvalidField("password", "must not be your e-mail address or handle")
    return password
