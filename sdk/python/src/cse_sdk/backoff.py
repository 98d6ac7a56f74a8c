"""How long to wait before trying again: longer each time, never at the same moment as everybody else."""

from collections.abc import Callable

Chance = Callable[[], float]
"""A random number from 0 to 1, of which 1 is never reached."""


def pause_ms(attempt: int, first_ms: int, longest_ms: int, chance: Chance) -> int:
    """Return the pause before a further attempt (0: the first one); doubles, then half of it at random."""
    full = min(longest_ms, first_ms << min(attempt, 30))
    return full // 2 + int(full * chance()) // 2


class Pacer:
    """Lets things happen at most once per interval."""

    def __init__(self, interval_ms: int) -> None:
        """Let the first one happen at once."""
        self._interval_ms = interval_ms
        self._next_ms = 0

    def take(self, now_ms: int) -> bool:
        """Return whether it may happen now, and count it if so."""
        if now_ms < self._next_ms:
            return False
        self._next_ms = now_ms + self._interval_ms
        return True

    @property
    def next_ms(self) -> int:
        """When the next one may happen."""
        return self._next_ms
