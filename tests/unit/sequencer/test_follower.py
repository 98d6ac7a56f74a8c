"""A follower hands out every command with its events exactly once, from any position on, with or without
snapshots; it waits without being told, and notices when its state is not the one in a snapshot.
"""

import asyncio

import pytest

from cse.messages.codec import encode_frame
from cse.messages.events import Applied
from cse.sequencer.follower import Follower, ReplicaDiverged
from cse.sequencer.ports import JournalEnded, Snapshot
from cse.sequencer.snapshotting import take_snapshot
from tests.simulation.flow import START_MS
from tests.simulation.memory import MemoryJournal, MemorySnapshots
from tests.unit.sequencer.test_recovery import FLOW, engine_after, journal_of

pytestmark = pytest.mark.usefixtures("either_engine")


def append(journal: MemoryJournal, first: int, last: int) -> None:
    journal.append(
        b"".join(encode_frame(FLOW[i - 1], i, START_MS + i) for i in range(first, last + 1))
    )


def applied_between(first: int, last: int) -> list[Applied]:
    engine = engine_after(first - 1)
    return [
        Applied(i, START_MS + i, FLOW[i - 1], engine.apply(i, START_MS + i, FLOW[i - 1]))
        for i in range(first, last + 1)
    ]


@pytest.mark.parametrize("position", [0, 1, 399, 400, 401, 700])
@pytest.mark.parametrize("with_snapshots", [False, True])
def test_it_goes_on_from_any_position(position: int, with_snapshots: bool) -> None:
    """What comes out is what the engine of the venue gave for those commands, in order, once."""
    journal, snapshots = journal_of(700), MemorySnapshots()
    if with_snapshots:
        take_snapshot(journal_of(400), snapshots)
    follower = Follower(journal, snapshots, position)
    assert follower.sequence == position
    assert list(follower.start()) == list(engine_after(position).records())
    batches = list(follower.catch_up(limit=50))
    assert max(map(len, batches), default=0) <= 50
    assert [applied for batch in batches for applied in batch] == applied_between(position + 1, 700)
    assert follower.sequence == follower.journal_sequence() == 700
    assert follower.poll() == []
    follower.close()


async def test_it_waits_for_what_is_still_to_come() -> None:
    """New commands come out of the same iterator soon after they became durable."""
    journal = journal_of(10)
    follower = Follower(journal, MemorySnapshots(), 5)
    follower.start()
    batches = follower.batches()
    assert [applied.sequence for applied in await anext(batches)] == [*range(6, 11)]
    waiting = asyncio.ensure_future(anext(batches))
    await asyncio.sleep(0)
    assert not waiting.done()
    append(journal, 11, 12)
    assert [applied.sequence for applied in await waiting] == [11, 12]
    await batches.aclose()


def test_a_journal_that_ends_before_its_position_is_refused() -> None:
    """What was projected already cannot be missing in the truth."""
    with pytest.raises(JournalEnded):
        Follower(journal_of(10), MemorySnapshots(), 11).start()


def test_it_has_to_be_started() -> None:
    """Polling first would begin in the wrong state."""
    with pytest.raises(RuntimeError, match="start"):
        Follower(journal_of(10), MemorySnapshots(), 0).poll()


def spoilt(snapshots: MemorySnapshots, sequence: int) -> None:
    found = snapshots.kept[sequence]
    snapshots.kept[sequence] = Snapshot(
        found.venue_id, sequence, found.time_ms, bytes(32), found.records
    )


def test_another_state_than_in_a_snapshot_stops_it() -> None:
    """It compares at every snapshot that it passes, and hands out nothing of the batch that differs."""
    snapshots = MemorySnapshots()
    for count in (200, 450):
        take_snapshot(journal_of(count), snapshots)
    follower = Follower(journal_of(700), snapshots, 0)
    follower.start()
    assert sum(len(batch) for batch in follower.catch_up(100)) == 700

    spoilt(snapshots, 450)
    follower = Follower(journal_of(700), snapshots, 0)
    follower.start()
    got = []
    with pytest.raises(ReplicaDiverged, match="450"):
        got.extend(follower.catch_up(100))
    assert sum(map(len, got)) == 400


def test_a_snapshot_that_cannot_be_read_is_no_alarm() -> None:
    """It proves nothing either way."""
    snapshots = MemorySnapshots()
    take_snapshot(journal_of(200), snapshots)
    snapshots.damaged = {200}
    follower = Follower(journal_of(300), snapshots, 0)
    follower.start()
    assert sum(len(batch) for batch in follower.catch_up()) == 300
