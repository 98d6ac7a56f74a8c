"""The client for asyncio: a socket around protocol.py, and what an application sees of it."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from cse_sdk.book import BookView
from cse_sdk.decoding import decode, encode
from cse_sdk.folds import Book
from cse_sdk.options import Counts, Options
from cse_sdk.outbox import Action, Event
from cse_sdk.protocol import Protocol

MAX_MESSAGE: Final = 64 * 2**20
"""Bytes: a snapshot of a deep book."""
OPEN_S: Final = 10.0
CLOSE_S: Final = 1.0
MAX_WAITING: Final = 100_000

OnEvent = Callable[[Event], None]
TokenSource = Callable[[], Awaitable[str | None]]
"""Brings an access token that is good now; asked at the beginning and when the last one was refused."""


class FellBehind(Exception):
    """The application took its events so slowly that they were no longer kept."""


class Client:
    """Keeps channels of the exchange over reconnects; use as an async context manager.

    All runs in the event loop that entered it; callbacks are called there and must not block.
    """

    def __init__(
        self,
        url: str,
        *,
        token: TokenSource | None = None,
        on_event: OnEvent | None = None,
        options: Options | None = None,
    ) -> None:
        """Follow the exchange at `url` (ws://host:port/ws); nothing is sent yet."""
        self.url: Final = url
        self._token: Final = token
        self._on_event: Final = on_event
        self._protocol: Final = Protocol(options or Options(), random.random)
        self._socket: ClientConnection | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_ms = 0
        self._tasks: Final[set[asyncio.Task[None]]] = set()
        self._streams: Final[set[asyncio.Queue[Event | None]]] = set()
        self._connection = 0
        """Counts them: what an old one still brings is not listened to."""
        self.failure: BaseException | None = None
        """What ended the client, if it was not the application."""

    async def __aenter__(self) -> Self:
        """Begin to connect; returns at once."""
        self._protocol.start(_now_ms())
        self._act()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the connection and everything that runs."""
        self._protocol.stop(_now_ms())
        self._act()
        if self._timer is not None:
            self._timer.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.failure is not None and error is None:
            raise self.failure

    # --- what the application wants

    def subscribe(self, *channels: str) -> None:
        """Keep these channels from now on, over every reconnect."""
        self._protocol.subscribe(list(channels), _now_ms())
        self._act()

    def unsubscribe(self, *channels: str) -> None:
        """Keep these no longer."""
        self._protocol.unsubscribe(list(channels), _now_ms())
        self._act()

    # --- what it gets

    @property
    def state(self) -> str:
        """closed, connecting, healing, live (every channel is right) or stale (nothing was heard for a while)."""
        return self._protocol.state

    @property
    def counts(self) -> Counts:
        """Messages, gaps, resyncs, latency and so on, so far."""
        return self._protocol.counts

    def book(self, channel: str, depth: int | None = None) -> BookView | None:
        """Return the best `depth` levels (or all) of an `orderbook` channel; None while it is not right."""
        found = self._protocol.get(channel)
        if found is None or not isinstance(found.fold, Book):
            return None
        return found.fold.book.view(depth)

    def value(self, channel: str) -> Any:
        """Return what is kept of a channel; None while it is not right. sdk/README.md says what of which."""
        found = self._protocol.get(channel)
        return None if found is None else found.fold.value()

    async def events(self) -> AsyncIterator[Event]:
        """Give every event from now on, until the client ends. Several may listen, each gets all.

        Raises:
            FellBehind: 100,000 events wait; begin anew, states are current. And what a callback raised.
        """
        queue: asyncio.Queue[Event | None] = asyncio.Queue(MAX_WAITING)
        self._streams.add(queue)
        try:
            while (event := await queue.get()) is not None:
                yield event
        finally:
            self._streams.discard(queue)
        if self.failure is not None:
            raise self.failure
        if self._protocol.state != "closed":
            raise FellBehind(f"more than {MAX_WAITING} events waited")

    # --- inside

    def _act(self) -> None:
        """Do what the protocol asks, and see to it that it is woken."""
        for action in self._protocol.drain():
            match action["do"]:
                case "tell":
                    self._tell(action["event"])
                case "send":
                    self._send(action)
                case "connect":
                    self._connection += 1
                    self._run(self._connect(self._connection))
                case "close":
                    self._connection += 1
                    self._close()
                case "token":
                    self._run(self._bring_token())
        self._wake_later()

    def _wake_later(self) -> None:
        """Wake in time; waking too early is harmless, so a timer that is sooner stays."""
        now_ms = _now_ms()
        wake_ms = self._protocol.wake_ms(now_ms)
        if wake_ms is None or (self._timer is not None and self._timer_ms <= wake_ms):
            return
        if self._timer is not None:
            self._timer.cancel()
        delay_s = max(0, wake_ms - now_ms) / 1_000
        self._timer_ms = wake_ms
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._protocol.tick(_now_ms())
        self._act()

    def _tell(self, event: Event) -> None:
        if self._on_event is not None:
            self._on_event(event)
        for queue in list(self._streams):
            if queue.qsize() >= MAX_WAITING - 1:
                self._streams.discard(queue)
            queue.put_nowait(None if queue not in self._streams else event)
        if event["type"] == "connection" and event["state"] == "closed":
            for queue in self._streams:
                queue.put_nowait(None)

    def _send(self, action: Action) -> None:
        if self._socket is not None:
            self._run(self._send_now(self._socket, encode(action["message"])))

    async def _send_now(self, socket: ClientConnection, text: str) -> None:
        with suppress(ConnectionClosed):  # its reader says so
            await socket.send(text)

    def _close(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            self._run(socket.close())

    async def _connect(self, number: int) -> None:
        """Live with one connection until it is gone."""
        code, reason = None, ""
        try:
            async with connect(
                self.url, max_size=MAX_MESSAGE, open_timeout=OPEN_S, proxy=None, ping_interval=None
            ) as socket:
                if number == self._connection:
                    await self._read(socket, number)
                code, reason = socket.close_code, socket.close_reason or ""
        except (WebSocketException, OSError, TimeoutError) as error:
            reason = f"{type(error).__name__}: {error}"
        if number == self._connection:
            self._socket = None
            self._protocol.closed(code, reason, _now_ms())
            self._act()

    async def _read(self, socket: ClientConnection, number: int) -> None:
        self._socket = socket
        self._protocol.opened(_now_ms())
        self._act()
        with suppress(ConnectionClosed):  # closing is what ends it
            while number == self._connection:
                frame = await socket.recv(decode=False)
                if number == self._connection:
                    self._protocol.received(decode(frame), _now_ms())
                    self._act()

    async def _bring_token(self) -> None:
        token = None
        if self._token is not None:
            with suppress(OSError, TimeoutError):  # asked again after a pause
                token = await self._token()
        self._protocol.token(token, _now_ms())
        self._act()

    def _run(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        """A task that raised is the end of the client: the application's own mistake, or ours."""
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.failure = error
            self._protocol.stop(_now_ms())
            self._act()


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
