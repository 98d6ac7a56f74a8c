"""The writer of one data directory: journal, engine, sequencer, and the schedule of its snapshots."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog

from cse.adapters.journal.places import open_journal, open_reader, open_snapshots
from cse.adapters.journal.writer import committer_of
from cse.core.clock import Clock
from cse.engine.backend import frame_tools
from cse.sequencer.ports import Opening
from cse.sequencer.recovery import Recovery, recover
from cse.sequencer.sequencer import Machinery, Sequencer
from cse.sequencer.snapshotting import SnapshotSchedule
from cse.settings import Settings

log = structlog.get_logger(__name__)


@asynccontextmanager
async def running_sequencer(
    settings: Settings, clock: Clock, on_halt: Callable[[str], None] | None = None
) -> AsyncIterator[Sequencer]:
    """Recover the state and take commands for as long as the context is open; then drain.

    Raises:
        JournalLocked: another exchange runs on this data directory.
        JournalDamaged, JournalEnded: people must look; file and offset are named.
    """
    with open_journal(
        settings.data_dir,
        segment_bytes=settings.journal.segment_bytes,
        choice=settings.engine,
    ) as journal:
        began = time.monotonic()
        snapshots = open_snapshots(settings.data_dir)
        _report_opening(journal.opening)
        reader = open_reader(settings.data_dir, settings.engine)
        # Ctrl-C is heard meanwhile
        found = await asyncio.to_thread(recover, reader, snapshots, choice=settings.engine)
        _report_recovery(found, time.monotonic() - began)
        sequencer = Sequencer(
            found.engine,
            journal,
            clock,
            max_batch=settings.journal.max_batch,
            max_waiting=settings.journal.max_waiting,
            on_halt=on_halt,
            machinery=Machinery(frame_tools(settings.engine), committer_of),
        )
        schedule = SnapshotSchedule(
            [sys.executable, "-m", "cse.cli", "snapshot"],
            settings.snapshot.interval_commands,
            last=next(iter(snapshots.sequences()), 0),
        )
        sequencer.attach(schedule.note)
        try:
            yield sequencer
        finally:
            await sequencer.close()
            await schedule.close()


def _report_opening(opening: Opening) -> None:
    if (torn := opening.torn) is not None:
        log.warning(
            "journal_tail_cut",
            path=torn.path,
            offset=torn.offset,
            bytes_cut=torn.bytes_cut,
            reason=torn.reason,
        )
    if opening.lost_after is not None:
        log.error("journal_shortened", last=opening.last_sequence, was=opening.lost_after)


def _report_recovery(found: Recovery, seconds: float) -> None:
    log.info(
        "engine_recovered",
        engine=found.engine.name,
        sequence=found.engine.sequence,
        snapshot=found.snapshot_sequence,
        replayed=found.replayed,
        seconds=round(seconds, 3),
    )
