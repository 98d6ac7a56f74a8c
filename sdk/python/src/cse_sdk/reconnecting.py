"""When to connect again: soon after a good connection, ever later after bad ones, spread after a restart."""

from typing import Final

from cse_sdk.backoff import Chance, pause_ms
from cse_sdk.options import Options

RESTARTS: Final = 1012
BLAMED: Final = frozenset({1008, 4008})
"""Closed for what we did (too much, too slowly): come back later than others."""
BLAMED_ATTEMPTS: Final = 3


class Reconnecting:
    """The life of one connection after the other."""

    def __init__(self, options: Options, chance: Chance) -> None:
        """Begin without a connection, and want none yet."""
        self.up = False
        self.stopped = True
        self.due_ms: int | None = None
        self._options: Final = options
        self._chance: Final = chance
        self._attempts = 0
        self._since_ms = 0

    def start(self, now_ms: int) -> None:
        """Want a connection, at once."""
        if self.stopped:
            self.stopped, self.due_ms = False, now_ms

    def stop(self) -> None:
        """Want none any more."""
        self.up, self.stopped, self.due_ms = False, True, None

    def connect_is_due(self, now_ms: int) -> bool:
        """Return whether to connect now; it is not due again before `lost`."""
        if self.due_ms is None or now_ms < self.due_ms:
            return False
        self.due_ms = None
        return True

    def opened(self, now_ms: int) -> None:
        """Note that it is open."""
        self.up, self._since_ms = True, now_ms

    def lost(self, code: int | None, now_ms: int) -> None:
        """Note that it is gone, or could not be made; set when to try again."""
        if self.up and now_ms - self._since_ms >= self._options.steady_ms:
            self._attempts = 0
        self.up = False
        if code in BLAMED:
            self._attempts = max(self._attempts, BLAMED_ATTEMPTS)
        if code == RESTARTS and not self._attempts:
            pause = int(self._options.restart_spread_ms * self._chance())
        else:
            first, longest = self._options.first_pause_ms, self._options.longest_pause_ms
            pause = pause_ms(self._attempts, first, longest, self._chance)
        self._attempts += 1
        self.due_ms = now_ms + pause
