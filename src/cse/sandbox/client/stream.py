"""The WebSocket: channels that come back after a lost connection, and calls that are answered by id."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from cse.sandbox.client.failures import NoAnswer, Refused
from cse.sandbox.client.rest import Patience, RestClient

log = structlog.get_logger(__name__)

_ANSWER_S: Final = 10.0
_MAX_MESSAGE: Final = 16 * 2**20
_RENEW_AFTER: Final = 0.6
"""Of an access token's life."""
_FOREVER_S: Final = 10.0 * 365 * 86_400

Message = dict[str, Any]
OnMessage = Callable[[Message], None]
OnConnected = Callable[[], Awaitable[None]]


async def _nothing() -> None:
    return None


class Stream:
    """One connection, made again for as long as `run` runs.

    Every message of a channel goes to `on_message`; after each (re)connection and its subscriptions
    `on_connected` is awaited, where a client puts its own house in order.
    """

    def __init__(
        self,
        rest: RestClient,
        channels: list[str],
        on_message: OnMessage,
        on_connected: OnConnected = _nothing,
        *,
        private: bool = False,
    ) -> None:
        """Set up; `private` logs in by the REST client's session, for `user.*` channels and orders."""
        self._rest = rest
        self._channels = channels
        self._on_message = on_message
        self._on_connected = on_connected
        self._private = private
        self._socket: ClientConnection | None = None
        self._next_id = 0
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder()
        self.connected = asyncio.Event()
        """Set while everything is subscribed and `on_connected` is through."""

    async def run(self) -> None:
        """Stay connected until cancelled."""
        patience = Patience(_FOREVER_S)
        query = "?cancel_on_disconnect=true" if self._private else ""
        url = f"ws{self._rest.url.removeprefix('http')}/ws{query}"
        while True:
            failure: Exception = NoAnswer("the exchange closed the connection")
            try:
                async with connect(
                    url, max_size=_MAX_MESSAGE, compression=None, proxy=None
                ) as socket:
                    await self._session(socket)
            except* (WebSocketException, OSError, TimeoutError, NoAnswer, Refused) as lost:
                failure = lost.exceptions[0]
            if self.connected.is_set():
                patience = Patience(_FOREVER_S)
            self.connected.clear()
            log.info("stream_lost", why=str(failure) or type(failure).__name__)
            await patience.pause(failure)

    async def call(self, op: str, **fields: Any) -> Any:
        """Send an operation and return its `result`.

        Raises:
            Refused: it was not done; NoAnswer: the outcome is unknown.
        """
        socket = self._socket
        if socket is None:
            raise NoAnswer("not connected")
        self._next_id += 1
        number = self._next_id
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await socket.send(self._encoder.encode({"op": op, "id": number, **fields}), text=True)
            async with asyncio.timeout(_ANSWER_S):
                return _result(await answer)
        except (WebSocketException, OSError, TimeoutError) as error:
            raise NoAnswer(f"{op}: {type(error).__name__} {error}") from error
        finally:
            self._waiting.pop(number, None)

    async def resync(self, channel: str) -> None:
        """Ask for a fresh snapshot of a channel."""
        await self.call("resync", channel=channel)

    async def _session(self, socket: ClientConnection) -> None:
        """Live until the connection is over, which always raises."""
        self._socket = socket
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(socket))
                tasks.create_task(self._open())
                if self._private:
                    tasks.create_task(self._stay_logged_in())
        finally:
            self._socket = None
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(NoAnswer("the connection was lost"))
            self._waiting.clear()

    async def _stay_logged_in(self) -> None:
        """Bring a fresh token before the old one runs out, on the same connection."""
        while True:
            await asyncio.sleep(self._rest.session_s * _RENEW_AFTER)
            await self._rest.renew()
            await self.call("auth", token=self._rest.access_token)
            log.info("session_renewed")

    async def _open(self) -> None:
        if self._private:
            try:
                await self.call("auth", token=self._rest.access_token)
            except Refused:
                await self._rest.renew()
                await self.call("auth", token=self._rest.access_token)
        await self.call("subscribe", channels=self._channels)
        await self._on_connected()
        self.connected.set()

    async def _read(self, socket: ClientConnection) -> None:
        async for frame in socket:
            message: Message = self._decoder.decode(frame)
            if "channel" not in message:
                answer = self._waiting.get(message.get("id") or 0)
                if answer is not None and not answer.done():
                    answer.set_result(message)
            elif message["type"] == "closed":
                raise NoAnswer(f"{message['channel']} was closed: {message['detail']}")
            else:
                self._on_message(message)
        raise NoAnswer("the exchange closed the connection")


def _result(message: Message) -> Any:
    if message["ok"]:
        return message.get("result")
    problem = message["error"]
    if problem["status"] >= 500:
        raise NoAnswer(f"{problem['code']}: {problem['detail']}")
    raise Refused(problem["status"], problem["code"], problem["detail"])
