"""Tasks that go on for as long as a process does: started again when they fail, and every failure is told."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Self

import structlog

log = structlog.get_logger(__name__)

_PAUSE_S = 1.0


class Background(AbstractAsyncContextManager["Background"]):
    """Runs tasks until the context closes. A failure is a bug: it is logged with its traceback."""

    def __init__(self) -> None:
        """Run nothing yet."""
        self._tasks: list[asyncio.Task[None]] = []
        self.failures: dict[str, str] = {}
        """The last failure of each task that has failed, for health answers."""

    def start(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Keep `work` running; it is not started again once it returns."""
        self._tasks.append(asyncio.create_task(self._keep(name, work), name=name))

    async def stop(self) -> None:
        """End all tasks. Harmless twice."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def __aenter__(self) -> Self:
        return self

    async def _keep(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await work()
            except Exception as error:
                self.failures[name] = repr(error)
                log.exception("background_task_failed", task=name)
                await asyncio.sleep(_PAUSE_S)
            else:
                return
