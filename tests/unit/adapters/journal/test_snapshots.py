"""Snapshot files: any flipped bit and any cut is noticed before a record is used, saving is all or nothing,
and old ones go only when asked.
"""

import errno
import os
import shutil
from pathlib import Path

import pytest

from cse.adapters.journal.disk import Disk
from cse.adapters.journal.places import open_journal, open_snapshots, snapshot_data_dir
from cse.adapters.journal.snapshots import FileSnapshots
from cse.engine.backend import Engine, new_engine
from cse.messages.codec import encode_frame
from cse.sequencer.ports import Snapshot, SnapshotDamaged
from tests.simulation.flow import START_MS, commands
from tests.simulation.test_damage import flip

FLOW = commands(seed=4, count=60)
SMALL = 12


def engine_after(count: int) -> Engine:
    engine = new_engine()
    for i in range(1, count + 1):
        engine.apply(i, START_MS + i, FLOW[i - 1])
    return engine


def snapshot_after(count: int) -> Snapshot:
    engine = engine_after(count)
    return Snapshot(bytes(16), count, engine.time_ms, engine.state_hash(), engine.records())


def test_any_flipped_bit_is_noticed(tmp_path: Path) -> None:
    """One bit of every byte of the file; loading fails before the first record comes out."""
    snapshots = FileSnapshots(tmp_path)
    path = Path(snapshots.save(snapshot_after(SMALL), lambda _: None))
    whole = path.read_bytes()
    for at in range(len(whole)):
        flip(path, at, at % 8)
        with pytest.raises(SnapshotDamaged, match=path.name):
            snapshots.load(SMALL)
        flip(path, at, at % 8)
    assert path.read_bytes() == whole


def test_any_cut_is_noticed(tmp_path: Path) -> None:
    """Also an empty file."""
    snapshots = FileSnapshots(tmp_path)
    path = Path(snapshots.save(snapshot_after(SMALL), lambda _: None))
    whole = path.read_bytes()
    for size in reversed(range(len(whole))):
        os.truncate(path, size)
        with pytest.raises(SnapshotDamaged, match=path.name):
            snapshots.load(SMALL)


def test_a_renamed_snapshot_is_refused(tmp_path: Path) -> None:
    """The name is not believed against what is inside."""
    snapshots = FileSnapshots(tmp_path)
    path = snapshots.save(snapshot_after(60), lambda _: None)
    shutil.copy(path, snapshots.path(61))
    with pytest.raises(SnapshotDamaged, match="60"):
        snapshots.load(61)


def test_a_disk_that_fails_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    """The half-written file never gets a name, and the next attempt clears it away."""

    class Full(Disk):
        def sync(self, fd: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    FileSnapshots(tmp_path).save(snapshot_after(50), lambda _: None)
    with pytest.raises(OSError, match="No space left"):
        FileSnapshots(tmp_path, Full()).save(snapshot_after(60), lambda _: None)
    assert FileSnapshots(tmp_path).sequences() == [50]
    FileSnapshots(tmp_path).save(snapshot_after(60), lambda _: None)
    assert [path.suffix for path in tmp_path.iterdir()] == [".snap", ".snap"]


def test_old_ones_go_only_when_asked_and_two_always_stay(tmp_path: Path) -> None:
    """The newest and the one before it are what a start falls back on."""
    snapshots = FileSnapshots(tmp_path)
    for count in (20, 30, 40, 50):
        snapshots.save(snapshot_after(count), lambda _: None)
    assert snapshots.sequences() == [50, 40, 30, 20]
    with pytest.raises(ValueError, match="always stay"):
        snapshots.prune(1)
    assert snapshots.prune(3) == [str(snapshots.path(20))]
    assert snapshots.prune(2) == [str(snapshots.path(30))]
    assert snapshots.sequences() == [50, 40]


def test_a_data_directory_gets_its_snapshot_beside_its_writer(tmp_path: Path) -> None:
    """While the journal is open for writing by somebody else, from durable commands alone."""
    with open_journal(tmp_path) as journal:
        journal.append(b"".join(encode_frame(FLOW[i - 1], i, START_MS + i) for i in range(1, 41)))
        taken = snapshot_data_dir(tmp_path)
        assert (taken.sequence, taken.replayed) == (40, 40)
        assert taken.state_hash == engine_after(40).state_hash().hex()
        assert taken.path == str(open_snapshots(tmp_path).path(40))
