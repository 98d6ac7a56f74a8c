"""The one door to an engine, whichever it is: the Python one (machine.py) or the native one (native.py).

Which one runs is the operator's choice (the setting `engine`); this layer reads no environment, so the
choice comes in as a parameter.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, Protocol

from cse.engine.native import (
    EngineUnusable,
    NativeEngine,
    NativeFrames,
    NativeModule,
    refuse_other_version,
)
from cse.messages.batch import Outcome, Sealed
from cse.messages.framed import FramedRecords
from cse.messages.frames import FrameTools, PythonFrames
from cse.messages.wire import Command, Event, Record

Choice = Literal["auto", "python", "native"]
"""auto: native if it is built, else Python."""


class Engine(Protocol):
    """One venue: all markets, all balances. Single-threaded and deterministic."""

    @property
    def name(self) -> Literal["python", "native"]:
        """Which engine this is."""
        ...

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

    def run(self, sealed: Sealed) -> Outcome:
        """Apply commands that were sealed together; the rules of `apply` hold for each."""
        ...

    def apply_batch(self, frames: bytes) -> bytes:
        """Apply command frames with their sequences and times; return the frames of what happened.

        Each event's frame carries its command's sequence and time, and its place among the command's
        events modulo 65,536. The whole input is checked before anything is applied.

        Raises:
            cse.core.errors.CodecError: these are not whole frames of commands; nothing changed.
            cse.core.errors.OutOfSequence: they do not follow one another, or not the last command, or
                go back in time; nothing changed.
        """
        ...

    def replay(self, frames: bytes) -> None:
        """Apply command frames as `apply_batch` does, for whoever needs no events. Raises the same."""
        ...

    def records(self) -> Iterator[Record]:
        """Yield the whole state in canonical order (messages/records.py)."""
        ...

    def snapshot(self) -> FramedRecords:
        """Return the same records as frames (sequence, time and index 0 in their headers)."""
        ...

    def state_hash(self) -> bytes:
        """Return BLAKE2b-256 over the encoded records: equal for equal states of any implementation."""
        ...

    def next_tick_at(self) -> int | None:
        """Return when a Tick is due next (Unix ms; the past: at once), None when nothing waits for time."""
        ...


def new_engine(choice: Choice = "auto") -> Engine:
    """Return the engine of an empty venue.

    Raises:
        EngineUnusable: the native engine is of another version, or was demanded and is not there.
    """
    if (module := native_module(choice)) is not None:
        return NativeEngine.empty(module)
    from cse.engine.machine import PythonEngine

    return PythonEngine()


def restore_engine(records: Iterable[Record], choice: Choice = "auto") -> Engine:
    """Return an engine whose state is these records; quickest for the native one with FramedRecords.

    Raises:
        cse.core.errors.CodecError: the records contradict each other.
        EngineUnusable: as new_engine.
    """
    if (module := native_module(choice)) is not None:
        return NativeEngine.restored(module, records)
    from cse.engine.restore import restore

    return restore(records)


class EngineInUse(NamedTuple):
    """Which engine a choice comes to on this machine."""

    name: Literal["python", "native"]
    reason: str
    """Why it is Python; empty where it is native."""


def engine_in_use(choice: Choice) -> EngineInUse:
    """Say which engine a choice comes to.

    Raises:
        EngineUnusable: as new_engine.
    """
    if choice == "python":
        return EngineInUse("python", "chosen by CSE_ENGINE=python")
    if native_module(choice) is not None:
        return EngineInUse("native", "")
    return EngineInUse("python", "the native engine is not built; `make native` says why")


def frame_tools(choice: Choice) -> FrameTools:
    """Return what checks and numbers rows of frames, native where the engine is.

    Raises:
        EngineUnusable: as new_engine.
    """
    module = native_module(choice)
    return PythonFrames() if module is None else NativeFrames(module)


def native_module(choice: Choice) -> NativeModule | None:
    """Return the native engine's module if the choice falls on it, None where Python runs.

    Raises:
        EngineUnusable: as new_engine.
    """
    if choice == "python":
        return None
    try:
        import cse_native
    except ImportError as error:
        if choice == "auto":
            return None
        raise EngineUnusable(
            f"the native engine was asked for (CSE_ENGINE=native) and is not there ({error}): run `make"
            " native` where there is a Rust toolchain, or set CSE_ENGINE=python"
        ) from error
    refuse_other_version(cse_native)
    return cse_native
