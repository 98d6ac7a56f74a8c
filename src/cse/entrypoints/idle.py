"""When connections end that nobody uses."""

import asyncio
from collections.abc import Callable


class IdleTimer:
    """Calls `close` when a connection has been idle for so long.

    Beginning and ending cost next to nothing, as every request does both: the loop's timer is left to run,
    and looks when it is due whether its time has come.
    """

    __slots__ = ("_close", "_due", "_handle", "_loop", "_seconds")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, seconds: float, close: Callable[[], None]
    ) -> None:
        """Begin nothing yet."""
        self._loop = loop
        self._seconds = seconds
        self._close = close
        self._due: float | None = None
        self._handle: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Count from now."""
        self._due = self._loop.time() + self._seconds
        if self._handle is None:
            self._handle = self._loop.call_at(self._due, self._look)

    def end(self) -> None:
        """Count no more: it is used again."""
        self._due = None

    def cancel(self) -> None:
        """Be done with: the connection is over."""
        self._due = None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _look(self) -> None:
        self._handle = None
        if self._due is None:
            return
        if self._loop.time() >= self._due:
            self._close()
        else:
            self._handle = self._loop.call_at(self._due, self._look)
