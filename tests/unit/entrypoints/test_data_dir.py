"""The data directory is private and has one process per role; a second one is told who the first is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cse.adapters.journal.lock import DirectoryLock
from cse.entrypoints.data_dir import RoleLock, holder, prepare_data_dir, refuse_if_in_use
from cse.entrypoints.exits import CannotStart

_HOLD = """
import sys
from pathlib import Path
from cse.entrypoints.data_dir import RoleLock
lock = RoleLock(Path(sys.argv[1]), "engine").acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_the_directory_is_made_for_its_owner_only(tmp_path: Path) -> None:
    """Journal and keys lie in it."""
    made = prepare_data_dir(tmp_path / "a" / "b")
    assert made.stat().st_mode & 0o777 == 0o700
    assert made.is_absolute()
    assert (made / "logs").is_dir()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file lies in its place."""
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match=r"file cannot be used: .*--data-dir"):
        prepare_data_dir(tmp_path / "file")


def test_a_role_is_held_by_one_process_and_freed_by_its_death(tmp_path: Path) -> None:
    """Another process holds the lock: the refusal names its pid; killed hard, its lock is free at once."""
    asked = [sys.executable, "-c", _HOLD, str(tmp_path)]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(CannotStart, match=f"is in use: process {other.pid} is its engine"):
            RoleLock(tmp_path, "engine").acquire(wait_s=0)
        assert holder(tmp_path / "engine.lock") == other.pid
        with RoleLock(tmp_path, "projector"):
            assert holder(tmp_path / "projector.lock") == os.getpid()
        other.kill()
        other.wait()
    with RoleLock(tmp_path, "engine") as lock:
        assert lock.path.read_text().strip() == str(os.getpid())
    assert holder(tmp_path / "engine.lock") is None


def test_a_running_exchange_is_found_before_anything_is_opened(tmp_path: Path) -> None:
    """The journal's own lock is looked at: the refusal names who has it; afterwards the way is free."""
    refuse_if_in_use(tmp_path)
    lock = DirectoryLock(tmp_path)
    with pytest.raises(CannotStart, match=f"in use by another exchange .process {os.getpid()}"):
        refuse_if_in_use(tmp_path)
    lock.close()
    refuse_if_in_use(tmp_path)
