"""Order entry over TCP and Unix sockets: no task per connection, none per frame."""

import asyncio
import socket
from typing import Final, cast

import structlog

from cse.gateway.client_address import ClientAddresses
from cse.gateway.entry.connection import Connection
from cse.gateway.entry.desk import Desk

log = structlog.get_logger(__name__)

_ADDRESSES: Final = ClientAddresses()


class StreamServer:
    """Takes connections on listening sockets."""

    def __init__(self, desk: Desk) -> None:
        """Serve clients at `desk`."""
        self._desk: Final = desk
        self._servers: Final[list[asyncio.Server]] = []

    async def listen(self, bound: socket.socket) -> None:
        """Take connections on a bound TCP or Unix socket."""
        loop = asyncio.get_running_loop()
        if bound.family == socket.AF_UNIX:
            server = await loop.create_unix_server(self._accept, sock=bound)
        else:
            server = await loop.create_server(self._accept, sock=bound)
        self._servers.append(server)

    async def close(self) -> None:
        """Take no more connections. Those that there are belong to the desk."""
        for server in self._servers:
            server.close()
        self._servers.clear()

    def _accept(self) -> asyncio.Protocol:
        return _Stream(self._desk)


class _Stream(asyncio.Protocol):
    """One client: a Link for its connection."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk
        self._transport: asyncio.Transport | None = None
        self._connection: Connection | None = None
        self.client_ip: str | None = None
        self.address = ""

    # --- from the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        if isinstance(peer, tuple):
            self.client_ip = str(peer[0])
            self.address = _ADDRESSES.bucket(self.client_ip)
        self._connection = self._desk.connect(self)

    def data_received(self, data: bytes) -> None:
        assert self._connection is not None, "made before anything is received"
        self._connection.received(data)

    def pause_writing(self) -> None:
        if self._connection is not None:
            self._connection.full()

    def resume_writing(self) -> None:
        if self._connection is not None:
            self._connection.drained()

    def connection_lost(self, exc: Exception | None) -> None:
        log.debug("entry_connection_over", address=self.client_ip, reason=str(exc or "closed"))
        self._transport = None
        if self._connection is not None:
            self._connection.lost()

    # --- from the connection

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def unsent(self) -> int:
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def pause_reading(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
