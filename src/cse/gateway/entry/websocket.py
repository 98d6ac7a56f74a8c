"""Order entry over a WebSocket: the same bytes as over TCP, in binary messages."""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Final

import structlog
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from cse.gateway.client_address import ClientAddresses
from cse.gateway.entry.desk import Desk
from cse.gateway.ws.handshake import is_allowed

log = structlog.get_logger(__name__)

PATH: Final = "/ws/order-entry"
FULL_BYTES: Final = 65_536
"""Waiting to be sent: at so many the connection takes nothing more from its client."""
_UNSUPPORTED: Final = 1003
_POLICY: Final = 1008
_NORMAL: Final = 1000


class EntrySocket:
    """The endpoint `/ws/order-entry`."""

    def __init__(self, desk: Desk, addresses: ClientAddresses, origins: Iterable[str]) -> None:
        """Serve clients at `desk`; pages of `origins` may connect besides the exchange's own."""
        self._desk: Final = desk
        self._addresses: Final = addresses
        self._origins: Final = frozenset(origins)

    def routes(self) -> list[BaseRoute]:
        """Return the route to mount."""
        return [WebSocketRoute(PATH, self.endpoint)]

    async def endpoint(self, websocket: WebSocket) -> None:
        """Serve one WebSocket."""
        headers = websocket.headers
        origin = headers.get("origin")
        if origin is not None and not is_allowed(origin, headers.get("host", ""), self._origins):
            await websocket.close(_POLICY)  # before it is accepted: the handshake gets 403
            return
        await websocket.accept()
        peer = websocket.client.host if websocket.client else None
        forwarded_for = headers.get("x-forwarded-for")
        bucket = self._addresses.bucket(peer, forwarded_for)
        client_ip = self._addresses.address(peer, forwarded_for)
        await _Socket(websocket, bucket, client_ip, self._desk).serve()


class _Socket:
    """One client: a Link for its connection."""

    def __init__(
        self, websocket: WebSocket, bucket: str, client_ip: str | None, desk: Desk
    ) -> None:
        self.address: Final = bucket
        self.client_ip: Final = client_ip
        self._websocket: Final = websocket
        self._options: Final = desk.options
        self._outbox: Final[deque[bytes]] = deque()
        self._unsent = 0
        self._full = False
        self._wake: Final = asyncio.Event()
        self._readable: Final = asyncio.Event()
        self._readable.set()
        self._closing = False
        self._over: Final[asyncio.Future[None]] = asyncio.get_running_loop().create_future()
        self._connection: Final = desk.connect(self)

    async def serve(self) -> None:
        """Read and send until one of the two ends it."""
        tasks = [asyncio.create_task(self._read_all()), asyncio.create_task(self._send_all())]
        try:
            await asyncio.wait([*tasks, self._over], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for error in await asyncio.gather(*tasks, return_exceptions=True):
                _tell(error)
            self._connection.lost()
        await self._finish()

    # --- from the connection

    def write(self, data: bytes) -> None:
        self._outbox.append(data)
        self._unsent += len(data)
        self._wake.set()

    def unsent(self) -> int:
        return self._unsent

    def pause_reading(self) -> None:
        self._readable.clear()

    def resume_reading(self) -> None:
        self._readable.set()

    def close(self) -> None:
        self._closing = True
        self._wake.set()

    def abort(self) -> None:
        if not self._over.done():
            self._over.set_result(None)

    # --- the two tasks

    async def _read_all(self) -> None:
        while True:
            await self._readable.wait()
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            data = message.get("bytes")
            if data is None:
                await self._websocket.close(_UNSUPPORTED, "binary messages only")
                return
            self._connection.received(data)

    async def _send_all(self) -> None:
        while not (self._closing and not self._outbox):
            if not self._outbox:
                self._wake.clear()
                await self._wake.wait()
                continue
            if self._unsent > FULL_BYTES and not self._full:
                self._full = True
                self._connection.full()
            data = self._outbox.popleft()
            await self._websocket.send_bytes(data)
            self._unsent -= len(data)
            if self._full and not self._unsent:
                self._full = False
                self._connection.drained()

    async def _finish(self) -> None:
        try:
            async with asyncio.timeout(self._options.close_timeout_ms / 1_000):
                await self._websocket.close(_NORMAL)
        except (TimeoutError, WebSocketDisconnect, RuntimeError) as error:
            log.debug("entry_websocket_gone", error=repr(error))


def _tell(error: BaseException | None) -> None:
    if error is None or isinstance(error, asyncio.CancelledError | WebSocketDisconnect):
        return
    log.error("entry_websocket_task_failed", exc_info=error)
