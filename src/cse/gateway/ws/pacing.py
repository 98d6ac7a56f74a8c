"""How many messages a client may send: a token bucket per connection."""

from collections.abc import Callable
from typing import Final

from cse.gateway.ws.options import WsOptions

_NS: Final = 1_000_000_000


class MessageRate:
    """One connection's bucket, and how often it was empty."""

    __slots__ = ("_depth_ns", "_full_at_ns", "_interval_ns", "_max_refused", "_now_ns", "refused")

    def __init__(self, options: WsOptions, now_ns: Callable[[], int]) -> None:
        """Begin with a full bucket; `now_ns` is a monotonic clock."""
        self._now_ns: Final = now_ns
        self._interval_ns: Final = _NS // options.messages_per_second
        self._depth_ns: Final = self._interval_ns * options.message_burst
        self._max_refused: Final = options.max_refused
        self._full_at_ns = now_ns()
        self.refused = 0

    def take(self, now_ns: int | None = None) -> bool:
        """Take one message's worth; False: there is none now."""
        now_ns = self._now_ns() if now_ns is None else now_ns
        full_at_ns = max(self._full_at_ns, now_ns) + self._interval_ns
        if full_at_ns - now_ns > self._depth_ns:
            self.refused += 1
            return False
        self._full_at_ns = full_at_ns
        return True

    def charge(self, messages: int) -> None:
        """Take more for a message that costs as much as several; the next ones wait for it."""
        self._full_at_ns += messages * self._interval_ns

    @property
    def hopeless(self) -> bool:
        """Whether the client goes on in spite of being told."""
        return self.refused > self._max_refused
