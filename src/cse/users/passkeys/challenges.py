"""Challenges that browsers let authenticators sign: random, good once, for one purpose, for five minutes.

They lie in the cache that all gateways share. A lost cache costs a second try, never a replay: what is not found is
refused.
"""

import hashlib
import secrets
from typing import Final

import msgspec

from cse.users.passkeys.errors import PasskeyRefused
from cse.users.passkeys.model import Purpose, Use
from cse.users.ports import Cache

CHALLENGE_MS: Final = 300_000
CHALLENGE_BYTES: Final = 32


class Asked(msgspec.Struct, frozen=True):
    """What a challenge was made for."""

    purpose: Purpose
    user_id: int
    session_id: str
    handle: bytes = b""
    """For registrations: what the authenticator was told to name the person by."""


class Challenges:
    """Gives challenges out and takes them back, once."""

    def __init__(self, cache: Cache) -> None:
        """Keep them in this cache."""
        self._cache = cache

    async def new(self, use: Use, handle: bytes = b"") -> bytes:
        """Return a challenge for one use."""
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        asked = Asked(use.purpose, use.user_id, use.session_id, handle)
        await self._cache.set(_key(challenge), msgspec.msgpack.encode(asked), CHALLENGE_MS)
        return challenge

    async def take(self, challenge: bytes, use: Use) -> Asked:
        """Use a challenge up, whatever comes of it; return what it was made for.

        Raises:
            PasskeyRefused: it is none of ours, was used, has run out, or is for another purpose, person or session.
        """
        stored = await self._cache.take(_key(challenge))
        if stored is None:
            raise PasskeyRefused("challenge_unknown")
        asked = msgspec.msgpack.decode(stored, type=Asked)
        if (asked.purpose, asked.user_id, asked.session_id) != use:
            raise PasskeyRefused("challenge_of_something_else")
        return asked


def _key(challenge: bytes) -> str:
    """Whoever reads the cache learns no challenge that is still good."""
    return f"passkey:{hashlib.sha256(challenge).hexdigest()}"
