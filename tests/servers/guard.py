"""Ends the servers of a test run when the run ends, however it ends.

`python -m tests.servers.guard FOLDER` waits until its standard input is closed, which the kernel
does for a pytest that was killed too, then ends every server that has a `pid` file below FOLDER
and removes FOLDER.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.servers.process import alive, children, kill
from tests.waiting import wait_until


class Guard:
    """The guard as pytest holds it: close it and the servers are gone."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(folder)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C in the terminal must not end it first
        )

    def close(self) -> None:
        """Returns when all is cleared away."""
        self._process.communicate()


def clear_away(folder: Path) -> None:
    """Ends the servers below `folder` and removes it."""
    for note in folder.rglob("pid"):
        pid = int(note.read_text())
        if _works_in(pid, note.parent):  # else the number belongs to someone else by now
            end(pid)
    shutil.rmtree(folder, ignore_errors=True)


def end(pid: int) -> None:
    """In an orderly way, so that the server waits for its own children; by force after a while."""
    family = [pid, *children(pid)]
    os.kill(pid, signal.SIGINT)
    try:
        wait_until(lambda: not any(map(alive, family)), what="servers to end")
    except AssertionError:
        kill(family)


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink().is_relative_to(folder)
    except (FileNotFoundError, ProcessLookupError):
        return False


if __name__ == "__main__":
    sys.stdin.read()
    clear_away(Path(sys.argv[1]))
