"""Failed log-ins per e-mail address are counted, so that many machines together cannot guess a password.

Two counters: one per address and network (its owner elsewhere is not locked out by a stranger's guesses),
one per address from everywhere (NIST SP 800-63B 5.2.2: no more than 100). Attempts are counted before the
password is checked, so a hundred at once count as a hundred; a success forgets both counters.
"""

import hashlib
from typing import Final

from cse.users.errors import TooManyAttempts
from cse.users.ports import Cache

WINDOW_MS: Final = 15 * 60 * 1_000
PER_NETWORK: Final = 20
PER_ADDRESS: Final = 100


class LoginThrottle:
    """Counts attempts in a cache; losing the cache forgets counts, it never refuses anyone."""

    def __init__(
        self, cache: Cache, *, per_network: int = PER_NETWORK, per_address: int = PER_ADDRESS
    ) -> None:
        """Allow so many failures within 15 minutes of the first one."""
        self._cache = cache
        self._limits = (per_network, per_address)

    async def count(self, email: str, network: str) -> None:
        """Count one attempt to log in as `email`, from a network such as "203.0.113.7".

        Raises:
            TooManyAttempts: there were too many; the password must not be checked.
        """
        counts = [await self._cache.increment(key, WINDOW_MS) for key in _keys(email, network)]
        if any(count > limit for count, limit in zip(counts, self._limits, strict=True)):
            raise TooManyAttempts(WINDOW_MS)

    async def forget(self, email: str, network: str) -> None:
        """The log-in succeeded: the counters start afresh."""
        for key in _keys(email, network):
            await self._cache.delete(key)


def _keys(email: str, network: str) -> tuple[str, str]:
    """Cache keys that tell nobody who logs in."""
    everywhere = hashlib.blake2b(email.encode("utf-8", "replace"), digest_size=16).hexdigest()
    there = hashlib.blake2b(
        f"{network}\0{email}".encode("utf-8", "replace"), digest_size=16
    ).hexdigest()
    return f"login:network:{there}", f"login:address:{everywhere}"
