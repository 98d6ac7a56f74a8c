"""Snapshots in turn: whoever opens many channels, or deep ones, waits in line with everybody else."""

import asyncio
import time
from collections import deque
from typing import Final, Protocol

TURN_NS: Final = 2_000_000
"""How long snapshots are made before the loop does something else."""


class Opening(Protocol):
    """Somebody with channels to open."""

    def open_next(self) -> bool:
        """Open one; False: there is none now."""
        ...


class Openings:
    """One line for all connections of a process, each opening one channel at a time."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._line: Final[deque[Opening]] = deque()
        self._waiting: Final[set[Opening]] = set()
        self._scheduled = False

    def __len__(self) -> int:
        return len(self._line)

    def add(self, who: Opening) -> None:
        """Queue somebody, unless they wait already."""
        if who in self._waiting:
            return
        self._waiting.add(who)
        self._line.append(who)
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        """Open channels for a while, then let the loop have its turn."""
        self._scheduled = False
        ends_ns = time.monotonic_ns() + TURN_NS
        try:
            while self._line and time.monotonic_ns() < ends_ns:
                who = self._line.popleft()
                self._waiting.discard(who)
                if who.open_next():
                    self._waiting.add(who)
                    self._line.append(who)
        finally:
            if self._line and not self._scheduled:
                self._scheduled = True
                asyncio.get_running_loop().call_soon(self._turn)
