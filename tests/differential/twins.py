"""Both engines side by side: the same bytes into both, everything that comes out compared."""

from collections.abc import Iterable

from cse.core.errors import CodecError, OutOfSequence
from cse.engine.backend import Engine, new_engine, restore_engine
from cse.messages.codec import decode_frames, encode_frame
from cse.messages.wire import Command

REFUSALS = (CodecError, OutOfSequence)


class Twins:
    """The Python engine, which is the specification, and the native one."""

    def __init__(self, python: Engine | None = None, native: Engine | None = None) -> None:
        self.python = python or new_engine("python")
        self.native = native or new_engine("native")

    @property
    def next_sequence(self) -> int:
        return self.python.sequence + 1

    @property
    def now(self) -> int:
        return self.python.time_ms

    def do(self, commands: Iterable[Command], times: Iterable[int]) -> bytes:
        """Apply commands as one batch to both; returns the event frames."""
        numbered = enumerate(zip(commands, times, strict=True), self.next_sequence)
        return self.apply(b"".join(encode_frame(x, n, time) for n, (x, time) in numbered))

    def apply(self, frames: bytes) -> bytes:
        """Hand bytes to both, which must agree on what they are and on what comes of them."""
        before = self.python.state_hash()
        expected, found = outcome(self.python, frames), outcome(self.native, frames)
        if expected != found:
            raise AssertionError(difference(frames, expected, found))
        self.compare()
        if isinstance(expected, type):
            assert self.python.state_hash() == before, "refused, and yet something changed"
            return b""
        return expected

    def compare(self) -> None:
        """Compare all that can be asked of an engine."""
        python, native = self.python, self.native
        assert native.state_hash() == python.state_hash(), state_difference(python, native)
        assert (native.sequence, native.time_ms) == (python.sequence, python.time_ms)
        assert native.next_tick_at() == python.next_tick_at()

    def swap(self) -> None:
        """Go on with each restored from the other's snapshot."""
        of_python, of_native = self.python.snapshot(), self.native.snapshot()
        assert of_python.frames == of_native.frames
        self.python = restore_engine(of_native, "python")
        self.native = restore_engine(of_python, "native")
        self.compare()


def outcome(engine: Engine, frames: bytes) -> bytes | type[Exception]:
    """The event frames, or the kind of refusal. Anything else that is raised goes on."""
    try:
        return engine.apply_batch(frames)
    except REFUSALS as error:
        return type(error)


def difference(frames: bytes, expected: bytes | type, found: bytes | type) -> str:
    """What a person needs to see: the first command whose events differ."""
    if isinstance(expected, type) or isinstance(found, type):
        return f"python: {expected!r:.200}\nnative: {found!r:.200}\nframes: {frames.hex():.2000}"
    ours, theirs = list(decode_frames(expected)), list(decode_frames(found))
    at = next(
        (n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b),
        min(len(ours), len(theirs)),
    )
    sequence = min(f.sequence for f in (*ours[at : at + 1], *theirs[at : at + 1]))
    command = next(f.message for f in decode_frames(frames) if f.sequence == sequence)
    lines = [f"command {sequence}: {command}"]
    for name, events in (("python", ours), ("native", theirs)):
        lines += [f"{name}: {f.message}" for f in events if f.sequence == sequence]
    return "\n".join(lines)


def state_difference(python: Engine, native: Engine) -> str:
    """The records that only one of them has."""
    ours, theirs = list(python.records()), list(native.records())
    known, there = set(map(repr, ours)), set(map(repr, theirs))
    lines = [f"python only: {record}" for record in ours if repr(record) not in there]
    lines += [f"native only: {record}" for record in theirs if repr(record) not in known]
    return "\n".join(lines[:20]) or "the same records, in another order"
