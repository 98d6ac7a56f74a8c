"""`cse gateway`: REST and WebSocket alone, on the socket of a `cse engine`. Run as many as wanted.

While the engine is away reads go on from what is known and orders get 503. When it is back, everything
is built anew from its state, on the same listening socket.
"""

import asyncio
import socket
from contextlib import AsyncExitStack, suppress
from typing import Final

import structlog

from cse.adapters.clock import SystemClock
from cse.adapters.queue.client import SocketQueue
from cse.core.errors import Unavailable
from cse.entrypoints.banner import base_url
from cse.entrypoints.exits import ExitCode
from cse.entrypoints.listen import listen
from cse.entrypoints.process import prepare, run_loop
from cse.entrypoints.signals import StopRequest
from cse.entrypoints.web import WebServer
from cse.gateway.deps import Dependency
from cse.settings import Settings
from cse.wiring.gateway import running_gateway

log = structlog.get_logger(__name__)

_LOOK_S: Final = 0.1
_ATTEMPT_S: Final = 5.0


def run(settings: Settings) -> ExitCode:
    """Serve until asked to stop.

    Raises:
        CannotStart: the port is taken.
    """
    settings = prepare(settings, "gateway")
    bound = listen(settings.http.host, settings.http.port)
    try:
        return run_loop(settings, lambda given, stop: _main(given, bound, stop))
    finally:
        bound.close()


async def _main(settings: Settings, bound: socket.socket, stop: StopRequest) -> ExitCode:
    queue = await _connect(settings, stop)
    while queue is not None:
        queue = await _serve(settings, bound, queue, stop)
    return ExitCode.OK


async def _connect(settings: Settings, stop: StopRequest) -> SocketQueue | None:
    """Return a connection to the engine, waiting for it; None when asked to stop meanwhile."""
    while not stop.asked:
        try:
            return await SocketQueue.open(settings.queue_address, timeout_s=_ATTEMPT_S)
        except Unavailable as error:
            log.warning("engine_waited_for", reason=str(error))
    return None


async def _serve(
    settings: Settings, bound: socket.socket, queue: SocketQueue, stop: StopRequest
) -> SocketQueue | None:
    """Serve on one connection; return the next one, None when asked to stop."""

    async def engine() -> Dependency:
        detail = "" if queue.connected else "the connection to the engine is lost"
        return Dependency(ok=queue.connected, detail=detail)

    async with AsyncExitStack() as stack:
        stack.push_async_callback(queue.close)
        gateway = await stack.enter_async_context(
            running_gateway(
                settings.listening_on(bound.getsockname()[1]),
                queue,
                SystemClock(),
                {"engine": engine},
            )
        )
        server = WebServer(gateway.app, bound.dup(), settings)
        await server.start()
        stack.push_async_callback(server.stop)
        stack.push_async_callback(gateway.websockets.drained_within, settings.http.shutdown_seconds)
        stack.callback(gateway.websockets.close_all)
        host, port = bound.getsockname()[:2]
        log.info("gateway_serves", url=f"http://{base_url(host, port)}/")
        while queue.connected and not stop.asked:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _LOOK_S)
        return await _connect(settings, stop)
