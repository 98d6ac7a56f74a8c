"""`cse projector`: follows the journal and writes history to the database. One per data directory."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Final

import structlog

from cse.adapters.journal.places import open_reader
from cse.adapters.sql.schema import migrate
from cse.core.errors import Unavailable
from cse.engine.dump import hash_records
from cse.entrypoints.data_dir import RoleLock
from cse.entrypoints.exits import ExitCode
from cse.entrypoints.parent import end_with_parent
from cse.entrypoints.process import prepare, run_loop
from cse.entrypoints.signals import StopRequest
from cse.messages.events import Applied
from cse.projections.errors import ImpossibleEvent, PositionMoved, WrongVenue
from cse.projections.projector import Projector
from cse.sequencer.follower import Follower, ReplicaDiverged
from cse.sequencer.ports import JournalDamaged, JournalEnded, JournalError
from cse.settings import Settings
from cse.wiring.background import Background
from cse.wiring.candles import keep_candles_built
from cse.wiring.projector import open_projection

log = structlog.get_logger(__name__)

_ALARMS: Final = (
    ReplicaDiverged,
    JournalDamaged,
    JournalEnded,
    ImpossibleEvent,
    PositionMoved,
    WrongVenue,
)
"""What no other start would change: people must look. (After PositionLost another start is the remedy.)"""
_NICE: Final = 5
"""Matching goes first; history may be a little late."""
_POLL_S: Final = 0.01
_RETRY_S: Final = 0.5
_CATCH_UP_S: Final = 3.0
_LAST_WRITE_S: Final = 3.0
_PREDECESSOR_S: Final = 20.0


def run(settings: Settings, *, supervised: bool = False) -> ExitCode:
    """Project until asked to stop, then catch up for a moment and end.

    Raises:
        CannotStart: another projector works on this data directory.
    """
    settings = prepare(settings, "projector")
    if supervised:
        end_with_parent()
        os.nice(_NICE)
    lock = RoleLock(settings.data_dir, "projector")
    with lock.acquire(wait_s=_PREDECESSOR_S if supervised else 0.2):
        return run_loop(settings, _project)


async def _project(settings: Settings, stop: StopRequest) -> ExitCode:
    work = asyncio.create_task(_work(settings, stop))
    asked = asyncio.create_task(stop.wait())
    await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    try:
        async with asyncio.timeout(_CATCH_UP_S + _LAST_WRITE_S if stop.asked else None):
            await work
    except TimeoutError:
        log.warning("projector_stops_behind", reason="the database did not take the rest in time")
    except _ALARMS as error:
        log.critical("projector_alarm", reason=str(error), kind=type(error).__name__)
        return ExitCode.ALARM
    return ExitCode.OK


async def _work(settings: Settings, stop: StopRequest) -> None:
    await _migrate(settings, stop)
    await _wait_for_journal(settings, stop)
    if stop.asked:
        return
    async with open_projection(settings) as (projector, follower):
        began_at = projector.written
        await _audit(projector, follower)
        log.info("projector_started", position=began_at, journal=follower.journal_sequence())
        async with Background() as background:
            background.start("candles", lambda: keep_candles_built(settings))
            await projector.run(_source(follower, stop))
        log.info("projector_stopped", position=projector.written)


async def _audit(projector: Projector, follower: Follower) -> None:
    """Bring the replica to where the database stands and compare the two before anything is added."""
    records = await asyncio.to_thread(follower.start)
    await asyncio.to_thread(projector.audit, records)
    state_hash = await asyncio.to_thread(lambda: hash_records(follower.start()))
    await projector.checkpoint(projector.written, state_hash)
    gc.freeze()  # the replica stays: the collector need not look at it again and again


async def _migrate(settings: Settings, stop: StopRequest) -> None:
    while not stop.asked:
        try:
            await migrate(settings.database_url)
        except Unavailable as error:
            log.warning("projector_waits", reason=str(error))
            await _pause(stop, _RETRY_S)
        else:
            return


async def _wait_for_journal(settings: Settings, stop: StopRequest) -> None:
    reader = open_reader(settings.data_dir)
    while not stop.asked:
        try:
            log.debug("journal_found", venue=reader.venue_id.hex())
        except JournalDamaged:
            raise
        except JournalError:
            await _pause(stop, _RETRY_S)
        else:
            return


async def _source(follower: Follower, stop: StopRequest) -> AsyncIterator[Sequence[Applied]]:
    """Yield what is new; after a request to stop what is there by then, as far as the time allows."""
    loop = asyncio.get_running_loop()
    deadline: float | None = None
    while True:
        if stop.asked:
            deadline = deadline or loop.time() + _CATCH_UP_S
            if loop.time() > deadline:
                return
        if batch := follower.poll():
            yield batch
            await asyncio.sleep(0)
        elif stop.asked:
            return
        else:
            await asyncio.sleep(_POLL_S)


async def _pause(stop: StopRequest, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
