"""When gathered changes are sent: at the end of this turn of the event loop, or at a pace.

Channels say that something is due; each is flushed once, however often it said so.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol


class Gathering(Protocol):
    """Something that gathers changes."""

    pace_ms: int
    """How long it gathers them; 0: until this turn of the event loop ends."""

    def flush(self) -> None:
        """Send what has gathered, if anything has."""
        ...


class Schedule:
    """Time as the event loop has it."""

    def soon(self, call: Callable[[], None]) -> None:
        """Call when what is under way in this turn of the loop is done."""
        asyncio.get_running_loop().call_soon(call)

    def later(self, delay_ms: int, call: Callable[[], None]) -> None:
        """Call after a while."""
        asyncio.get_running_loop().call_later(delay_ms / 1_000, call)


class Gatherer:
    """Who is due when; one beat per pace serves all channels of that pace."""

    def __init__(self, schedule: Schedule) -> None:
        """Begin with nothing due."""
        self.schedule: Final = schedule
        self._due: Final[dict[int, dict[Gathering, None]]] = {}

    def due(self, channel: Gathering) -> None:
        """Have a channel flushed when its pace says so; once, however often it is asked for."""
        pace_ms = channel.pace_ms
        waiting = self._due.get(pace_ms)
        if waiting is None:
            waiting = self._due[pace_ms] = {}
            beat = partial(self._beat, pace_ms)
            if pace_ms:
                self.schedule.later(pace_ms, beat)
            else:
                self.schedule.soon(beat)
        waiting[channel] = None

    def forget(self, channel: Gathering) -> None:
        """Flush a channel no more."""
        self._due.get(channel.pace_ms, {}).pop(channel, None)

    def _beat(self, pace_ms: int) -> None:
        waiting = self._due.pop(pace_ms)
        try:
            while waiting:
                channel = next(iter(waiting))
                del waiting[channel]
                channel.flush()
        finally:  # one that fails is the loop's to report; it holds nobody else up
            for channel in waiting:
                self.due(channel)
