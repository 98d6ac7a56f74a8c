"""`cse engine`: sequencer, journal, engine and binary order entry; gateways in other processes use its socket."""

import gc
import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack

import structlog

from cse.adapters.clock import SystemClock
from cse.adapters.queue.server import QueueServer
from cse.entrypoints.data_dir import refuse_if_in_use
from cse.entrypoints.demo import list_sandbox
from cse.entrypoints.entry_sockets import bind_entry, entry_addresses, listening
from cse.entrypoints.exits import CannotStart, ExitCode
from cse.entrypoints.process import prepare, run_loop
from cse.entrypoints.signals import StopRequest
from cse.messages.catalog import Catalog
from cse.sequencer.sequencer import Sequencer
from cse.settings import Settings
from cse.wiring.identity_checks import running_levels
from cse.wiring.order_entry import running_desk, running_keys
from cse.wiring.publishing import running_publisher
from cse.wiring.sequencer import running_sequencer

log = structlog.get_logger(__name__)


def run(settings: Settings) -> ExitCode:
    """Take commands until asked to stop, then drain.

    Raises:
        CannotStart: the data directory is in use, or a socket cannot be listened on.
        JournalDamaged: people must look first.
    """
    settings = prepare(settings, "engine")
    refuse_if_in_use(settings.data_dir)
    entry = bind_entry(settings)
    try:
        return run_loop(settings, lambda given, stop: _main(given, entry, stop))
    finally:
        for each in entry:
            each.close()


async def _main(settings: Settings, entry: Sequence[socket.socket], stop: StopRequest) -> ExitCode:
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        sequencer = await stack.enter_async_context(running_sequencer(settings, clock))
        if settings.sandbox:
            await list_sandbox(sequencer, _catalog_of(sequencer))
        await stack.enter_async_context(running_publisher(settings, sequencer, clock))
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
        if entry:
            keys = await stack.enter_async_context(running_keys(settings, clock))
            desk = await stack.enter_async_context(running_desk(settings, sequencer, keys, clock))
            may_trade = await stack.enter_async_context(running_levels(settings, clock))
            desk.submits.may_trade = may_trade
            await stack.enter_async_context(listening(desk, entry))
            log.info("order_entry_listens", addresses=entry_addresses(entry))
        gc.freeze()  # what is here by now stays: the collector need not look at it again
        await stop.wait()
    return ExitCode.OK


def _catalog_of(sequencer: Sequencer) -> Catalog:
    catalog = Catalog()
    catalog.load(sequencer.attach(_ignore))
    sequencer.detach(_ignore)
    return catalog


def _ignore(_batch: object) -> None:
    return
