"""Hands in a Tick when the engine has something that waits for time."""

import asyncio
from collections.abc import Callable
from typing import Final

_LONGEST_S: Final = 1.0
"""The wall clock is looked at this often at least: it may be set while we wait."""


class TickTimer:
    """Knows when the next Tick is due, and that at most one is under way."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, now_ms: Callable[[], int], submit: Callable[[], None]
    ) -> None:
        """`submit` hands in one Tick; `applied` is to be called when it was applied.

        `now_ms` is the time that the Tick would get: never before the last command's, whatever the clock says.
        """
        self._loop = loop
        self._now_ms = now_ms
        self._submit = submit
        self._due: int | None = None
        self._under_way = False
        self._handle: asyncio.TimerHandle | None = None

    def plan(self, due_ms: int | None) -> None:
        """Set when the next Tick is due (None: never)."""
        if due_ms != self._due:
            self._due = due_ms
            self._wait()

    def applied(self) -> None:
        """Note that the Tick under way was applied; `plan` follows."""
        self._under_way = False
        self._due = None

    def cancel(self) -> None:
        """Hand in no more."""
        self._due = None
        self._wait()

    def _wait(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if self._due is not None and not self._under_way:
            left_s = (self._due - self._now_ms()) / 1_000
            self._handle = self._loop.call_later(min(max(left_s, 0), _LONGEST_S), self._look)

    def _look(self) -> None:
        self._handle = None
        if self._due is not None and self._now_ms() >= self._due:
            self._under_way = True
            self._submit()
        else:
            self._wait()
