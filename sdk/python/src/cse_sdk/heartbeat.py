"""Whether anybody is there: pings, how long their answers take, and silence."""

from typing import Final

from cse_sdk.options import Counts, Options


class Heartbeat:
    """Of one connection. Every message counts as a sign of life."""

    def __init__(self, options: Options, counts: Counts) -> None:
        """Begin without a connection."""
        self._options: Final = options
        self._counts: Final = counts
        self._heard_ms = 0
        self._ping_due_ms = 0

    def begin(self, now_ms: int) -> None:
        """Begin with a new connection."""
        self._heard_ms = self._ping_due_ms = now_ms

    def heard(self, now_ms: int) -> None:
        """Note a sign of life."""
        self._heard_ms = now_ms

    def answered(self, sent_ms: int, now_ms: int) -> None:
        """Note a ping's answer."""
        self._counts.latency_ms = now_ms - sent_ms

    def ping_is_due(self, now_ms: int) -> bool:
        """Return whether to send a ping now, and count it as sent if so."""
        if now_ms < self._ping_due_ms:
            return False
        self._ping_due_ms = now_ms + self._options.ping_ms
        return True

    def stale(self, now_ms: int) -> bool:
        """Return whether it has been silent for too long to trust it."""
        return now_ms - self._heard_ms >= self._options.stale_ms

    def dead(self, now_ms: int) -> bool:
        """Return whether it has been silent for too long to wait on."""
        return now_ms - self._heard_ms >= self._options.dead_ms

    def wake_ms(self, now_ms: int) -> int:
        """Return when to look again."""
        limit = self._options.dead_ms if self.stale(now_ms) else self._options.stale_ms
        return min(self._ping_due_ms, self._heard_ms + limit)
