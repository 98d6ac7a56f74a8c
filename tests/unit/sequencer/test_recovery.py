"""Recovery: newest good snapshot plus replay gives the state that replaying everything gives, bad snapshots
are passed over and named, and a journal that ends too early is refused.
"""

from collections.abc import Callable

import pytest

from cse.engine.backend import Engine, new_engine
from cse.messages.codec import encode_frame
from cse.messages.registry import MESSAGE_TYPES
from cse.sequencer.ports import JournalEnded, Snapshot, SnapshotDamaged
from cse.sequencer.recovery import load_engine, recover
from cse.sequencer.snapshotting import take_snapshot
from tests.simulation.flow import START_MS, commands
from tests.simulation.memory import MemoryJournal, MemorySnapshots

pytestmark = pytest.mark.usefixtures("either_engine")

FLOW = commands(seed=8, count=3_000)


def journal_of(count: int) -> MemoryJournal:
    journal = MemoryJournal()
    journal.append(
        b"".join(encode_frame(FLOW[i - 1], i, START_MS + i) for i in range(1, count + 1))
    )
    return journal


def engine_after(count: int) -> Engine:
    engine = new_engine()
    for i in range(1, count + 1):
        engine.apply(i, START_MS + i, FLOW[i - 1])
    return engine


@pytest.fixture
def snapshots() -> MemorySnapshots:
    """Snapshots after commands 1,000 and 2,000."""
    snapshots = MemorySnapshots()
    for count in (1_000, 2_000):
        take_snapshot(journal_of(count), snapshots)
    assert snapshots.sequences() == [2_000, 1_000]
    return snapshots


def test_without_a_snapshot_everything_is_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first command to the last, with progress on the way."""
    monkeypatch.setattr("cse.sequencer.recovery._CHUNK", 1_000)
    steps: list[tuple[int, int]] = []
    found = recover(
        journal_of(2_500), MemorySnapshots(), progress=lambda at, end: steps.append((at, end))
    )
    assert found.engine.state_hash() == engine_after(2_500).state_hash()
    assert (found.snapshot_sequence, found.replayed, found.bad_snapshots) == (0, 2_500, ())
    assert steps == [(1_000, 2_500), (2_000, 2_500), (2_500, 2_500)]


def test_the_newest_snapshot_saves_its_part_of_the_replay(snapshots: MemorySnapshots) -> None:
    """The state is the same as without it."""
    found = recover(journal_of(2_500), snapshots)
    assert found.engine.state_hash() == engine_after(2_500).state_hash()
    assert (found.snapshot_sequence, found.replayed) == (2_000, 500)


def test_a_bad_snapshot_is_named_and_the_one_before_serves(snapshots: MemorySnapshots) -> None:
    """And when that one is bad too, the journal alone does."""
    snapshots.damaged = {2_000}
    found = recover(journal_of(2_500), snapshots)
    assert (found.snapshot_sequence, found.replayed) == (1_000, 1_500)
    assert [("2000" in reason) for reason in found.bad_snapshots] == [True]
    snapshots.damaged = {1_000, 2_000}
    found = recover(journal_of(2_500), snapshots)
    assert (found.snapshot_sequence, len(found.bad_snapshots)) == (0, 2)
    assert found.engine.state_hash() == engine_after(2_500).state_hash()


def changed(snapshot: Snapshot, **changes: object) -> Snapshot:
    fields = {name: getattr(snapshot, name) for name in snapshot.__struct_fields__}
    return Snapshot(**(fields | changes))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: changed(s, venue_id=b"another venue..."),
        lambda s: changed(s, state_hash=bytes(32)),
        lambda s: changed(s, records=list(s.records)[:-1]),
        lambda s: changed(s, records=list(s.records)[1:]),
        lambda s: changed(s, records=[]),
        lambda s: changed(s, sequence=s.sequence + 1),
    ],
    ids=["venue", "hash", "last record", "first record", "nothing", "sequence"],
)
def test_a_snapshot_that_is_not_what_it_claims_is_refused(
    snapshots: MemorySnapshots, spoil: Callable[[Snapshot], Snapshot]
) -> None:
    """Whole bytes are not enough: venue, sequence and the hash over the restored state count."""
    snapshot = snapshots.load(2_000)
    venue_id = snapshot.venue_id
    assert load_engine(snapshot, venue_id).state_hash() == engine_after(2_000).state_hash()
    with pytest.raises(SnapshotDamaged):
        load_engine(spoil(snapshot), venue_id)


def test_up_to_a_command_snapshots_behind_it_are_left_alone(snapshots: MemorySnapshots) -> None:
    """Somebody wants the state of long ago."""
    for until in (0, 1, 999, 1_000, 1_500):
        found = recover(journal_of(2_500), snapshots, until=until)
        assert found.engine.state_hash() == engine_after(until).state_hash()
        assert found.snapshot_sequence == (1_000 if until >= 1_000 else 0)


def test_a_journal_that_ends_before_a_good_snapshot_is_refused(snapshots: MemorySnapshots) -> None:
    """Snapshots are made of durable commands only: those behind 1,700 were there once."""
    with pytest.raises(JournalEnded, match="2000"):
        recover(journal_of(1_700), snapshots)
    snapshots.damaged = {2_000}
    assert recover(journal_of(1_700), snapshots).snapshot_sequence == 1_000
    with pytest.raises(JournalEnded):
        recover(journal_of(1_700), snapshots, until=1_701)


def test_snapshots_are_made_from_the_one_before(snapshots: MemorySnapshots) -> None:
    """Only what came since is replayed, and where nothing came nothing is written."""
    taken = take_snapshot(journal_of(2_600), snapshots)
    assert (taken.sequence, taken.began_with, taken.replayed) == (2_600, 2_000, 600)
    assert taken.state_hash == engine_after(2_600).state_hash().hex()
    assert snapshots.load(2_600).state_hash.hex() == taken.state_hash
    again = take_snapshot(journal_of(2_600), snapshots)
    assert (again.path, again.sequence, again.replayed) == ("", 2_600, 0)


def test_the_flow_holds_every_kind_of_command() -> None:
    """Or these tests, and the crash tests, would prove less than they say."""
    assert {type(command) for command in FLOW} == {
        cls for number, cls in MESSAGE_TYPES.items() if number < 64
    }
