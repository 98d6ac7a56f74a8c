"""Making batches durable without the event loop ever waiting for a disk."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Protocol

import msgspec

from cse.messages.batch import Sealed
from cse.messages.ports import Waiter
from cse.messages.wire import Command
from cse.sequencer.ports import Journal, JournalWriteFailed


class Submission(msgspec.Struct):
    """Commands that were handed in together, as frames that are not sealed yet."""

    frames: bytes
    count: int
    commands: Sequence[Command] | None
    """The same as objects, where they were handed in like that."""
    waiter: Waiter | None


class Batch(msgspec.Struct):
    """What one sync makes durable."""

    first_sequence: int
    parts: list[tuple[Sealed, Waiter | None]]
    frames: bytes
    """All of the parts' frames."""


Done = Callable[[Batch, Exception | None], None]
"""Told on the loop how it went with each batch, once, in order."""


class Committer(Protocol):
    """Appends batches to the journal, one after the other."""

    def hand(self, batch: Batch) -> None:
        """Give it the next batch. Called on the loop; `Done` is called later, never within."""
        ...

    def close(self) -> None:
        """End after what it was given. Harmless twice."""
        ...


class CommitThread:
    """A Committer with a Python thread, which works with any Journal."""

    def __init__(self, journal: Journal, loop: asyncio.AbstractEventLoop, done: Done) -> None:
        """Start the thread."""
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
            except BaseException as caught:  # noqa: BLE001  # the loop gets it, and halts
                error = (
                    caught if isinstance(caught, Exception) else JournalWriteFailed(repr(caught))
                )
            self._loop.call_soon_threadsafe(self._done, batch, error)

    def close(self) -> None:
        """End the thread after what it was given."""
        self._batches.put(None)
        self._thread.join()
