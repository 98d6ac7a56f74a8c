"""The sequencer: the only one who applies commands to the engine.

Commands that come in while a batch is being synced gather into the next one. When a batch is durable its
commands are applied in order, listeners see the events, and then the submitters get their answers. A
failing disk or a failing engine ends this for good until a restart: what is gathered is refused, what
was under way is unknown, reading goes on.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec
import structlog

from cse.core.clock import Clock
from cse.core.errors import CodecError, OutcomeUnknown, Unavailable
from cse.engine.backend import Engine
from cse.messages.batch import AppliedBatch, Outcome, Sealed
from cse.messages.codec import encode_frame
from cse.messages.commands import Tick
from cse.messages.frames import FrameTools, PythonFrames, seal_one
from cse.messages.ports import Listener, Waiter
from cse.messages.registry import TYPE_NUMBERS
from cse.messages.wire import Command, Message, Record
from cse.sequencer.commit import Batch, Committer, CommitThread, Done, Submission
from cse.sequencer.futures import FutureDoor
from cse.sequencer.ports import Journal
from cse.sequencer.telling import tell, tell_failure
from cse.sequencer.ticks import TickTimer

MAX_BATCH: Final = 4_096
MAX_WAITING: Final = 65_536
_TICK: Final = Tick()
_log = structlog.get_logger(__name__)


class State(StrEnum):
    """What the sequencer does."""

    RUNNING = "running"
    STOPPING = "stopping"
    READ_ONLY = "read_only"
    """A write, a sync or the engine failed: no more commands until a restart."""


class Status(msgspec.Struct, frozen=True):
    """How the sequencer is."""

    state: State
    reason: str
    """Why it takes no commands; empty while it does."""
    sequence: int
    """The last command applied."""
    waiting: int
    """Commands handed in and not yet answered."""


CommitterOf = Callable[[Journal, asyncio.AbstractEventLoop, Done], Committer]
"""Makes the committer of a journal."""


class Machinery(msgspec.Struct, frozen=True):
    """What there is in Python and, faster, in the native module."""

    frame_tools: FrameTools = PythonFrames()
    committer: CommitterOf = CommitThread


class Sequencer(FutureDoor):
    """CommandQueue, FrameQueue and EventFeed in the engine's own process. All calls come from one event loop."""

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        clock: Clock,
        *,
        max_batch: int = MAX_BATCH,
        max_waiting: int = MAX_WAITING,
        on_halt: Callable[[str], None] | None = None,
        machinery: Machinery | None = None,
    ) -> None:
        """Take an engine that stands where the journal ends. Needs the running loop; `close` at the end.

        `on_halt` is told the reason when it turns read-only; `machinery` may be native, else it is Python's.
        """
        assert engine.sequence == journal.last_sequence, (
            "the engine does not stand where the journal ends"
        )
        self._engine = engine
        self._clock = clock
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._on_halt = on_halt
        self._loop = asyncio.get_running_loop()
        self._listeners: list[Listener] = []
        self._gathered: deque[Submission] = deque()
        self._waiting = 0
        self._in_flight: Batch | None = None
        self._seal_planned = False
        self._sequence = engine.sequence
        self._time_ms = engine.time_ms
        self._state, self._reason = State.RUNNING, ""
        self._idle: asyncio.Future[None] | None = None
        machinery = machinery or Machinery()
        self._frame_tools = machinery.frame_tools
        self._commit = machinery.committer(journal, self._loop, self._durable)
        self._ticks = TickTimer(self._loop, self._now_ms, self._submit_tick)
        self._ticks.plan(engine.next_tick_at())

    @property
    def status(self) -> Status:
        """How it is."""
        return Status(self._state, self._reason, self._engine.sequence, self._waiting)

    def state_hash(self) -> bytes:
        """Return the hash of the state as it is now; takes as long as the state is large."""
        return self._engine.state_hash()

    def submit_to(self, waiter: Waiter, commands: Sequence[Command]) -> None:
        """Hand in commands for a waiter, who is told right after the listeners, before anything else.

        Raises:
            Unavailable, CodecError: nothing was accepted.
        """
        self._check_room(len(commands))
        frames = b"".join([_encode(command) for command in commands])
        own = tuple(commands)  # a list may change while they are under way
        self._gather(Submission(frames, len(own), own, waiter))

    def submit_frames(self, frames: bytes, waiter: Waiter) -> int:
        """Hand in commands as frames; see FrameQueue."""
        count = self._frame_tools.count_commands(frames)
        self._check_room(count)
        self._gather(Submission(frames, count, None, waiter))
        return count

    def _check_room(self, count: int) -> None:
        if self._state is not State.RUNNING:
            raise Unavailable(self._reason)
        if self._waiting + count > self._max_waiting:
            raise Unavailable(f"{self._waiting} commands are waiting already")
        if not 0 < count <= self._max_batch:
            raise CodecError(f"a batch has 1 to {self._max_batch} commands, not {count}")

    def attach(self, listener: Listener) -> Iterable[Record]:
        """Register a listener; see EventFeed. The records are those of this very moment."""
        self._listeners.append(listener)
        return self._engine.snapshot()

    def detach(self, listener: Listener) -> None:
        """Forget a listener."""
        self._listeners.remove(listener)

    async def close(self) -> None:
        """Refuse new commands, answer those under way, end the thread. Harmless twice."""
        if self._state is State.RUNNING:
            self._state, self._reason = State.STOPPING, "the exchange is stopping"
        self._ticks.cancel()
        if self._busy():
            self._idle = self._idle or self._loop.create_future()
            await asyncio.shield(self._idle)
        self._commit.close()

    def _busy(self) -> bool:
        return self._in_flight is not None or bool(self._gathered)

    def _now_ms(self) -> int:
        """Return the time that a command would get now: a clock that was set back holds it still."""
        return max(self._clock.now_ms(), self._time_ms)

    def _submit_tick(self) -> None:
        if self._state is State.RUNNING:
            self._gather(Submission(_encode(_TICK), 1, (_TICK,), None))

    def _gather(self, submission: Submission) -> None:
        self._gathered.append(submission)
        self._waiting += submission.count
        if self._in_flight is None and not self._seal_planned:
            self._seal_planned = True
            self._loop.call_soon(self._seal)

    def _seal(self) -> None:
        """Number what has gathered and hand it to the disk, unless a batch is still there."""
        self._seal_planned = False
        if self._in_flight is not None or not self._gathered or self._state is State.READ_ONLY:
            return
        parts: list[tuple[Sealed, Waiter | None]] = []
        first = self._sequence + 1
        try:
            self._number(first, parts)
            batch = Batch(first, parts, b"".join([sealed.frames for sealed, _ in parts]))
            self._commit.hand(batch)
        except Exception as bug:  # noqa: BLE001  # whatever it is, nobody may wait for it for ever
            _log.critical("hand_failed", first_sequence=first, exc_info=True)
            self._halt(f"the journal took no batch: {bug}", Batch(first, parts, b""))
            self._note_if_idle()
        else:
            self._in_flight = batch

    def _number(self, first: int, parts: list[tuple[Sealed, Waiter | None]]) -> None:
        """Give what has gathered its sequences and its time, as much of it as one batch takes."""
        time_ms = self._time_ms = self._now_ms()
        sequence = first
        end = first + self._max_batch
        while self._gathered and sequence + self._gathered[0].count <= end:
            submission = self._gathered[0]
            count, frames = submission.count, submission.frames
            if count == 1:
                frames = seal_one(frames, sequence, time_ms)
            else:
                frames = self._frame_tools.seal(frames, sequence, time_ms)
            sealed = Sealed(sequence, time_ms, count, frames=frames, commands=submission.commands)
            parts.append((sealed, submission.waiter))
            self._gathered.popleft()
            sequence += count
        self._sequence = sequence - 1

    def _durable(self, batch: Batch, error: Exception | None) -> None:
        """Go on with a batch that came back from the disk."""
        self._in_flight = None
        try:
            if self._state is State.READ_ONLY:
                self._fail_parts(batch)
            elif error is not None:
                self._halt(f"the journal failed: {error}", batch)
            else:
                self._seal()  # the disk works on the next batch while this one is applied
                self._apply_and_answer(batch)
        finally:
            self._note_if_idle()

    def _note_if_idle(self) -> None:
        """Let `close` go on when nothing is under way any more."""
        if self._idle is not None and not self._busy():
            self._idle.set_result(None)
            self._idle = None

    def _apply_and_answer(self, batch: Batch) -> None:
        try:
            outcomes = self._apply(batch)
        except (
            BaseException
        ) as bug:  # whatever it is (a panic is no Exception), the state is unknown now
            _log.critical("apply_failed", first_sequence=batch.first_sequence, exc_info=True)
            self._halt(f"a bug: {type(bug).__name__} while applying: {bug}", batch)
            if isinstance(bug, KeyboardInterrupt | SystemExit):
                raise
        else:
            self._answer(batch, outcomes)

    def _apply(self, batch: Batch) -> list[Outcome]:
        run = self._engine.run
        outcomes = [run(sealed) for sealed, _ in batch.parts]
        applied = AppliedBatch(outcomes)
        for listener in tuple(self._listeners):  # one may leave while it is told
            listener(applied)
        return outcomes

    def _answer(self, batch: Batch, outcomes: list[Outcome]) -> None:
        for (sealed, waiter), outcome in zip(batch.parts, outcomes, strict=True):
            self._waiting -= sealed.count
            if waiter is None:
                self._ticks.applied()
            else:
                tell(waiter, outcome)
        if self._state is State.RUNNING:
            self._ticks.plan(self._engine.next_tick_at())

    def _halt(self, reason: str, batch: Batch) -> None:
        """Turn read-only: what was given to the disk is unknown, what only gathered is refused."""
        self._state, self._reason = State.READ_ONLY, reason
        _log.critical("sequencer_halted", reason=reason, sequence=self._engine.sequence)
        self._ticks.cancel()
        self._fail_parts(batch)
        refused, self._gathered = self._gathered, deque()
        for submission in refused:
            self._fail(submission.waiter, submission.count, Unavailable)
        if self._on_halt is not None:
            self._on_halt(reason)

    def _fail_parts(self, batch: Batch) -> None:
        for sealed, waiter in batch.parts:
            self._fail(waiter, sealed.count, OutcomeUnknown)

    def _fail(
        self, waiter: Waiter | None, count: int, error: type[OutcomeUnknown | Unavailable]
    ) -> None:
        self._waiting -= count
        if waiter is not None:
            tell_failure(waiter, error(self._reason))


def _encode(command: Message) -> bytes:
    if not isinstance(command, Command) or type(command) not in TYPE_NUMBERS:
        raise CodecError(f"{type(command).__name__} is no command")
    return encode_frame(command)
