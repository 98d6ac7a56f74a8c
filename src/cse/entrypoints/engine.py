"""`cse engine`: sequencer, journal and engine alone; gateways in other processes use its socket."""

from contextlib import AsyncExitStack

import structlog

from cse.adapters.clock import SystemClock
from cse.adapters.queue.server import QueueServer
from cse.entrypoints.data_dir import refuse_if_in_use
from cse.entrypoints.demo import list_sandbox
from cse.entrypoints.exits import CannotStart, ExitCode
from cse.entrypoints.process import prepare, run_loop
from cse.entrypoints.signals import StopRequest
from cse.messages.catalog import Catalog
from cse.sequencer.sequencer import Sequencer
from cse.settings import Settings
from cse.wiring.sequencer import running_sequencer

log = structlog.get_logger(__name__)


def run(settings: Settings) -> ExitCode:
    """Take commands until asked to stop, then drain.

    Raises:
        CannotStart: the data directory is in use, or the socket cannot be listened on.
        JournalDamaged: people must look first.
    """
    settings = prepare(settings, "engine")
    refuse_if_in_use(settings.data_dir)
    return run_loop(settings, _main)


async def _main(settings: Settings, stop: StopRequest) -> ExitCode:
    async with AsyncExitStack() as stack:
        sequencer = await stack.enter_async_context(running_sequencer(settings, SystemClock()))
        if settings.sandbox:
            await list_sandbox(sequencer, _catalog_of(sequencer))
        server = QueueServer(sequencer)
        try:
            address = await server.start(settings.queue_address)
        except OSError as error:
            raise CannotStart(
                f"queue.address {settings.queue_address}: {error.strerror}"
            ) from error
        stack.push_async_callback(server.close)
        stack.push_async_callback(
            sequencer.close
        )  # answers what is under way while clients can hear
        log.info("engine_listens", address=address)
        await stop.wait()
    return ExitCode.OK


def _catalog_of(sequencer: Sequencer) -> Catalog:
    catalog = Catalog()
    catalog.load(sequencer.attach(_ignore))
    sequencer.detach(_ignore)
    return catalog


def _ignore(_batch: object) -> None:
    return
