"""API keys that were looked up before, so that proving one again needs no database."""

from collections import OrderedDict
from typing import Final

import msgspec

from cse.core.clock import Clock
from cse.users.model import ApiKey
from cse.users.ports import ApiKeyStore

MAX_KNOWN: Final = 10_000
"""At about 1 KB each this bounds the memory to 10 MB."""
KNOWN_MS: Final = 900_000
"""As long as an access token: nothing that was changed behind our back stays good for longer."""
_ID_LENGTH: Final = 32


class KnownKeys:
    """The keys used last, and the store behind them. Whether one was revoked since is asked elsewhere."""

    def __init__(self, store: ApiKeyStore, clock: Clock, *, max_known: int = MAX_KNOWN) -> None:
        """Begin with none."""
        self._store = store
        self._clock = clock
        self._max_known = max_known
        self._known: OrderedDict[str, tuple[ApiKey, int]] = OrderedDict()

    def __len__(self) -> int:
        """Return how many are remembered."""
        return len(self._known)

    async def find(self, key_id: str) -> ApiKey | None:
        """Return a key by its id; None if there is none. Only keys that exist are remembered.

        Raises:
            Unavailable: it is not remembered and the database is out of reach.
        """
        now_ms = self._clock.now_ms()
        known = self._known.get(key_id)
        if known is not None and abs(now_ms - known[1]) < KNOWN_MS:
            self._known.move_to_end(key_id)
            return known[0]
        if not is_key_id(key_id):
            return None
        key = await self._store.key(key_id)
        if key is None:
            self.forget(key_id)
        else:
            self._known[key_id] = (key, now_ms)
            self._known.move_to_end(key_id)
            if len(self._known) > self._max_known:
                self._known.popitem(last=False)
        return key

    def age_ms(self, key_id: str) -> int:
        """Return how long ago a key was read from the store; 0 if it is not remembered."""
        known = self._known.get(key_id)
        return 0 if known is None else abs(self._clock.now_ms() - known[1])

    def note_use(self, key_id: str, at_ms: int) -> None:
        """Remember when a key was used last, if it is remembered at all."""
        known = self._known.get(key_id)
        if known is not None:
            self._known[key_id] = (
                msgspec.structs.replace(known[0], last_used_at=at_ms),
                known[1],
            )

    def forget(self, key_id: str) -> None:
        """Look a key up again when it is next asked for; harmless if it is not remembered."""
        self._known.pop(key_id, None)


def is_key_id(key_id: str) -> bool:
    """Return whether a text has the form of a key's id."""
    return len(key_id) == _ID_LENGTH and all(digit in "0123456789abcdef" for digit in key_id)
