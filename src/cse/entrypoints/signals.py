"""Ctrl-C, SIGTERM, a closed terminal: the first asks to stop in order, the second stops at once."""

import asyncio
import os
import signal
from collections.abc import Callable

import structlog

from cse.entrypoints.exits import ExitCode

log = structlog.get_logger(__name__)


class StopRequest:
    """Set when somebody wants this process to end. Made inside a running event loop."""

    def __init__(self, on_force: Callable[[], None] = lambda: None) -> None:
        """Take over the signals; `on_force` runs right before a forced end (to take children along)."""
        self._asked = asyncio.Event()
        self._on_force = on_force
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._handle, number)

    @property
    def asked(self) -> bool:
        """Whether the end was asked for."""
        return self._asked.is_set()

    async def wait(self) -> None:
        """Return once the end is asked for."""
        await self._asked.wait()

    def _handle(self, number: signal.Signals) -> None:
        if self._asked.is_set():
            log.warning("stopping at once", signal=number.name)
            self._on_force()
            os._exit(ExitCode.FAILED)
        log.info("stopping in order; the same again stops at once", signal=number.name)
        self._asked.set()
