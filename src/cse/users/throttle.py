"""Failed log-ins per e-mail address are counted, so that many machines together cannot guess a password.

Two counters: one per address and network, one per address from everywhere (NIST SP 800-63B 5.2.2: no more than 100).
The second would let strangers lock a person out, so it does not hold where the person logged in lately: such a
network has its own counter only. Attempts are counted before the password is checked, so a hundred at once count as a
hundred; a success forgets both counters. The person is told of refusals by a letter (`cse.users.lock_outs`).
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from cse.users.errors import TooManyAttempts
from cse.users.ports import Cache

WINDOW_MS: Final = 15 * 60 * 1_000
PER_NETWORK: Final = 20
PER_ADDRESS: Final = 100
KNOWN_MS: Final = 30 * 24 * 60 * 60_000
"""A network is a person's for so long after a log-in of theirs from it: 30 days."""

IsKnown = Callable[[str, str], Awaitable[bool]]
"""Whether the person of an e-mail address logged in from a network lately; raises Unavailable."""
Refused = Callable[[str], None]
"""Is told the e-mail address that was refused, whoever's it is; takes no time."""


async def nowhere(email: str, network: str) -> bool:  # noqa: ARG001  # an IsKnown
    """Stand for a memory that nobody keeps."""
    return False


def nobody_told(email: str) -> None:
    """Stand for somebody who hears of refusals."""


class Watch(NamedTuple):
    """What the throttle asks, and whom it tells."""

    is_known: IsKnown = nowhere
    refused: Refused = nobody_told


class LoginThrottle:
    """Counts attempts in a cache; losing the cache forgets counts, it never refuses anyone."""

    def __init__(
        self,
        cache: Cache,
        watch: Watch = Watch(),  # noqa: B008  # immutable
        *,
        per_network: int = PER_NETWORK,
        per_address: int = PER_ADDRESS,
    ) -> None:
        """Allow so many failures within 15 minutes of the first one."""
        self._cache = cache
        self._watch = watch
        self._per_network, self._per_address = per_network, per_address

    async def count(self, email: str, network: str) -> None:
        """Count one attempt to log in as `email`, from a network such as "203.0.113.7".

        Raises:
            TooManyAttempts: there were too many; the password must not be checked.
            Unavailable: the database is out of reach, asked only when strangers use the address up.
        """
        there, everywhere = [
            await self._cache.increment(key, WINDOW_MS) for key in _keys(email, network)
        ]
        if there > self._per_network:
            self._watch.refused(email)
            raise TooManyAttempts(WINDOW_MS)
        if everywhere > self._per_address and not await self._watch.is_known(email, network):
            self._watch.refused(email)
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
