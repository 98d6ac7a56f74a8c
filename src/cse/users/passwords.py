"""Password hashes: bcrypt, off the event loop, in a small pool with a bounded queue.

What is stored begins with a mark in the place of bcrypt's own: `$2b$` is bcrypt as every library writes it, of a plain
SHA-256 where the password is too long for it; `$2h$` is the same of an HMAC-SHA256 that is ours. Whoever has unkeyed
SHA-256 digests of long passwords from somewhere else cannot try them against the latter ("password shucking").
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Final, TypeVar

import bcrypt

from cse.users.errors import Overloaded

BCRYPT_BYTES: Final = 72
"""bcrypt reads no further than this."""
_PLAIN: Final = "$2b$"
_KEYED: Final = "$2h$"
NO_PASSWORD: Final = "!"
"""What is stored in the place of a hash for who has no password (as in /etc/shadow): nothing matches it."""
_PURPOSE: Final = b"cse password, bcrypt, 1"
"""No secret: it makes our digests of long passwords different from everybody else's."""

_T = TypeVar("_T")


class PasswordHasher:
    """Hashes and checks passwords (already normalised) at one cost.

    A check takes about a quarter of a second of one core at cost 12, so at most `threads` run at a time
    and at most `waiting` more may queue: a flood of log-ins is refused instead of starving trading.
    """

    def __init__(self, cost: int, *, threads: int = 2, waiting: int = 64) -> None:
        """Start no thread yet; `cost` is the log2 of bcrypt's rounds."""
        self._cost = cost
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="bcrypt")
        self._places = BoundedSemaphore(threads + waiting)
        # Of this cost, of a salt of zeros and a digest that nobody knows a password for: checking it
        # takes as long as checking a real one.
        self._nobodys_hash = f"{_KEYED}{cost:02d}${'.' * 22}{'.' * 31}"

    async def hash(self, password: str) -> str:
        """Return a salted hash.

        Raises:
            Overloaded: too many are waiting.
        """
        material = _material(password, keyed=True)
        hashed = await self._run(lambda: bcrypt.hashpw(material, bcrypt.gensalt(self._cost)))
        return _KEYED + hashed.decode("ascii").removeprefix(_PLAIN)

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Return whether the password is the one; None (no such user) and NO_PASSWORD take as long and are False.

        Raises:
            Overloaded: too many are waiting.
        """
        if hashed is not None and hashed.startswith(NO_PASSWORD):
            hashed = None
        wanted = hashed or self._nobodys_hash
        material = _material(password, keyed=wanted.startswith(_KEYED))
        if wanted.startswith(_KEYED):
            wanted = _PLAIN + wanted.removeprefix(_KEYED)
        matches = await self._run(lambda: bcrypt.checkpw(material, wanted.encode("ascii")))
        return matches and hashed is not None

    def is_outdated(self, hashed: str) -> bool:
        """Return whether the hash was made at a lower cost than is wanted now, or in the old way at no higher one."""
        cost = int(hashed.split("$")[2])
        return cost < self._cost or (cost == self._cost and not hashed.startswith(_KEYED))

    def close(self) -> None:
        """End the threads; what is queued is dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def _run(self, work: Callable[[], _T]) -> _T:
        if not self._places.acquire(blocking=False):
            raise Overloaded
        try:
            future = self._pool.submit(work)
        except RuntimeError:  # closed
            self._places.release()
            raise
        # Given back when the thread is done with it, not when the caller stops waiting for it.
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)


def _material(password: str, *, keyed: bool) -> bytes:
    """Return what bcrypt gets: the password, or if that is too long for it, a digest without zero bytes."""
    raw = password.encode()
    if len(raw) <= BCRYPT_BYTES and b"\0" not in raw:
        return raw
    digest = hmac.digest(_PURPOSE, raw, "sha256") if keyed else hashlib.sha256(raw).digest()
    return base64.b64encode(digest)
