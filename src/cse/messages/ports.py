"""The two doors between the engine's process and everyone else: commands in, events out.

Both have an in-process implementation (sequencer) and a socket one, and neither lets callers see which.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from cse.messages.events import Applied
from cse.messages.wire import Command, Record


class CommandQueue(Protocol):
    """Where commands are handed in. An answer means: durable, and applied."""

    def submit(self, command: Command) -> Awaitable[Applied]:
        """Hand in one command and wait until it is durable and applied.

        A refusal by the engine is no error: it comes back as a `Rejected` event.

        Raises:
            Unavailable: nothing was accepted; trying again later is safe.
            OutcomeUnknown: it may or may not have been applied.
        """
        ...

    def submit_batch(self, commands: Sequence[Command]) -> Awaitable[list[Applied]]:
        """Hand in several commands that get consecutive sequence numbers, each applied for itself.

        Raises:
            Unavailable: nothing was accepted.
            OutcomeUnknown: none, some or all may have been applied.
        """
        ...


Listener = Callable[[Sequence[Applied]], None]
"""Called with everything that was applied, in sequence, without gaps; must be quick and must not raise."""


class EventFeed(Protocol):
    """Where events come out."""

    def attach(self, listener: Listener) -> Iterable[Record]:
        """Register a listener and return the state as of now; the listener gets all that comes after.

        Listeners have seen a command's events before its submitter gets the answer.
        """
        ...
