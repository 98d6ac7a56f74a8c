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
            try:
                async with connect(
                    url, max_size=_MAX_MESSAGE, compression=None, proxy=None
                ) as socket:
                    await self._session(socket)
            except (WebSocketException, OSError, TimeoutError, NoAnswer, Refused) as error:
                failure: Exception = error
            else:
                failure = NoAnswer("the exchange closed the connection")
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
        self._socket = socket
        reader = asyncio.create_task(self._read(socket))
        opening = asyncio.create_task(self._open())
        try:
            await asyncio.wait({reader, opening}, return_when=asyncio.FIRST_COMPLETED)
            if not reader.done():
                await opening  # raises what went wrong with it
            await reader
        finally:
            self._socket = None
            for task in (reader, opening):
                task.cancel()
            await asyncio.gather(reader, opening, return_exceptions=True)
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(NoAnswer("the connection was lost"))
            self._waiting.clear()

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


def _result(message: Message) -> Any:
    if message["ok"]:
        return message.get("result")
    problem = message["error"]
    if problem["status"] >= 500:
        raise NoAnswer(f"{problem['code']}: {problem['detail']}")
    raise Refused(problem["status"], problem["code"], problem["detail"])
