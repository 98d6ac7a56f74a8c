"""Handing in one command and going on the moment it is applied, rather than in the loop's next round."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Protocol, runtime_checkable

from cse.messages.events import Applied
from cse.messages.ports import CommandQueue, Waiter
from cse.messages.wire import Command


class OneWaiter(Protocol):
    """Who waits for one command: a `ports.Waiter` that looks at nothing but what was applied."""

    def done(self) -> bool:
        """Return whether nobody waits any more."""
        ...

    def set_result(self, result: Sequence[Applied], /) -> None:
        """Take what became of it. Must be quick and must not raise."""
        ...

    def set_exception(self, exception: BaseException, /) -> None:
        """Take why there is no answer."""
        ...


@runtime_checkable
class PromptQueue(Protocol):
    """What queues may offer besides `CommandQueue`."""

    def submit_to(self, waiter: Waiter, commands: Sequence[Command]) -> None:
        """Hand in commands for a waiter, who is told right after the listeners, before anything else.

        Raises:
            Unavailable: nothing was accepted.
        """
        ...


class PromptDoor:
    """Hands commands in as promptly as the queue can."""

    def __init__(self, queue: CommandQueue) -> None:
        """Use `queue`'s own way of telling waiters, if it has one, else its futures."""
        self._queue = queue
        self._prompt = queue if isinstance(queue, PromptQueue) else None

    def submit(self, command: Command, waiter: OneWaiter) -> None:
        """Hand in one command; the waiter is told what became of it.

        Raises:
            Unavailable: nothing was accepted.
        """
        if self._prompt is not None:
            self._prompt.submit_to(waiter, (command,))
        else:
            applied = asyncio.ensure_future(self._queue.submit(command))
            applied.add_done_callback(partial(_tell, waiter))


def _tell(waiter: OneWaiter, done: "asyncio.Future[Applied]") -> None:
    try:
        applied = done.result()
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # the waiter's to tell
        waiter.set_exception(error)
    else:
        waiter.set_result((applied,))
