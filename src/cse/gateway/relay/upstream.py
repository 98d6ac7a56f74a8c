"""One WebSocket to a gateway, for the order operations of one of a streamer's clients."""

import asyncio
from contextlib import suppress
from itertools import count
from typing import Any, Final

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.gateway.order_entry import Answer
from cse.gateway.problems import ApiProblem, Problem
from cse.gateway.ws.order_door import Caller, Peer
from cse.gateway.ws.requests import Request

log = structlog.get_logger(__name__)

CONNECT_S: Final = 5.0
KEEP_ALIVE_S: Final = 60.0
"""A gateway sends away who says nothing for minutes; the client's orders must not end with that."""
_MAX_ANSWER_BYTES: Final = 16_777_216

_encode: Final = msgspec.json.Encoder().encode


class _Reply(msgspec.Struct):
    id: int | None = None
    status: int = 200
    result: msgspec.Raw = msgspec.Raw(b"{}")
    error: Problem | None = None


_read_reply: Final = msgspec.json.Decoder(_Reply).decode
_read_problem: Final = msgspec.json.Decoder(Problem).decode


class Upstream:
    """A connection as the client itself would have opened it; its requests are answered in any order."""

    def __init__(self, socket: ClientConnection, authorization: str) -> None:
        """Read answers from now on."""
        self._socket: Final = socket
        self._authorization = authorization
        self._numbers: Final = count(1)
        self._waiting: Final[dict[int, asyncio.Future[_Reply]]] = {}
        self.lost = False
        self._tasks: Final = [
            asyncio.create_task(self._read(), name="upstream"),
            asyncio.create_task(self._keep_alive(), name="upstream keep-alive"),
        ]

    @classmethod
    async def open(cls, url: str, peer: Peer, caller: Caller) -> "Upstream":
        """Connect to a gateway's `/ws` for a client.

        Raises:
            ApiProblem: the gateway refuses the client.
            Unavailable: there is no gateway now, or it has no room.
        """
        headers = {"Authorization": caller.authorization}
        if peer.client_ip is not None:
            headers["X-Forwarded-For"] = peer.client_ip
        query = "?cancel_on_disconnect=true" if peer.cancel_on_disconnect else ""
        try:
            socket = await connect(
                url + query,
                additional_headers=headers,
                compression=None,
                proxy=None,
                open_timeout=CONNECT_S,
                max_size=_MAX_ANSWER_BYTES,
            )
        except InvalidStatus as error:
            raise _refusal(error.response.body) from error
        except (OSError, TimeoutError, InvalidHandshake, EOFError) as error:
            raise Unavailable(f"the exchange cannot be reached for orders now: {error}") from error
        return cls(socket, caller.authorization)

    async def renew(self, authorization: str) -> None:
        """Log in with a newer token.

        Raises:
            ApiProblem: it is refused.
            Unavailable: the connection is lost; no order was sent.
        """
        if authorization == self._authorization:
            return
        token = authorization.partition(" ")[2]
        try:
            await _told(await self.send({"op": "auth", "token": token}))
        except OutcomeUnknown as error:
            raise Unavailable("the connection to the exchange is lost") from error
        self._authorization = authorization

    async def order(self, request: Request) -> asyncio.Future[_Reply]:
        """Send an order operation; what comes back is for `answer_to`.

        Raises:
            Unavailable: the connection is lost, nothing was sent.
            OutcomeUnknown: it was lost meanwhile.
        """
        return await self.send({"op": request.op, **request.fields})

    async def send(self, fields: dict[str, Any]) -> asyncio.Future[_Reply]:
        """Send an operation; raises as `order`."""
        if self.lost:
            raise Unavailable("the connection to the exchange is lost")
        number = next(self._numbers)
        reply = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send(_encode({**fields, "id": number}), text=True)
        except ConnectionClosed as error:
            self._waiting.pop(number, None)
            reply.cancel()
            raise OutcomeUnknown("the connection to the exchange was lost") from error
        return reply

    async def close(self) -> None:
        """Say goodbye: the gateway cancels orders now if it was asked to."""
        for task in self._tasks:
            task.cancel()
        await self._socket.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._lose()

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                self._take(frame)
        except ConnectionClosed as error:
            log.info("upstream_lost", reason=str(error))
        finally:
            self._lose()

    def _take(self, frame: str | bytes) -> None:
        reply = _read_reply(frame)
        waiting = None if reply.id is None else self._waiting.pop(reply.id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)

    async def _keep_alive(self) -> None:
        with suppress(ConnectionClosed):  # the reader tells
            while True:
                await asyncio.sleep(KEEP_ALIVE_S)
                await self._socket.send(_encode({"op": "ping"}), text=True)

    def _lose(self) -> None:
        self.lost = True
        waiting = list(self._waiting.values())
        self._waiting.clear()
        for each in waiting:
            if not each.done():
                each.set_exception(
                    OutcomeUnknown("the connection to the exchange was lost before it answered")
                )


async def answer_to(reply: asyncio.Future[_Reply]) -> Answer:
    """Return what REST answers.

    Raises:
        ApiProblem: refused.
        OutcomeUnknown: the connection was lost before there was an answer.
    """
    got = await _told(reply)
    return Answer(got.status, bytes(got.result))


async def _told(reply: asyncio.Future[_Reply]) -> _Reply:
    got = await reply
    if got.error is not None:
        raise _problem(got.error)
    return got


def _problem(told: Problem) -> ApiProblem:
    return ApiProblem(
        told.status, told.code, told.detail, fields=told.fields, retryable=told.retryable
    )


def _refusal(body: bytes | bytearray | None) -> ApiProblem | Unavailable:
    """Return why a handshake was refused."""
    try:
        told = _read_problem(bytes(body or b""))
    except msgspec.MsgspecError:
        return Unavailable("the exchange cannot be reached for orders now")
    return Unavailable(told.detail) if told.status == 503 else _problem(told)
