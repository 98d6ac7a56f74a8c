"""The thread that makes batches durable, so that the event loop never waits for a disk."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Protocol

import msgspec

from cse.messages.events import Applied
from cse.messages.wire import Command
from cse.sequencer.ports import Journal


class Waiter(Protocol):
    """Who waits for commands to be applied; an asyncio.Future is one."""

    def done(self) -> bool:
        """Return whether nobody waits any more."""
        ...

    def set_result(self, result: list[Applied], /) -> None:
        """Take what became of the commands."""
        ...

    def set_exception(self, exception: BaseException, /) -> None:
        """Take why there is no answer: Unavailable or OutcomeUnknown."""
        ...


class Submission(msgspec.Struct):
    """Commands that were handed in together, encoded already."""

    commands: Sequence[Command]
    bodies: list[tuple[int, bytes]]
    """Message type and encoded fields of each."""
    waiter: Waiter | None


class Batch(msgspec.Struct):
    """What one sync makes durable."""

    first_sequence: int
    time_ms: int
    submissions: list[Submission]
    frames: list[bytes]


class CommitThread:
    """Appends one batch at a time to the journal and tells the loop how it went."""

    def __init__(
        self,
        journal: Journal,
        loop: asyncio.AbstractEventLoop,
        done: Callable[[Batch, Exception | None], None],
    ) -> None:
        """Start the thread; `done` is called on the loop, once for each batch, in order."""
        self._journal = journal
        self._loop = loop
        self._done = done
        self._batches: SimpleQueue[Batch | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def hand(self, batch: Batch) -> None:
        """Give it the next batch."""
        self._batches.put(batch)

    def _run(self) -> None:
        while (batch := self._batches.get()) is not None:
            error: Exception | None = None
            try:
                self._journal.append(batch.frames)
            except Exception as caught:  # noqa: BLE001  # the loop gets it, and halts
                error = caught
            self._loop.call_soon_threadsafe(self._done, batch, error)

    def close(self) -> None:
        """End the thread after what it was given."""
        self._batches.put(None)
        self._thread.join()
