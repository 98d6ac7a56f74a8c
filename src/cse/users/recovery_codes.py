"""Recovery codes: what opens an account whose authenticator is lost. Ten, shown once, each good once.

A code is 80 random bits, so nobody can try them all and a slow hash would protect nothing: that is made for what
people choose. It is stored as a keyed digest (`SecretBox.digests`): with the database alone a code cannot even be
checked.
"""

import hmac
import secrets
from collections.abc import Iterable
from typing import Final

CODES: Final = 10
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letter that is mistaken for a digit."""
_LENGTH: Final = 16
_GROUP: Final = 4
_MISREAD: Final = str.maketrans("ilo", "110", "- ")


def new_codes() -> list[str]:
    """Return ten different codes such as `x3k9-0p7d-...`."""
    made: set[str] = set()
    while len(made) < CODES:
        made.add("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)))
    return ["-".join(code[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP)) for code in made]


def normalise(code: str) -> bytes | None:
    """Return a code as it is digested, however it was typed; None: it cannot be one."""
    plain = code.lower().translate(_MISREAD)
    if len(plain) != _LENGTH or not set(plain) <= set(_ALPHABET):
        return None
    return plain.encode("ascii")


def find(wanted: Iterable[bytes], stored: Iterable[bytes]) -> bytes | None:
    """Return the stored digest that is one of those wanted; every pair is compared, each in constant time."""
    candidates = list(wanted)
    found: bytes | None = None
    for digest in stored:
        for candidate in candidates:
            if hmac.compare_digest(digest, candidate):
                found = digest
    return found
