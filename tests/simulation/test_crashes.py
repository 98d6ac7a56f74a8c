"""Real processes are killed at every boundary of every write, sync, rename, truncation and removal, and at
arbitrary moments; after a restart (or two more kills) every acknowledged command is there exactly once,
every other is wholly there or wholly absent, and the venue ends in the same state as if nothing had been.

The journal is read back by code of the tests' own, and commands are recognised by their bytes.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.appenders import APPENDERS
from tests.simulation.processes import Outcome, expected_frames, journal_frames, play
from tests.simulation.program import Plan

COUNT = 60


@pytest.fixture(scope="module", params=APPENDERS)
def appender(request: pytest.FixtureRequest) -> str:
    """Which of the two appends to the journal."""
    return str(request.param)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, appender: str) -> Outcome:
    """The same run without any fault: its state hash, and how many boundaries it passes."""
    folder = tmp_path_factory.mktemp("undisturbed")
    outcome = play(Plan(folder, COUNT, appender=appender))
    assert outcome.exit_code == 0
    assert outcome.acknowledged == [*range(1, COUNT + 1)]
    return outcome


def check_left_behind(plan: Plan, *runs: Outcome) -> int:
    """Compares a data directory with what its runs were told; returns how many commands are in it."""
    frames = journal_frames(plan.data_dir)
    assert frames == expected_frames(plan, len(frames)), "something else, or something twice"
    acknowledged = [sequence for run in runs for sequence in run.acknowledged]
    assert len(set(acknowledged)) == len(acknowledged), "one sequence was given out twice"
    assert max(acknowledged, default=0) <= len(frames), "an acknowledged command is lost"
    return len(frames)


def finish(plan: Plan, undisturbed: Outcome, *before: Outcome) -> None:
    """A last run without faults: it goes on from what is there and ends in the undisturbed state."""
    there = check_left_behind(plan, *before)
    outcome = play(plan._replace(kill_at=0))
    assert outcome.exit_code == 0
    assert outcome.last("opened").sequence == there
    assert outcome.last("opened").text == "", (
        "no snapshot may be bad: they appear whole or not at all"
    )
    assert outcome.last("done").text == undisturbed.last("done").text
    assert check_left_behind(plan, *before, outcome) == COUNT


@pytest.mark.parametrize("part", range(4))
def test_killed_at_every_boundary(
    tmp_path: Path, appender: str, undisturbed: Outcome, part: int
) -> None:
    """Every boundary of the undisturbed run, a quarter of them per test."""
    boundaries = undisturbed.last("done").sequence
    assert boundaries > 200
    for kill_at in range(1 + part, boundaries + 1, 4):
        plan = Plan(tmp_path / str(kill_at), COUNT, kill_at, appender=appender)
        killed = play(plan)
        assert killed.killed, f"survived boundary {kill_at}"
        finish(plan, undisturbed, killed)


def test_killed_again_while_recovering(tmp_path: Path, appender: str, undisturbed: Outcome) -> None:
    """Two more kills in a row right after the first: recovery can be interrupted and begun again."""
    boundaries = undisturbed.last("done").sequence
    for kill_at in range(1, boundaries, 7):
        plan = Plan(tmp_path / str(kill_at), COUNT, kill_at, appender=appender)
        runs = [play(plan)]
        check_left_behind(plan, *runs)
        for again in (1 + kill_at % 6, 1 + kill_at % 5):
            runs.append(play(plan._replace(kill_at=again)))
            assert runs[-1].killed
            check_left_behind(plan, *runs)
        finish(plan, undisturbed, *runs)


@pytest.mark.parametrize("answers", [1, 2, 13, 40, 57])
def test_killed_from_outside(
    tmp_path: Path, appender: str, undisturbed: Outcome, answers: int
) -> None:
    """SIGKILL from another process while commands are under way, after so many answers; on the disk that
    the appender has of its own.
    """
    plan = Plan(tmp_path, COUNT, appender=appender, own_disk=False)
    killed = play(plan, lambda note: note.kind == "acknowledged" and note.sequence == answers)
    finish(plan, undisturbed, killed)


@pytest.fixture(params=["a full file system", "a limit on files"])
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A place for a data directory that is soon full, and the RLIMIT_FSIZE to set there (0: none).

    A tmpfs of a few pages where we may mount one; else, and also, files that may not grow over a limit,
    which the kernel enforces in the middle of a write just the same.
    """
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=28k", "tmpfs", str(place)]
    wanted = request.param == "a full file system" and os.geteuid() == 0
    if wanted and subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        yield place, 0
        subprocess.run(["umount", str(place)], check=True)
    else:
        yield place, 5_000


def test_a_full_disk_stops_acknowledging_at_once(
    small_disk: tuple[Path, int], appender: str
) -> None:
    """Commands are refused or unknown from the moment the disk is full, none is acknowledged after, and
    once there is room again the venue goes on from what is whole.
    """
    place, limit = small_disk
    plan = Plan(
        place,
        2_000,
        segment_bytes=10**6,
        snapshot_every=10**9,
        file_limit=limit,
        appender=appender,
        own_disk=False,
    )
    full = play(plan)
    assert full.exit_code == 0
    assert any(text.startswith("OutcomeUnknown: the journal failed") for text in full.failures)
    kinds = [note.kind for note in full.notes if note.kind in {"acknowledged", "failed"}]
    assert "acknowledged" not in kinds[kinds.index("failed") :]
    there = check_left_behind(plan, full)
    assert 20 < there < 2_000
    again = play(plan)
    assert again.exit_code == 0, "opening needs no room"
    assert again.last("opened").sequence == there
    there = check_left_behind(plan, full, again)
    if limit == 0:
        subprocess.run(["mount", "-o", "remount,size=2m", str(place)], check=True)
    roomy = play(plan._replace(count=there + 50, file_limit=0))
    assert roomy.exit_code == 0
    assert check_left_behind(plan, full, again, roomy) == there + 50
