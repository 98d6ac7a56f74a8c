"""Snapshots of one engine restore in the other, through the files that an exchange keeps them in."""

from pathlib import Path

import pytest

from cse.adapters.journal.places import (
    open_journal,
    open_reader,
    open_snapshots,
    snapshot_data_dir,
)
from cse.engine.backend import Choice
from cse.messages.codec import encode_frame
from cse.sequencer.recovery import recover
from tests.engines import running_on
from tests.simulation.flow import START_MS, commands

FLOW = commands(seed=51, count=1_500)


def append(data_dir: Path, first: int, last: int) -> None:
    with open_journal(data_dir) as journal:
        journal.append(
            b"".join(encode_frame(FLOW[n - 1], n, START_MS + n) for n in range(first, last + 1))
        )


@pytest.mark.parametrize(("one", "other"), [("python", "native"), ("native", "python")])
def test_each_starts_from_the_snapshot_of_the_other(
    tmp_path: Path, one: Choice, other: Choice
) -> None:
    """Taken by one after 1,000 commands, it brings the other to the state that replaying all of them gives."""
    with running_on("native"):
        append(tmp_path, 1, 1_000)
        taken = snapshot_data_dir(tmp_path, choice=one)
        append(tmp_path, 1_001, 1_500)
        found = recover(open_reader(tmp_path, other), open_snapshots(tmp_path), choice=other)
        whole = recover(open_reader(tmp_path, one), open_snapshots(tmp_path / "none"), choice=one)
    assert (taken.sequence, found.engine.name, found.bad_snapshots) == (1_000, other, ())
    assert (found.snapshot_sequence, found.replayed, whole.replayed) == (1_000, 500, 1_500)
    assert found.engine.state_hash() == whole.engine.state_hash()


def test_both_write_the_same_file(tmp_path: Path) -> None:
    """Byte for byte: which engine made a snapshot cannot be told from it."""
    with running_on("native"):
        append(tmp_path, 1, 1_500)
        files = []
        for choice in ("python", "native"):
            taken = snapshot_data_dir(tmp_path, choice=choice)
            files.append(Path(taken.path).read_bytes())
            Path(taken.path).unlink()
    assert files[0] == files[1]
