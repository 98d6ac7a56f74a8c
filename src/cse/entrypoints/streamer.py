"""`cse streamer`: WebSockets alone, fed by Redis; no engine, no views. Run as many as wanted, side by side."""

import gc
import socket
from contextlib import AsyncExitStack

import structlog

from cse.adapters.clock import SystemClock
from cse.entrypoints.banner import base_url
from cse.entrypoints.exits import CannotStart, ExitCode
from cse.entrypoints.listen import listen
from cse.entrypoints.process import prepare, run_loop
from cse.entrypoints.signals import StopRequest
from cse.entrypoints.web import WebServer
from cse.settings import Settings
from cse.wiring.streamer import running_streamer

log = structlog.get_logger(__name__)


def run(settings: Settings) -> ExitCode:
    """Serve until asked to stop.

    Raises:
        CannotStart: no Redis is configured, or the port is taken.
    """
    if not settings.redis.url.get_secret_value():
        raise CannotStart(
            "redis.url (CSE_REDIS_URL) is not set: a streamer is fed by Redis;"
            " set it for the exchange (`cse up` or `cse engine`) and for every streamer"
        )
    settings = prepare(settings, f"streamer-{settings.streamer.port}")
    bound = listen(settings.streamer.host, settings.streamer.port)
    try:
        return run_loop(settings, lambda given, stop: _main(given, bound, stop))
    finally:
        bound.close()


async def _main(settings: Settings, bound: socket.socket, stop: StopRequest) -> ExitCode:
    async with AsyncExitStack() as stack:
        streamer = await stack.enter_async_context(running_streamer(settings, SystemClock()))
        server = WebServer(streamer.app, bound, settings)
        await server.start()
        stack.push_async_callback(server.stop)
        stack.push_async_callback(streamer.websockets.drained)
        stack.callback(streamer.websockets.close_all)
        host, port = bound.getsockname()[:2]
        log.info("streamer_serves", url=f"ws://{base_url(host, port)}/ws")
        gc.freeze()  # what is here by now stays: the collector need not look at it again
        await stop.wait()
    return ExitCode.OK
