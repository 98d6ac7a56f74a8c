"""The gateway's side of the socket: CommandQueue and EventFeed of an engine in another process.

    queue = await SocketQueue.open(address)
    view.load(queue.attach(view.apply, reattach=view.reload))
    applied = await queue.submit(command)

The state image that the engine sent is held until the first `attach` or `submit`; events flow from the
next turn of the loop on, so everything that wants the image attaches in one go. When the connection is
lost, what was under way is OutcomeUnknown and new commands are Unavailable; the client connects again by
itself, and every listener's `reattach` then gets the whole state as of that moment, in place of the
events that it missed.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import structlog

from cse.adapters.queue.address import TcpAddress, UnixAddress, parse_address
from cse.adapters.queue.link import Link
from cse.adapters.queue.wire import (
    ANSWER,
    Envelope,
    Kind,
    decode_applied,
    decode_image,
    decode_refused,
    encode_hello,
    encode_submit,
)
from cse.core.errors import CodecError, CseError, OutcomeUnknown, Unavailable
from cse.messages.batch import AppliedBatch, Outcome
from cse.messages.codec import encode_frame
from cse.messages.events import Applied
from cse.messages.frames import FrameTools, PythonFrames
from cse.messages.ports import Listener, Waiter
from cse.messages.wire import Command, Record
from cse.sequencer.futures import FutureDoor
from cse.sequencer.telling import tell, tell_failure

MAX_WAITING: Final = 65_536
ANSWER_S: Final = 10.0
"""An engine that leaves a command without an answer for this long (at most twice that, as it is looked at
in rounds) is taken for lost: it hangs, or its machine has gone without a word."""
_RETRY_FIRST_S: Final = 0.05
_RETRY_LAST_S: Final = 1.0
_log = structlog.get_logger(__name__)

Reattach = Callable[[Iterable[Record]], None]
"""Called with the whole state after a new connection; replaces all that was known. Must not raise."""


class _Attached(NamedTuple):
    listener: Listener
    reattach: Reattach | None


class _Pending(NamedTuple):
    waiter: Waiter
    commands: int


class SocketQueue(FutureDoor):
    """CommandQueue, FrameQueue and EventFeed over a socket. All calls come from one event loop."""

    def __init__(
        self,
        address: UnixAddress | TcpAddress,
        *,
        max_waiting: int = MAX_WAITING,
        answer_s: float = ANSWER_S,
        frame_tools: FrameTools | None = None,
    ) -> None:
        """Use `open`; this alone connects to nothing."""
        self._frame_tools = frame_tools or PythonFrames()
        self._address = address
        self._max_waiting = max_waiting
        self._answer_s = answer_s
        self._watch: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._attached: list[_Attached] = []
        self._pending: dict[int, _Pending] = {}
        self._number = 0
        self._link: Link | None = None
        self._image: list[bytes] | None = None
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._keeper: asyncio.Task[None] | None = None
        self._recent: list[Applied] = []
        self._reason = "the engine is out of reach"
        self._first = True

    @classmethod
    async def open(
        cls,
        address: str,
        *,
        timeout_s: float = 30.0,
        max_waiting: int = MAX_WAITING,
        answer_s: float = ANSWER_S,
    ) -> "SocketQueue":
        """Connect to an engine and wait for its state.

        Raises:
            Unavailable: it could not be had within `timeout_s`.
            BadAddress: this names no socket.
        """
        queue = cls(parse_address(address), max_waiting=max_waiting, answer_s=answer_s)
        queue._keeper = queue._loop.create_task(queue._keep())
        queue._keeper.add_done_callback(queue._keeper_ended)
        waited = {queue._ready, queue._keeper}
        await asyncio.wait(waited, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if not queue._ready.done():
            reason = queue._reason
            await queue.close()
            raise Unavailable(f"no engine at {address}: {reason}")
        return queue

    @property
    def connected(self) -> bool:
        """Whether commands can be handed in now."""
        return self._link is not None and self._ready.done()

    @property
    def reason(self) -> str:
        """Why commands cannot be handed in; empty while they can."""
        return "" if self.connected else self._reason

    def attach(self, listener: Listener, reattach: Reattach | None = None) -> Iterable[Record]:
        """Register a listener and return the state as of now; see EventFeed.

        A listener without `reattach` cannot outlive the connection: when it is lost, the queue closes.

        Raises:
            Unavailable: events have been flowing already, and the image is gone.
        """
        if self._image is None:
            raise Unavailable("attach before events flow: the state as of now is not known here")
        self._attached.append(_Attached(listener, reattach))
        self._loop.call_soon(self._release)
        return decode_image(self._image)

    def submit_to(self, waiter: Waiter, commands: Sequence[Command]) -> None:
        """Hand in commands for a waiter, who is told right after the listeners.

        Raises:
            Unavailable, CodecError: nothing was accepted.
        """
        frames = b"".join([encode_frame(command) for command in commands])
        self._send(frames, len(commands), waiter)

    def submit_frames(self, frames: bytes, waiter: Waiter) -> int:
        """Hand in commands as frames; see FrameQueue."""
        count = self._frame_tools.count_commands(frames)
        self._send(frames, count, waiter)
        return count

    async def close(self) -> None:
        """Disconnect; what is under way becomes OutcomeUnknown. Harmless twice."""
        self._reason = "the connection to the engine was closed"
        if self._watch is not None:
            self._watch.cancel()
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        if self._link is not None:
            self._link.drop()
            await self._link.lost

    def _send(self, frames: bytes, count: int, waiter: Waiter) -> None:
        if self._link is None or not self._ready.done():
            raise Unavailable(self._reason)
        if len(self._pending) >= self._max_waiting:
            raise Unavailable(f"{len(self._pending)} answers are waited for already")
        if not count:
            raise CodecError("a batch has at least one command")
        self._number += 1
        self._pending[self._number] = _Pending(waiter, count)
        self._link.send(encode_submit(self._number, frames))
        self._release()
        if self._watch is None:
            self._look_later()

    def _look_later(self) -> None:
        self._watch = self._loop.call_later(self._answer_s, self._look, self._number)

    def _look(self, newest: int) -> None:
        """Give an engine up that has not answered what was under way a round ago, up to `newest`."""
        self._watch = None
        if self._link is None or not self._pending:
            return
        if next(iter(self._pending)) <= newest:
            self._link.drop("the engine does not answer")
        else:
            self._look_later()

    def _release(self) -> None:
        """Let events flow."""
        if self._image is not None:
            self._image = None
            if self._link is not None:
                self._link.resume()

    async def _keep(self) -> None:
        """Hold a connection, and get a new one when it is lost, for as long as the queue is open."""
        pause_s = _RETRY_FIRST_S
        while True:
            try:
                link = await self._connect()
            except OSError as error:
                self._reason = f"the engine is out of reach: {error.strerror or error}"
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _RETRY_LAST_S)
                continue
            await asyncio.shield(link.lost)  # a cancelled wait must not cancel it
            if self._ready.done():
                pause_s = _RETRY_FIRST_S
                if not self._survives():
                    return
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _RETRY_LAST_S)

    async def _connect(self) -> Link:
        if isinstance(self._address, UnixAddress):
            path = str(self._address.path)
            _, link = await self._loop.create_unix_connection(lambda: Link(self), path)
        else:
            host, port = self._address
            _, link = await self._loop.create_connection(lambda: Link(self), host, port)
        return link

    def _survives(self) -> bool:
        """Whether every listener can take up a fresh image."""
        if all(attached.reattach for attached in self._attached):
            self._ready = self._loop.create_future()
            return True
        self._reason = "the connection to the engine was lost for good"
        _log.error("queue_closed", reason="a listener cannot be attached again")
        return False

    def _keeper_ended(self, keeper: asyncio.Task[None]) -> None:
        if not keeper.cancelled() and (bug := keeper.exception()) is not None:
            self._reason = f"a bug: {bug!r}"
            _log.critical("queue_keeper_failed", exc_info=bug)

    def opened(self, link: Link) -> None:
        """Note a new connection; it is ready once the image is here."""
        self._link = link
        self._image = []
        link.send(encode_hello())

    def closed(self, reason: str) -> None:
        """Note that a connection was lost."""
        self._link = self._image = None
        self._reason = f"the connection to the engine was lost: {reason}"
        pending, self._pending = self._pending, {}
        _log.warning("queue_connection_lost", reason=reason, unknown=len(pending))
        for waiter, _ in pending.values():
            tell_failure(waiter, OutcomeUnknown(self._reason))

    def take(self, message: Envelope) -> None:
        """Handle one message of the engine.

        Raises:
            CodecError: it makes no sense here.
        """
        if message.kind == Kind.APPLIED:
            self._recent = decode_applied(message.payload)
            batch = AppliedBatch.of(self._recent)
            for attached in self._attached:
                attached.listener(batch)
        elif message.kind == Kind.ANSWER:
            self._resolve(message)
        elif message.kind == Kind.REFUSED:
            self._refuse(message.number, decode_refused(message.payload))
        elif message.kind == Kind.IMAGE and self._image is not None:
            self._image.append(message.payload)
        elif message.kind == Kind.READY and self._image is not None:
            self._begin()
        else:
            raise CodecError(f"a message of kind {message.kind} from an engine")

    def _begin(self) -> None:
        """The image is whole: hold events back until somebody has taken it, or hand it out again."""
        if self._first:
            self._first = False
            assert self._link is not None
            self._link.hold()
        else:
            assert self._image is not None
            for attached in self._attached:
                assert attached.reattach is not None
                attached.reattach(decode_image(self._image))
            self._image = None
        self._ready.set_result(None)

    def _resolve(self, message: Envelope) -> None:
        first, count = ANSWER.unpack(message.payload)
        pending = self._pending.pop(message.number, None)
        start = first - self._recent[0].sequence if self._recent else -1
        results = self._recent[start : start + count] if start >= 0 else []
        if pending is None or not len(results) == count == pending.commands:
            raise CodecError(f"an answer about command {first} that was not asked for or sent")
        tell(pending.waiter, Outcome.of(results))

    def _refuse(self, number: int, error: CseError) -> None:
        if number == 0:
            raise error
        pending = self._pending.pop(number, None)
        if pending is not None:
            tell_failure(pending.waiter, error)
