"""OrderEntryClient: a session of binary order entry, and how it goes on after a lost connection."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cse.client.errors import ConnectionLost, LoginFailed, SubmitRefused
from cse.client.stream import Incoming, Stream
from cse.messages.codec import decode_frames, encode_frame
from cse.messages.commands import AmendOrder, CancelAll, CancelOrder, PlaceOrder, SetCancelAfter
from cse.messages.session import (
    Answer,
    Executions,
    Heartbeat,
    Hello,
    LoggedIn,
    Login,
    Logout,
    Refused,
    Resend,
    SessionError,
    SessionMessage,
    Submit,
    login_message,
)
from cse.messages.wire import Command, Message

NO_SIGNATURE: Final = bytes(64)


class Result(NamedTuple):
    """What came of one command."""

    sequence: int
    """Its number in the journal."""
    time_ms: int
    events: list[Message]
    """What happened to the account by it, in order: see docs/reference/order-entry.md. Empty: nothing."""


class Execution(NamedTuple):
    """Something that happened to the account's orders by a command of somebody else."""

    event: Message
    sequence: int
    time_ms: int


class Resumed(NamedTuple):
    """What became of Submits that were not answered when the connection was lost, by their numbers."""

    answers: dict[int, list[Result] | SubmitRefused]
    complete: bool
    """False: the exchange did not keep everything that was missed; fetch orders and fills by REST."""


class OrderEntryClient:
    """One session. Not for use by several threads.

    Submits may be under way together: they are applied in the order in which `submit` was called.
    """

    def __init__(
        self,
        address: str,
        key_id: str,
        private_key: Ed25519PrivateKey,
        *,
        heartbeat_ms: int = 0,
        cancel_on_disconnect: bool = False,
        cancel_grace_ms: int = 0,
        timeout_s: float = 10.0,
    ) -> None:
        """`address` is `tcp:host:port` or `unix:/path`; nothing is connected yet."""
        self._address: Final = address
        self._key_id: Final = key_id
        self._private_key: Final = private_key
        self._terms: Final = (heartbeat_ms, cancel_on_disconnect, cancel_grace_ms)
        self._timeout_s: Final = timeout_s
        self._stream: Stream | None = None
        self._hello: asyncio.Future[Hello] | None = None
        self._login: asyncio.Future[LoggedIn] | None = None
        self._unanswered: dict[int, tuple[bytes, asyncio.Future[list[Result]]]] = {}
        self._executions: asyncio.Queue[Execution | None] = asyncio.Queue()
        self._seen = 0
        self._complete = True
        self._online = False
        """Whether the session is open and everything older was sent."""
        self._beat: asyncio.TimerHandle | None = None
        self.session: LoggedIn | None = None
        """What the exchange said at the last log-in."""
        self.refusal: Refused | None = None
        """Why the exchange ended the connection, if it said so."""

    # --- connecting

    async def connect(self) -> LoggedIn:
        """Log in to a new session.

        Raises:
            LoginFailed: the exchange said no, and why.
            ConnectionLost, OSError: it could not be reached.
        """
        self._seen, self._complete = 0, True
        self.abort()
        self._unanswered.clear()
        self.session = await self._log_in(session_id=0, next_sequence=0)
        self._next = self.session.next_submit
        self._online = True
        return self.session

    async def resume(self) -> Resumed:
        """Log in to the same session again, and have everything answered that is not answered yet.

        Submits that the exchange had not taken are sent again, those that it had are not done twice.

        Raises:
            LoginFailed: among others SESSION_UNKNOWN: begin a new one, look for orders by client order id.
            ConnectionLost, OSError: it could not be reached.
        """
        assert self.session is not None, "connect first"
        waiting = {number: frames for number, (frames, _) in self._unanswered.items()}
        self._complete = True
        self.session = await self._log_in(self.session.session_id, self._seen + 1)
        futures = {number: self._send_submit(number, frames) for number, frames in waiting.items()}
        self._online = True
        answers: dict[int, list[Result] | SubmitRefused] = {}
        for number, future in futures.items():
            try:
                answers[number] = await future
            except SubmitRefused as refused:
                answers[number] = refused
        return Resumed(answers, self._complete)

    async def logout(self) -> None:
        """End the session for good."""
        if self._stream is not None:
            self._send(Logout())
            await self._closed()

    def abort(self) -> None:
        """Drop the connection, as a crash would; `resume` goes on."""
        if self._stream is not None:
            self._stream.abort()
            self._lost()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.logout()

    # --- commands

    async def submit(self, commands: Sequence[Command]) -> list[Result]:
        """Hand in commands and return what came of each, durable.

        Raises:
            SubmitRefused: none was handed in.
            ConnectionLost: if there was a connection, what became of them is not known; `resume` tells.
            ValueError: no commands, or more than the session takes at once; nothing was sent.
        """
        assert self.session is not None, "connect first"
        if not 0 < len(commands) <= self.session.max_commands:
            raise ValueError(f"1 to {self.session.max_commands} commands, not {len(commands)}")
        if not self._online:
            raise ConnectionLost("not connected; nothing was sent")
        frames = b"".join(map(encode_frame, commands))
        message = Submit(len(commands), len(frames))
        number, self._next = self._next, self._next + 1
        return await self._send_submit(number, encode_frame(message, number) + frames)

    async def place(self, order: PlaceOrder) -> Result:
        """Place an order; errors as `submit`. A refusal by the engine is a `Rejected` among its events."""
        return (await self.submit([order]))[0]

    async def amend(
        self,
        *,
        order_id: int = 0,
        client_order_id: str = "",
        price: int = 0,
        trigger_price: int = 0,
        quantity: int = 0,
    ) -> Result:
        """Change an open order; what is 0 stays."""
        command = AmendOrder(
            self._account, order_id, client_order_id, price, trigger_price, quantity
        )
        return (await self.submit([command]))[0]

    async def cancel(self, *, order_id: int = 0, client_order_id: str = "") -> Result:
        """Cancel an order by its id or by the client's."""
        return (await self.submit([CancelOrder(self._account, order_id, client_order_id)]))[0]

    async def cancel_all(self, market_id: int = 0) -> Result:
        """Cancel all open orders of the account, of one market or all."""
        return (await self.submit([CancelAll(self._account, market_id)]))[0]

    async def cancel_after(self, timeout_ms: int) -> Result:
        """Arm, renew or (0) disarm the dead-man switch."""
        return (await self.submit([SetCancelAfter(self._account, timeout_ms)]))[0]

    async def executions(self) -> AsyncIterator[Execution]:
        """Yield what others did to the account's orders, until the connection is lost.

        None is thrown away: what nobody reads stays in memory.
        """
        while (execution := await self._executions.get()) is not None:
            yield execution

    @property
    def _account(self) -> int:
        assert self.session is not None, "connect first"
        return self.session.account_id

    # --- sending

    def _send(self, message: SessionMessage) -> None:
        if self._stream is not None:
            self._stream.send(encode_frame(message, 0, _now_ms()))

    def _send_submit(self, number: int, frames: bytes) -> asyncio.Future[list[Result]]:
        if self._stream is None:
            raise ConnectionLost("not connected")
        future: asyncio.Future[list[Result]] = asyncio.get_running_loop().create_future()
        self._unanswered[number] = (frames, future)
        self._stream.send(frames)
        return future

    async def _log_in(self, session_id: int, next_sequence: int) -> LoggedIn:
        loop = asyncio.get_running_loop()
        self.abort()
        self._executions = asyncio.Queue()
        self.refusal = None
        self._hello, self._login = loop.create_future(), loop.create_future()
        try:
            async with asyncio.timeout(self._timeout_s):
                self._stream = await Stream.open(self._address, self._taken, self._lost)
                hello = await self._hello
                self._stream.send(self._signed(hello.nonce, session_id, next_sequence))
                logged_in = await self._login
        except TimeoutError as error:
            self.abort()
            raise ConnectionLost("the exchange does not answer") from error
        self._beat_later(logged_in.heartbeat_ms)
        return logged_in

    def _signed(self, nonce: bytes, session_id: int, next_sequence: int) -> bytes:
        begun = (self._key_id, _now_ms(), session_id, next_sequence, *self._terms)
        frame = encode_frame(Login(*begun, NO_SIGNATURE))
        signature = self._private_key.sign(login_message(nonce, frame))
        return encode_frame(Login(*begun, signature))

    def _beat_later(self, heartbeat_ms: int) -> None:
        loop = asyncio.get_running_loop()
        self._beat = loop.call_later(heartbeat_ms / 4_000, self._beat_now, heartbeat_ms)

    def _beat_now(self, heartbeat_ms: int) -> None:
        stream = self._stream
        if stream is None:
            return
        now = asyncio.get_running_loop().time()
        if now - stream.in_at > 2 * heartbeat_ms / 1_000:
            self.abort()
            return
        if now - stream.out_at > heartbeat_ms / 2_000:
            self._send(Heartbeat(self._next - 1))
        self._beat_later(heartbeat_ms)

    # --- receiving

    def _taken(self, incoming: Incoming) -> None:
        message = incoming.message
        if isinstance(message, Answer):
            self._settle(message.submit, incoming)
        elif isinstance(message, Executions) and incoming.sequence > self._seen:
            for frame in decode_frames(incoming.payload):
                execution = Execution(frame.message, frame.sequence, frame.time_ms)
                self._executions.put_nowait(execution)
        elif isinstance(message, Refused):
            self._refused(message)
        elif isinstance(message, Heartbeat) and message.last_sequence > self._seen:
            self._send(Resend(self._seen + 1))
        elif isinstance(message, Hello) and self._hello is not None:
            self._hello.set_result(message)
        elif isinstance(message, LoggedIn) and self._login is not None:
            self._login.set_result(message)
        self._seen = max(self._seen, incoming.sequence)

    def _settle(self, number: int, incoming: Incoming) -> None:
        _, future = self._unanswered.pop(number, (b"", None))
        if future is not None and not future.done():
            future.set_result(_results(incoming))

    def _refused(self, refused: Refused) -> None:
        if self._login is not None and not self._login.done() and refused.closes:
            self._login.set_exception(LoginFailed(refused))
        elif refused.submit:
            _, future = self._unanswered.pop(refused.submit, (b"", None))
            if future is not None and not future.done():
                future.set_exception(SubmitRefused(refused))
        elif refused.code is SessionError.RESEND_TOO_OLD:
            self._complete, self._seen = False, refused.place - 1
            if self._login is None or self._login.done():
                self._send(Resend(refused.place))
        if refused.closes:
            self.refusal = refused

    def _lost(self) -> None:
        self._stream, self._online = None, False
        if self._beat is not None:
            self._beat.cancel()
        self._executions.put_nowait(None)
        words = self.refusal.words if self.refusal else "the connection ended"
        for future in (self._hello, self._login, *(f for _, f in self._unanswered.values())):
            if future is not None and not future.done():
                future.set_exception(ConnectionLost(words))
                future.exception()  # whoever waits has it; nobody has to

    async def _closed(self) -> None:
        async for _ in self.executions():
            pass


def _results(incoming: Incoming) -> list[Result]:
    answer = incoming.message
    assert isinstance(answer, Answer), "only answers have results"
    first = answer.first_sequence
    results = [Result(first + n, incoming.time_ms, []) for n in range(answer.count)]
    for frame in decode_frames(incoming.payload):
        results[frame.sequence - first].events.append(frame.message)
    return results


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
