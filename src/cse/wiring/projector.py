"""The projector of one data directory: its own engine replica, and the database that it writes to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import structlog

from cse.adapters.journal.places import open_follower, open_reader
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.projection_store import SqlProjectionStore, written_history
from cse.core.errors import Unavailable
from cse.engine.backend import new_engine
from cse.projections.errors import WrongVenue
from cse.projections.projector import Projector
from cse.sequencer.follower import Follower
from cse.sequencer.ports import JournalEnded
from cse.settings import Settings

log = structlog.get_logger(__name__)


class Projection(NamedTuple):
    """A projector that knows where it stands, and a follower that begins right there."""

    projector: Projector
    follower: Follower


@asynccontextmanager
async def open_projection(settings: Settings) -> AsyncIterator[Projection]:
    """Find out where the database stands (waiting for it) and follow the journal from there.

    The follower has not started yet: `follower.start()` replays, which takes its time.

    Raises:
        JournalError: there is no journal yet.
        WrongVenue: the database holds the history of another journal.
    """
    venue_id = open_reader(settings.data_dir).venue_id
    # What a power cut takes from the database is written again from the journal.
    engine = make_engine(settings.database_url, durable=False, pool_size=2)
    try:
        store = SqlProjectionStore(engine, venue_id)
        projector = Projector(store, list(new_engine(settings.engine).records()))
        follower = open_follower(settings.data_dir, await projector.start(), settings.engine)
        try:
            yield Projection(projector, follower)
        finally:
            follower.close()
    finally:
        await engine.dispose()


async def refuse_other_history(settings: Settings) -> None:
    """Return if the database is this journal's own, empty, or out of reach.

    Log-ins stand there too: on another venue's journal they would open other people's accounts. And what
    history tells was acknowledged once: a journal that ends before it has lost that.

    Raises:
        WrongVenue: it holds the history of another journal.
        JournalEnded: it holds more than the journal.
    """
    reader = open_reader(settings.data_dir)
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        written = await written_history(engine)
    except Unavailable as error:
        log.warning("database_not_compared", reason=str(error))
        return
    finally:
        await engine.dispose()
    last = reader.synced_sequence()  # after the database was asked: both go on meanwhile
    venue_id, sequence = written or (reader.venue_id, 0)
    if venue_id != reader.venue_id:
        raise WrongVenue(
            f"the database holds history and log-ins of another venue than the journal in"
            f" {settings.data_dir}: bring back the journal, or give this one a database of its own"
        )
    if sequence > last:
        raise JournalEnded(
            f"the journal in {settings.data_dir} ends with command {last}, the database's history goes up to"
            f" {sequence}: bring back the end of the journal, or give this one a database of its own"
        )
