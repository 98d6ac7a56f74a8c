"""Strangers who guess at a password must not keep its owner out, and the owner hears of them.

From networks that a person logged in from lately they can log in whatever strangers do elsewhere. The letter is
written after the log-in was refused, by whoever works off a queue, so the refusal takes the same time and says the
same whether the address is registered or not.
"""

import asyncio
import hashlib
from ipaddress import ip_address, ip_network
from typing import Final

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.users.notices import Notice, Notices
from cse.users.ports import Cache, SessionStore, UserStore
from cse.users.throttle import KNOWN_MS

NOTICE_MS: Final = 24 * 60 * 60_000
"""One letter in so long a time: 24 hours."""
_WAITING: Final = 1_000
_NOTICE: Final = Notice(
    "Somebody tries to log in as you",
    "There were so many failed attempts to log in with this address that the exchange refuses further ones for up"
    " to 15 minutes at a time. Nobody got in by them, and your sessions go on. From where you logged in within the"
    " last 30 days you can log in as always. You are told of this once a day at most.",
)

log = structlog.get_logger(__name__)


class KnownNetworks:
    """Remembers, by their sessions, where people logged in."""

    def __init__(self, sessions: SessionStore, clock: Clock) -> None:
        """Ask these."""
        self._sessions = sessions
        self._clock = clock

    async def is_known(self, email: str, network: str) -> bool:
        """Return whether the person of an address logged in from a network (`203.0.113.7`, `2001:db8::/64`) lately.

        Raises:
            Unavailable: the database is out of reach.
        """
        since = self._clock.now_ms() - KNOWN_MS
        seen = await self._sessions.log_in_addresses(email, since)
        return any(_lies_in(address, network) for address in seen)


class LockOutNotices:
    """Tells people that log-ins as them are refused. Keep `run` running."""

    def __init__(self, users: UserStore, notices: Notices, cache: Cache) -> None:
        """Begin with nothing to tell; the cache remembers who was told."""
        self._users = users
        self._notices = notices
        self._cache = cache
        self._refused: asyncio.Queue[str] = asyncio.Queue(_WAITING)

    def note(self, email: str) -> None:
        """An attempt to log in with this address was refused, whoever's it is; what is too much is dropped."""
        if not self._refused.full():
            self._refused.put_nowait(email)

    async def run(self) -> None:
        """Write letters until cancelled."""
        while True:
            await self._tell(await self._refused.get())

    async def work_off(self) -> None:
        """Look after all refusals until now."""
        while not self._refused.empty():
            await self._tell(self._refused.get_nowait())

    async def _tell(self, email: str) -> None:
        digest = hashlib.blake2b(email.encode("utf-8", "replace"), digest_size=16).hexdigest()
        try:
            if await self._cache.increment(f"login:told:{digest}", NOTICE_MS) > 1:
                return
            known = await self._users.credentials(email)
            if known is not None:
                await self._notices.tell(known.user.user_id, _NOTICE)
        except Unavailable as error:
            log.warning("lock_out_not_told", error=str(error))


def _lies_in(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network)
    except ValueError:  # a Unix socket: everybody comes from there
        return False
