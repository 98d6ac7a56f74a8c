"""The appender of the native module (native/src/journal), which has a thread of its own and no GIL.

It is used blocking, like the other one, or by an event loop: batches are handed over, and a descriptor is
readable when some have come back (`NativeCommitter`).
"""

import asyncio
from collections import deque
from pathlib import Path
from typing import Protocol

from cse.adapters.journal.appender import Place
from cse.adapters.journal.disk import Disk
from cse.sequencer.commit import Batch, Done
from cse.sequencer.ports import JournalWriteFailed


class Door(Protocol):
    """The class JournalAppender of the native module."""

    @property
    def last_sequence(self) -> int: ...
    def hand(self, frames: bytes, /) -> None: ...
    def take(self) -> list[BaseException | None]: ...
    def wait(self) -> BaseException | None: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...


class Opens(Protocol):
    """How it is made. Without a `disk` it does by itself what Disk does."""

    def __call__(
        self,
        folder: Path,
        venue_id: bytes,
        segment_bytes: int,
        end: tuple[int, int, int, int],
        disk: Disk | None = None,
    ) -> Door: ...


class NativeAppender:
    """The Appender of the native module."""

    def __init__(self, opens: Opens, place: Place, disk: Disk | None) -> None:
        """Go on at `place`.

        Raises:
            OSError: the system refuses.
        """
        self._door = opens(place.folder, place.venue_id, place.segment_bytes, place.end, disk)

    @property
    def last_sequence(self) -> int:
        """The last durable command."""
        return self._door.last_sequence

    def append(self, frames: bytes) -> None:
        """Write and sync one batch; not while others are under way."""
        self._door.hand(frames)
        if (error := self.wait()) is not None:
            raise error

    def hand(self, frames: bytes) -> None:
        """Give it the next batch; any number may be under way."""
        self._door.hand(frames)

    def fileno(self) -> int:
        """Return a descriptor that is readable when batches have come back that nobody took."""
        return self._door.fileno()

    def take(self) -> list[BaseException | None]:
        """Return how it went with the batches that have come back, in order; None: it is durable."""
        return [_told(error) for error in self._door.take()]

    def wait(self) -> BaseException | None:
        """Wait for the next batch to come back; one must be under way."""
        return _told(self._door.wait())

    def close(self) -> None:
        """End the thread after what it was given, and close the files; harmless twice."""
        self._door.close()


def _told(error: BaseException | None) -> BaseException | None:
    """Return what the port promises: a failed disk, now (OSError) or before, is JournalWriteFailed."""
    if not isinstance(error, OSError | RuntimeError):
        return error
    failed = JournalWriteFailed(str(error))
    failed.__cause__ = error
    return failed


class NativeCommitter:
    """A Committer without a Python thread: the loop watches the appender's descriptor."""

    def __init__(
        self, appender: NativeAppender, loop: asyncio.AbstractEventLoop, done: Done
    ) -> None:
        """Watch; nothing may be under way. The appender stays open when this is closed."""
        self._appender = appender
        self._loop = loop
        self._done = done
        self._batches: deque[Batch] = deque()
        loop.add_reader(appender.fileno(), self._ready)

    def hand(self, batch: Batch) -> None:
        """Give it the next batch."""
        self._appender.hand(batch.frames)
        self._batches.append(batch)  # after it was taken: one that was not never comes back

    def _ready(self) -> None:
        for error in self._appender.take():
            self._tell(self._batches.popleft(), error)

    def _tell(self, batch: Batch, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, Exception):
            raise error
        self._done(batch, error)

    def close(self) -> None:
        """Wait for what it was given; the loop is told of it after this."""
        self._loop.remove_reader(self._appender.fileno())
        while self._batches:
            self._loop.call_soon(self._tell, self._batches.popleft(), self._appender.wait())
