"""Signatures that were used within their windows: each is good once. Bounded for every key, and never by forgetting."""

import hashlib
from collections import OrderedDict
from typing import Final

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.users.ports import Cache

log = structlog.get_logger(__name__)

MAX_OF_KEY: Final = 20_000
"""Of one key at once in this process; a further one is refused until old ones run out. About 3 MB a key."""


class SeenSignatures:
    """Remembers here and, where gateways share a cache, there. While that is away, each gateway's own count."""

    def __init__(
        self, clock: Clock, shared: Cache | None = None, *, max_of_key: int = MAX_OF_KEY
    ) -> None:
        """`shared`: what all gateways share; None: there is no other."""
        self._clock = clock
        self._shared = shared
        self._max_of_key = max_of_key
        self._seen: dict[str, OrderedDict[bytes, int]] = {}
        self._looked_at_ms = 0

    def __len__(self) -> int:
        """Return how many are remembered here."""
        return sum(map(len, self._seen.values()))

    async def is_first(self, key_id: str, signature: bytes, until_ms: int) -> bool:
        """Return whether a signature that was found good comes for the first time; it is remembered until then.

        A key that has used as many as are remembered is told False, too: nothing is forgotten before its time.
        """
        now_ms = self._clock.now_ms()
        self._forget(now_ms)
        seen = self._seen.setdefault(key_id, OrderedDict())
        if signature in seen or len(seen) >= self._max_of_key:
            return False
        seen[signature] = until_ms
        if self._shared is None:
            return True
        name = hashlib.sha256(key_id.encode("ascii") + signature).hexdigest()
        try:
            return await self._shared.increment(f"signed:{name}", max(1, until_ms - now_ms)) == 1
        except Unavailable as error:
            log.warning("signatures_not_shared", error=str(error))
            return True

    def _forget(self, now_ms: int) -> None:
        """Forget those whose windows are over, once a second at most."""
        if 0 <= now_ms - self._looked_at_ms < 1_000:
            return
        self._looked_at_ms = now_ms
        for key_id, seen in list(self._seen.items()):
            for signature in [each for each, until_ms in seen.items() if until_ms < now_ms]:
                del seen[signature]
            if not seen:
                del self._seen[key_id]
