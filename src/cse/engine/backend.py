"""The one door to an engine, whichever it is: the Python one here, later the native one."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from cse.messages.wire import Command, Event, Record


class Engine(Protocol):
    """One venue: all markets, all balances. Single-threaded and deterministic."""

    @property
    def sequence(self) -> int:
        """The last command that was applied; 0 for a new venue."""
        ...

    @property
    def time_ms(self) -> int:
        """The time of the last command; commands never go back in time."""
        ...

    def apply(self, sequence: int, time_ms: int, command: Command) -> list[Event]:
        """Apply one command and return what happened, in order.

        `sequence` must be exactly one more than the last, `time_ms` not less than the last: anything
        else is a bug of the caller (AssertionError).
        """
        ...

    def records(self) -> Iterator[Record]:
        """Yield the whole state in canonical order (messages/records.py)."""
        ...

    def state_hash(self) -> bytes:
        """Return BLAKE2b-256 over the encoded records: equal for equal states of any implementation."""
        ...

    def next_tick_at(self) -> int | None:
        """Return when a Tick is due next (Unix ms; the past: at once), None when nothing waits for time."""
        ...


def new_engine() -> Engine:
    """Return the engine of an empty venue."""
    from cse.engine.machine import PythonEngine

    return PythonEngine()


def restore_engine(records: Iterable[Record]) -> Engine:
    """Return an engine whose state is these records.

    Raises:
        cse.core.errors.CodecError: the records contradict each other.
    """
    from cse.engine.restore import restore

    return restore(records)
