"""The schedule of snapshots: a process of its own every so many commands, one at a time, whose failure is
logged with what it said and stops nothing.
"""

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from cse.messages import commands as c
from cse.messages.batch import AppliedBatch
from cse.messages.events import Applied
from cse.sequencer.snapshotting import SnapshotSchedule
from tests.waiting import wait_until_async

_SAY_NICE = "import os; print('nice', os.getpriority(os.PRIO_PROCESS, 0))"


def applied(sequence: int) -> AppliedBatch:
    return AppliedBatch.of([Applied(sequence, 0, c.Tick(), [])])


@pytest.fixture
async def started(tmp_path: Path) -> AsyncIterator[tuple[SnapshotSchedule, Path]]:
    """A schedule whose program adds a line to a file, and then waits for another to appear."""
    program = (
        "import sys, time, pathlib\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "with (folder / 'begun').open('a') as file: file.write('once\\n')\n"
        "while not (folder / 'go').exists(): time.sleep(0.005)\n"
    )
    schedule = SnapshotSchedule([sys.executable, "-c", program, str(tmp_path)], 100, last=40)
    yield schedule, tmp_path
    await schedule.close()


async def begun(folder: Path, times: int) -> None:
    path = folder / "begun"
    await wait_until_async(
        lambda: path.exists() and path.read_text() == "once\n" * times, what=f"start {times}"
    )


async def test_one_begins_after_so_many_commands(started: tuple[SnapshotSchedule, Path]) -> None:
    """Counted from the newest there is; the next is not begun while one is being made."""
    schedule, folder = started
    schedule.note(applied(139))
    schedule.note(applied(141))
    await begun(folder, 1)
    schedule.note(applied(500))
    (folder / "go").touch()
    await wait_until_async(lambda: not schedule.busy, what="the first to end")
    schedule.note(applied(501))
    await begun(folder, 2)


async def test_closing_ends_the_one_under_way(started: tuple[SnapshotSchedule, Path]) -> None:
    """A stop does not wait for it, and leaves no process behind."""
    schedule, folder = started
    schedule.note(applied(141))
    await begun(folder, 1)
    await schedule.close()
    assert not schedule.busy


async def run(argv: list[str]) -> list[dict[str, object]]:
    schedule = SnapshotSchedule(argv, 1)
    with capture_logs() as logs:
        schedule.note(applied(1))
        await wait_until_async(lambda: not schedule.busy, what="the process to end")
    return [dict(entry) for entry in logs]


async def test_what_it_said_is_logged() -> None:
    """Success and failure alike."""
    (good,) = await run([sys.executable, "-c", "print('made')"])
    assert (good["event"], good["output"]) == ("snapshot_made", "made")
    (bad,) = await run([sys.executable, "-c", "import sys; sys.exit('the disk is full')"])
    assert (bad["event"], bad["code"]) == ("snapshot_failed", 1)
    assert "the disk is full" in str(bad["output"])
    (none,) = await run(["/nowhere/to/be/found"])
    assert none["event"] == "snapshot_not_started"


async def test_it_runs_at_low_priority(tmp_path: Path) -> None:
    """Trading goes first. The process waits until its priority was set, then says what it is."""
    own = os.getpriority(os.PRIO_PROCESS, 0)
    program = (
        "import os, time\n"
        f"while os.getpriority(os.PRIO_PROCESS, 0) == {own}: time.sleep(0.005)\n" + _SAY_NICE
    )
    (entry,) = await run([sys.executable, "-c", program])
    assert entry["output"] == "nice 15"
