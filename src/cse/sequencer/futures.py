"""The awaiting half of a CommandQueue, for whoever can tell waiters."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Sequence
from typing import Any

from cse.messages.events import Applied
from cse.messages.ports import Waiter
from cse.messages.waiting import SingleWaiter
from cse.messages.wire import Command


class FutureDoor(ABC):
    """`submit` and `submit_batch` by `submit_to`: the future that is returned is the waiter."""

    _loop: asyncio.AbstractEventLoop

    @abstractmethod
    def submit_to(self, waiter: Waiter, commands: Sequence[Command]) -> None:
        """Hand in commands for a waiter, who is told right after the listeners, before anything else.

        Raises:
            Unavailable, CodecError: nothing was accepted.
        """

    def submit(self, command: Command) -> Awaitable[Applied]:
        """Hand in one command; see CommandQueue. Raises at the call what is known at the call.

        Raises:
            CodecError: it does not fit the codec; nothing was accepted.
        """
        answer: asyncio.Future[Any] = self._loop.create_future()
        self.submit_to(SingleWaiter(answer), (command,))
        return answer

    def submit_batch(self, commands: Sequence[Command]) -> Awaitable[Sequence[Applied]]:
        """Hand in several commands; see CommandQueue. One sync covers them all."""
        answer: asyncio.Future[Sequence[Applied]] = self._loop.create_future()
        self.submit_to(answer, commands)
        return answer
