"""The native engine (native/, distribution cse-native) behind the same interface as the Python one.

It takes and gives frames; messages are encoded and decoded here only for those who want objects. The module
itself is imported by backend.py, the one door, and handed in.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Literal, Protocol, cast

from cse.core.errors import CodecError, CseError, OutOfSequence
from cse.engine.limits import MAX_TIME_MS
from cse.messages.batch import Outcome, Sealed
from cse.messages.codec import decode_frames, encode_frame
from cse.messages.framed import FramedRecords
from cse.messages.layout import LAYOUT_HASH
from cse.messages.registry import CODEC_VERSION
from cse.messages.wire import Command, Event, Record

VERSION: Final = "0.1.0"
"""The version of cse-native that this software was written with (native/Cargo.toml)."""


class EngineUnusable(CseError):
    """The native engine is missing where it was demanded, or of another version; says what to run."""


class NativeDoor(Protocol):
    """The engine in the native module. After a panic every call raises RuntimeError."""

    @property
    def sequence(self) -> int: ...
    @property
    def time_ms(self) -> int: ...
    def apply_batch(self, frames: bytes, /) -> bytes: ...
    def replay(self, frames: bytes, /) -> None: ...
    def snapshot(self) -> bytes: ...
    def state_hash(self) -> bytes: ...
    def next_tick_at(self) -> int | None: ...


class _Doors(Protocol):
    def __call__(self) -> NativeDoor: ...
    def restore(self, records: bytes, /) -> NativeDoor: ...


class NativeModule(Protocol):
    """What of the module `cse_native` is used here; native/cse_native.pyi is its whole face."""

    VERSION: str
    CODEC_VERSION: int
    LAYOUT_HASH: bytes

    @property
    def CodecError(self) -> type[Exception]: ...  # noqa: N802  # the module's own name
    @property
    def SequenceError(self) -> type[Exception]: ...  # noqa: N802  # the module's own name
    @property
    def Engine(self) -> _Doors: ...  # noqa: N802  # the module's own name
    def count_commands(self, frames: bytes, /) -> int: ...
    def seal(self, frames: bytes, first_sequence: int, time_ms: int, /) -> bytes: ...
    def check_batch(self, frames: bytes, account_id: int, count: int, /) -> tuple[int, int]: ...
    def own_events(
        self, events: bytes, accounts: Sequence[int], owner: int, /
    ) -> dict[int, tuple[bytes, int]]: ...
    def strip_records(
        self, data: bytes, at: int, limit: int, sequence: int, time_ms: int, /
    ) -> tuple[bytes, int, int, int]: ...
    @property
    def JournalAppender(self) -> Callable[..., Any]: ...  # noqa: N802  # see adapters.journal.native


def refuse_other_version(module: NativeModule) -> None:
    """Return if the module speaks the very language of this software.

    Raises:
        EngineUnusable: it does not; names both and says what to run.
    """
    ours = {"version": VERSION, "codec version": CODEC_VERSION, "message layout": LAYOUT_HASH}
    theirs = (module.VERSION, module.CODEC_VERSION, module.LAYOUT_HASH)
    for (what, wanted), found in zip(ours.items(), theirs, strict=True):
        if wanted != found:
            raise EngineUnusable(
                f"the native engine that is installed has {what} {_shown(found)}, this software needs"
                f" {_shown(wanted)}: run `make native` to build it anew, or set CSE_ENGINE=python"
            )


def _shown(value: object) -> object:
    return value.hex()[:16] if isinstance(value, bytes) else value


class NativeEngine:
    """See `cse.engine.backend.Engine` for what each method promises."""

    def __init__(self, module: NativeModule, door: NativeDoor) -> None:
        """Take an engine of the native module, and the module for its errors."""
        self._module = module
        self._door = door

    @classmethod
    def empty(cls, module: NativeModule) -> "NativeEngine":
        """Return the engine of an empty venue."""
        return cls(module, module.Engine())

    @classmethod
    def restored(cls, module: NativeModule, records: Iterable[Record]) -> "NativeEngine":
        """Return an engine whose state is these records.

        Raises:
            CodecError: the records contradict each other.
        """
        try:
            return cls(module, module.Engine.restore(FramedRecords.of(records).frames))
        except module.CodecError as error:
            raise CodecError(str(error)) from error

    @property
    def name(self) -> Literal["native"]:
        """Which engine this is."""
        return "native"

    @property
    def sequence(self) -> int:
        """The last command that was applied."""
        return self._door.sequence

    @property
    def time_ms(self) -> int:
        """The time of the last command."""
        return self._door.time_ms

    def apply(self, sequence: int, time_ms: int, command: Command) -> list[Event]:
        """Apply one command and return what happened."""
        door = self._door
        assert sequence == door.sequence + 1, f"command {sequence} after {door.sequence}"
        assert door.time_ms <= time_ms <= MAX_TIME_MS, f"time {time_ms} after {door.time_ms}"
        events = self.apply_batch(encode_frame(command, sequence, time_ms))
        return [cast("Event", frame.message) for frame in decode_frames(events)]

    def run(self, sealed: Sealed) -> Outcome:
        """Apply commands that were sealed together and return what came of them."""
        return Outcome(sealed, events=self.apply_batch(sealed.frames))

    def apply_batch(self, frames: bytes) -> bytes:
        """Apply command frames and return event frames."""
        try:
            return self._door.apply_batch(frames)
        except self._module.CodecError as error:
            raise CodecError(str(error)) from error
        except self._module.SequenceError as error:
            raise OutOfSequence(str(error)) from error

    def replay(self, frames: bytes) -> None:
        """Apply command frames whose events nobody wants."""
        try:
            self._door.replay(frames)
        except self._module.CodecError as error:
            raise CodecError(str(error)) from error
        except self._module.SequenceError as error:
            raise OutOfSequence(str(error)) from error

    def records(self) -> Iterator[Record]:
        """Yield the whole state in canonical order."""
        return iter(self.snapshot())

    def snapshot(self) -> FramedRecords:
        """Return the whole state as frames."""
        return FramedRecords(self._door.snapshot())

    def state_hash(self) -> bytes:
        """Return BLAKE2b-256 over the encoded records."""
        return self._door.state_hash()

    def next_tick_at(self) -> int | None:
        """Return when a Tick is due next."""
        return self._door.next_tick_at()


class NativeFrames:
    """See `cse.messages.frames.FrameTools` for what each method promises."""

    def __init__(self, module: NativeModule) -> None:
        """Take the native module."""
        self._module = module

    def count_commands(self, frames: bytes) -> int:
        """Check and count."""
        try:
            return self._module.count_commands(frames)
        except self._module.CodecError as error:
            raise CodecError(str(error)) from error

    def seal(self, frames: bytes, first_sequence: int, time_ms: int) -> bytes:
        """Number."""
        try:
            return self._module.seal(frames, first_sequence, time_ms)
        except self._module.CodecError as error:
            raise CodecError(str(error)) from error
