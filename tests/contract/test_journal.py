"""What every Journal and SnapshotStore does, whatever it is kept in: the suite of their ports."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cse.adapters.journal.snapshots import FileSnapshots
from cse.adapters.journal.writer import FileJournal
from cse.engine.backend import new_engine
from cse.messages.codec import encode_frame
from cse.messages.wire import Command
from cse.sequencer.ports import (
    Journal,
    JournalEnded,
    Snapshot,
    SnapshotDamaged,
    SnapshotStore,
)
from tests.simulation.appenders import native_of
from tests.simulation.flow import START_MS, commands
from tests.simulation.memory import MemoryJournal, MemorySnapshots

FLOW = commands(seed=3, count=200)


def frames(first: int, count: int) -> bytes:
    """The flow's commands from a sequence on, as a sequencer would hand them over."""
    return b"".join(
        encode_frame(FLOW[sequence - 1], sequence, START_MS + sequence)
        for sequence in range(first, first + count)
    )


@pytest.fixture(
    params=["file", "file, small segments", "native", "native, small segments", "memory"]
)
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    folder = tmp_path / "journal"
    make: dict[str, Callable[[], Journal]] = {
        "file": lambda: FileJournal(folder),
        "file, small segments": lambda: FileJournal(folder, segment_bytes=1_000),
        "native": lambda: FileJournal(folder, native=native_of("native")),
        "native, small segments": lambda: FileJournal(
            folder, segment_bytes=1_000, native=native_of("native")
        ),
        "memory": MemoryJournal,
    }
    with closing(make[request.param]()) as journal:
        yield journal


@pytest.fixture(params=["file", "memory"])
def snapshots(request: pytest.FixtureRequest, tmp_path: Path) -> SnapshotStore:
    return FileSnapshots(tmp_path / "snapshots") if request.param == "file" else MemorySnapshots()


def read(journal: Journal, after: int) -> list[tuple[int, int, Command]]:
    tail = journal.tail(after)
    found = []
    while taken := tail.take(7):
        found += [(frame.sequence, frame.time_ms, frame.message) for frame in taken]
    tail.close()
    return found


def test_frames_are_those_of_the_commands(journal: Journal) -> None:
    """A tail may be read as commands and as frames in turn: nothing comes twice, nothing is left out."""
    journal.append(frames(1, 50))
    journal.append(frames(51, 40))
    tail = journal.tail(3)
    found = b"".join(encode_frame(f.message, f.sequence, f.time_ms) for f in tail.take(5))
    while taken := tail.take_frames(7):
        found += taken
    assert found == frames(4, 87)
    assert tail.take(1) == []
    journal.append(frames(91, 2))
    assert tail.take_frames(100) == frames(91, 2)
    tail.close()
    with pytest.raises(JournalEnded):
        journal.tail(93).take_frames(1)


def test_a_new_journal_is_empty(journal: Journal) -> None:
    """Nothing is in it, and a tail of it finds nothing and does not fail."""
    assert journal.last_sequence == journal.synced_sequence() == journal.opening.last_sequence == 0
    assert journal.tail(0).take(10) == []
    assert journal.verify().whole
    assert len(journal.venue_id) == 16


def test_what_was_appended_is_read_back_from_anywhere(journal: Journal) -> None:
    """Batches of several sizes come back command by command, from every place in them."""
    first = 1
    for size in (1, 1, 20, 3, 75, 1):
        journal.append(frames(first, size))
        first += size
        assert journal.last_sequence == journal.synced_sequence() == first - 1
    expected = [(i, START_MS + i, FLOW[i - 1]) for i in range(1, first)]
    for after in range(first):
        assert read(journal, after) == expected[after:]


def test_a_tail_goes_on_as_the_journal_grows(journal: Journal) -> None:
    """It hands out what is there, then nothing, then what came since; never more than asked for."""
    journal.append(frames(1, 5))
    tail = journal.tail(2)
    assert [frame.sequence for frame in tail.take(2)] == [3, 4]
    assert [frame.sequence for frame in tail.take(2)] == [5]
    assert tail.take(2) == []
    for first in range(6, 46, 4):
        journal.append(frames(first, 4))
        assert [frame.sequence for frame in tail.take(9)] == [*range(first, first + 4)]
    tail.close()


def test_a_place_behind_the_end_is_an_error(journal: Journal) -> None:
    """Who has seen more than the journal holds must not go on as if nothing were."""
    journal.append(frames(1, 5))
    with pytest.raises(JournalEnded):
        journal.tail(6).take(1)


def test_verify_counts_what_is_there(journal: Journal) -> None:
    """Counts, first and last sequence and time are those of what was appended."""
    journal.append(frames(1, 40))
    journal.append(frames(41, 2))
    check = journal.verify()
    assert check.whole
    assert (check.records, check.first_sequence, check.last_sequence) == (42, 1, 42)
    assert (check.first_time_ms, check.last_time_ms) == (START_MS + 1, START_MS + 42)
    assert check.synced_sequence == 42
    assert check.segments[0].first_sequence == 1
    assert check.segments[-1].last_sequence == 42


def test_commands_never_skip_a_number(journal: Journal) -> None:
    """A batch that does not follow the last one is a bug of the caller, and changes nothing."""
    journal.append(frames(1, 2))
    with pytest.raises(AssertionError):
        journal.append(frames(4, 1))
    journal.append(frames(3, 1))
    assert journal.last_sequence == 3


def taken(sequence: int) -> Snapshot:
    engine = new_engine()
    for i in range(1, sequence + 1):
        engine.apply(i, START_MS + i, FLOW[i - 1])
    return Snapshot(
        bytes(16), sequence, engine.time_ms, engine.state_hash(), list(engine.records())
    )


def test_snapshots_come_back_newest_first(snapshots: SnapshotStore) -> None:
    """What is loaded is what was saved, and the list is in falling order."""
    assert snapshots.sequences() == []
    for sequence in (10, 180, 90):
        snapshots.save(taken(sequence), lambda _: None)
    assert snapshots.sequences() == [180, 90, 10]
    for sequence in (10, 90, 180):
        expected, found = taken(sequence), snapshots.load(sequence)
        assert list(found.records) == expected.records
        assert (found.sequence, found.time_ms) == (expected.sequence, expected.time_ms)
        assert found.state_hash == snapshots.state_hash(sequence) == expected.state_hash


def test_a_snapshot_that_fails_its_check_is_not_kept(snapshots: SnapshotStore) -> None:
    """The check sees what was read back, and what it raises leaves everything as it was."""

    def refuse(back: Snapshot) -> None:
        assert list(back.records) == taken(50).records
        raise SnapshotDamaged("not good enough")

    with pytest.raises(SnapshotDamaged, match="not good enough"):
        snapshots.save(taken(50), refuse)
    assert snapshots.sequences() == []


def test_a_snapshot_that_is_not_there_says_so(snapshots: SnapshotStore) -> None:
    """It may have been removed since it was listed."""
    with pytest.raises(SnapshotDamaged):
        snapshots.load(7)
    with pytest.raises(SnapshotDamaged):
        snapshots.state_hash(7)
