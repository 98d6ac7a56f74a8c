"""Signatures that were used: each is good once. Bounded for every key, and never by forgetting one too early.

The window that a request gives is not signed: whoever reads one on its way may send it again with the widest.
So each is remembered for as long as the widest window lets anybody use it.
"""

import hashlib
from collections import OrderedDict
from typing import Final

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.gateway.problems import edge_problem
from cse.users.ports import Cache

log = structlog.get_logger(__name__)

MAX_WINDOW_MS: Final = 60_000
"""A request may be so old when it arrives, if it asks for that."""
AHEAD_MS: Final = 1_000
"""A clock may be so much ahead of ours."""
KEEP_MS: Final = MAX_WINDOW_MS + AHEAD_MS + 1
MAX_OF_KEY: Final = 40_000
"""Of one key at once in this process; more than `limits.key_per_second` lets through as it is set by default.
About 6 MB a key.
"""


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

    async def is_first(self, key_id: str, signature: bytes) -> bool:
        """Return whether a signature that was found good comes for the first time; it is remembered.

        Raises:
            ApiProblem: 429, the key has used as many as are remembered.
        """
        now_ms = self._clock.now_ms()
        self._forget(now_ms)
        seen = self._seen.setdefault(key_id, OrderedDict())
        if signature in seen:
            return False
        if len(seen) >= self._max_of_key:
            raise edge_problem("rate_limited", f"This key signed too much within {KEEP_MS} ms.")
        seen[signature] = now_ms + KEEP_MS
        if self._shared is None:
            return True
        name = hashlib.sha256(key_id.encode("ascii") + signature).hexdigest()
        try:
            return await self._shared.increment(f"signed:{name}", KEEP_MS + AHEAD_MS) == 1
        except Unavailable as error:
            log.warning("signatures_not_shared", error=str(error))
            return True

    def _forget(self, now_ms: int) -> None:
        """Forget those that nobody can use any more, once a second at most."""
        if 0 <= now_ms - self._looked_at_ms < 1_000:
            return
        self._looked_at_ms = now_ms
        for key_id, seen in list(self._seen.items()):
            while seen and next(iter(seen.values())) < now_ms:
                seen.popitem(last=False)
            if not seen:
                del self._seen[key_id]
