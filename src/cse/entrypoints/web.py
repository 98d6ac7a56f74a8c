"""The web server in a process that has its own signals: uvicorn, told when to begin and when to end."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from cse.entrypoints.address_connections import AddressConnections
from cse.entrypoints.direct_protocol import DirectProtocol
from cse.gateway.client_address import ClientAddresses
from cse.settings import Settings

_KEEP_ALIVE_S = 75
"""Longer than most clients keep an idle connection: whoever closes first must not be us, in mid-request."""
_MAX_FRAME_BYTES = 1_048_576
"""Where uvicorn cuts a WebSocket message off; the gateway's own, lower limit explains itself."""


class _Server(uvicorn.Server):
    """Leaves signals to us."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _limited(settings: Settings) -> type[DirectProtocol]:
    """Return the protocol with the connections of each address counted, over all connections of this server."""
    addresses = ClientAddresses(settings.http.trusted_proxies)
    counted = AddressConnections(settings.limits.connections_per_address, addresses)

    class Limited(DirectProtocol):
        """One connection to this server."""

    Limited.addresses = counted
    return Limited


class WebServer:
    """Serves an ASGI application on a listening socket."""

    def __init__(self, app: Any, bound: socket.socket, settings: Settings) -> None:
        """Serve nothing yet."""
        self._server = _Server(
            uvicorn.Config(
                app,
                http=_limited(settings),
                ws="websockets-sansio",
                lifespan="on",
                log_config=None,
                access_log=False,
                proxy_headers=False,  # the gateway decides whom it believes
                server_header=False,
                ws_max_size=_MAX_FRAME_BYTES,
                ws_per_message_deflate=False,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=settings.http.shutdown_seconds,
            )
        )
        self._bound = bound
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return once requests are served."""
        self._task = asyncio.create_task(
            self._server.serve(sockets=[self._bound]), name="web server"
        )
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise RuntimeError("the web server ended before it began")
            await asyncio.sleep(0.005)

    async def ended(self) -> None:
        """Return when the server is over; nothing but `stop` should end it."""
        assert self._task is not None
        await asyncio.shield(self._task)

    async def stop(self) -> None:
        """Take no more connections, answer requests under way, close WebSockets with 1012."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
