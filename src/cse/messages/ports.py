"""The two doors between the engine's process and everyone else: commands in, events out.

Both have an in-process implementation (sequencer) and a socket one, and neither lets callers see which.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from cse.messages.batch import AppliedBatch, Outcome
from cse.messages.events import Applied
from cse.messages.wire import Command, Record


class Waiter(Protocol):
    """Who waits for commands to be applied; an asyncio.Future is one."""

    def done(self) -> bool:
        """Return whether nobody waits any more."""
        ...

    def set_result(self, result: Outcome, /) -> None:
        """Take what became of the commands. Must be quick and must not raise."""
        ...

    def set_exception(self, exception: BaseException, /) -> None:
        """Take why there is no answer: Unavailable or OutcomeUnknown. Also called where `set_result` raised."""
        ...


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

    def submit_batch(self, commands: Sequence[Command]) -> Awaitable[Sequence[Applied]]:
        """Hand in several commands that get consecutive sequence numbers, each applied for itself.

        Raises:
            Unavailable: nothing was accepted.
            OutcomeUnknown: none, some or all may have been applied.
        """
        ...


class FrameQueue(Protocol):
    """The same door for those who have commands as frames and want events as frames."""

    def submit_frames(self, frames: bytes, waiter: Waiter) -> int:
        """Hand in frames of commands (sequence and time 0) as one batch; return how many they are.

        The waiter is told right after the listeners, before anything else happens.

        Raises:
            CodecError: these are not whole commands, or too many; nothing was accepted.
            Unavailable: nothing was accepted.
        """
        ...


Listener = Callable[[AppliedBatch], None]
"""Called with everything that was applied, in sequence, without gaps; must be quick and must not raise."""


class EventFeed(Protocol):
    """Where events come out."""

    def attach(self, listener: Listener) -> Iterable[Record]:
        """Register a listener and return the state as of now; the listener gets all that comes after.

        Listeners have seen a command's events before its submitter gets the answer.
        """
        ...
