"""`cse up`: engine and gateway in this process, projector and bots as children; started and ended in order."""

import asyncio
import gc
import socket
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final

import structlog

from cse.adapters.clock import SystemClock
from cse.core.errors import OutcomeUnknown, Unavailable
from cse.engine.backend import engine_in_use
from cse.entrypoints.banner import Login, base_url, show_banner
from cse.entrypoints.data_dir import refuse_if_in_use
from cse.entrypoints.demo import invite_demo_people, list_sandbox
from cse.entrypoints.entry_sockets import bind_entry, entry_addresses, listening
from cse.entrypoints.exits import ExitCode
from cse.entrypoints.listen import listen
from cse.entrypoints.process import prepare, run_loop
from cse.entrypoints.signals import StopRequest
from cse.entrypoints.supervisor import ChildSpec, Supervisor
from cse.entrypoints.web import WebServer
from cse.gateway.deps import Dependency, HealthCheck
from cse.sequencer.sequencer import Sequencer, State
from cse.settings import Settings
from cse.wiring.gateway import Gateway, running_gateway
from cse.wiring.metrics import count_order_entry, count_sequencer
from cse.wiring.places import demo_logins
from cse.wiring.projector import refuse_other_history
from cse.wiring.sequencer import running_sequencer

log = structlog.get_logger(__name__)

_CHILDREN_S: Final = 10.0
"""How long the projector may take to end: it catches up first."""
_BOTS_S: Final = 3.0


def run(settings: Settings) -> ExitCode:
    """Run the whole exchange until Ctrl-C or SIGTERM.

    Raises:
        CannotStart: the data directory is in use, or the port is taken.
        JournalDamaged, BootstrapRefused, SchemaMismatch: people must look first.
    """
    settings = prepare(settings, "exchange")
    refuse_if_in_use(settings.data_dir)
    bound = listen(settings.http.host, settings.http.port)
    entry: list[socket.socket] = []
    try:
        entry = bind_entry(settings)
        exchange = Exchange(bound, entry)
        return run_loop(settings, exchange.main, exchange.kill_children)
    finally:
        for each in (bound, *entry):
            each.close()


class Exchange:
    """Everything that `cse up` runs."""

    def __init__(self, bound: socket.socket, entry: Sequence[socket.socket]) -> None:
        """Serve HTTP and (if there are any) binary order entry on these sockets."""
        self._bound = bound
        self._entry = entry
        self._projector = Supervisor()
        self._bots = Supervisor()

    def kill_children(self) -> None:
        """End the children at once."""
        self._projector.kill()
        self._bots.kill()

    async def main(self, settings: Settings, stop: StopRequest) -> ExitCode:
        """Start everything, wait for the end, stop everything."""
        clock = SystemClock()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._projector.stop, _CHILDREN_S)  # last: it catches up
            self._projector.start(_child("projector"))
            sequencer = await stack.enter_async_context(running_sequencer(settings, clock))
            await refuse_other_history(settings)
            health = {
                "engine": _engine_health(settings, sequencer),
                "children": self._children_health,
            }
            gateway = await stack.enter_async_context(
                running_gateway(
                    settings.listening_on(self._address()[1]),
                    sequencer,
                    clock,
                    health,
                    frames=sequencer,
                )
            )
            count_sequencer(gateway.deps.registry, sequencer, engine_in_use(settings.engine).name)
            logins = await _bootstrap(settings, gateway) if settings.sandbox else []
            server = WebServer(gateway.app, self._bound, settings)
            await server.start()
            stack.push_async_callback(server.stop)
            stack.push_async_callback(
                gateway.websockets.drained_within, settings.http.shutdown_seconds
            )
            stack.callback(gateway.websockets.close_all)
            if gateway.desk is not None:
                count_order_entry(gateway.deps.registry, gateway.desk)
                await stack.enter_async_context(listening(gateway.desk, self._entry))
            stack.push_async_callback(self._bots.stop, _BOTS_S)
            if settings.bots_on:
                self._bots.start(_child("bots", "--url", f"http://{base_url(*self._address())}"))
            gc.freeze()  # what is here by now stays: the collector need not look at it again
            entry = entry_addresses(self._entry)
            show_banner(settings, self._address(), logins, demo_logins(settings), entry)
            return await _until_the_end(server, stop)

    def _address(self) -> tuple[str, int]:
        host, port = self._bound.getsockname()[:2]
        return host, port

    async def _children_health(self) -> Dependency:
        down = [
            f"{state.name} {'gave up' if state.given_up else 'is down'}: {state.last_exit}"
            for state in [*self._projector.states.values(), *self._bots.states.values()]
            if state.pid is None
        ]
        return Dependency(ok=not down, required=False, detail="; ".join(down))


def _child(command: str, *arguments: str) -> ChildSpec:
    return ChildSpec(command, ["-m", "cse.cli", command, *arguments, "--supervised"])


async def _bootstrap(settings: Settings, gateway: Gateway) -> Sequence[Login]:
    await list_sandbox(gateway.deps.queue, gateway.deps.catalog)
    try:
        return await invite_demo_people(settings, gateway)
    except (Unavailable, OutcomeUnknown) as error:
        log.warning("no_demo_people_yet", reason=str(error))
        return []


def _engine_health(settings: Settings, sequencer: Sequencer) -> HealthCheck:
    name = f"{engine_in_use(settings.engine).name} engine"

    async def check() -> Dependency:
        status = sequencer.status
        return Dependency(ok=status.state is State.RUNNING, detail=status.reason or name)

    return check


async def _until_the_end(server: WebServer, stop: StopRequest) -> ExitCode:
    asked = asyncio.create_task(stop.wait())
    ended = asyncio.create_task(server.ended())
    await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if stop.asked:
        ended.cancel()
        print("Stopping ...", file=sys.stderr)  # noqa: T201  # a person waits
        return ExitCode.OK
    log.critical("web_server_ended", error=repr(ended.exception()))
    return ExitCode.FAILED
