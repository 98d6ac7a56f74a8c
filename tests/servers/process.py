"""A server process in a folder of its own, on a loopback port of its own."""

import os
import pwd
import random
import signal
import socket
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TypedDict

from tests.waiting import wait_until

# Below the range that the kernel hands to outgoing connections, so that a server that was killed
# finds its port still free when it is started again.
# Each xdist worker has its own share, or one would take what another has just been given.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_PORTS = range(20_000 + _WORKER, 32_000, _WORKERS)
_ATTEMPTS = 5


class ServerUnavailableError(Exception):
    """A server that a test needs cannot be had; the message says what is missing."""


def free_port() -> int:
    """A loopback TCP port that nobody listens on at this moment."""
    for _ in range(200):
        port = random.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServerUnavailableError(f"no free loopback port in {_PORTS}")


class PrivateServer(ABC):
    """Starts, stops, kills and restarts one server; port and data stay the same over restarts.

    `folder` is made and owned by the server. The process id lies in `folder/pid` while it runs, so
    that the guard (`tests/servers/guard.py`) can end it when the test run dies.
    """

    name: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients find it."""

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, timeout_s: float = 60.0) -> None:
        """Returns once the server answers; raises `ServerUnavailableError` if it never does."""
        assert not self.running, f"{self.name} is already running"
        fresh = self.port == 0
        if fresh:
            self._prepare()
        for _ in range(_ATTEMPTS if fresh else 1):
            self.port = free_port() if fresh else self.port
            if self._launch(timeout_s):
                return
        raise ServerUnavailableError(f"{self.name} did not start:\n{self._log_tail()}")

    def stop(self, timeout_s: float = 30.0) -> None:
        """Orderly: the server writes what it holds and ends its connections. Harmless twice."""
        self._end(self._stop_signal(), timeout_s)

    def kill(self) -> None:
        """At once, with its children, as a power cut would. Harmless twice."""
        self._end(signal.SIGKILL, 30.0)

    def restart(self) -> None:
        """Stops in an orderly way if running, and starts on the same port and data."""
        self.stop()
        self.start()

    def leave_to_guard(self) -> None:
        """It outlives this process: other xdist workers use it, and the guard ends it."""
        assert self._process is not None
        self._process.returncode = 0  # or Popen warns, when we end, that the server still runs
        self._process = None

    @abstractmethod
    def _prepare(self) -> None:
        """Makes the data folder, once."""

    @abstractmethod
    def _command(self) -> list[str]:
        """The server in the foreground, listening on `self.port`."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it serves clients now."""

    def _stop_signal(self) -> signal.Signals:
        return signal.SIGTERM

    def _user(self) -> pwd.struct_passwd | None:
        """Who the process runs as; None for whoever runs the tests."""
        return None

    def _launch(self, timeout_s: float) -> bool:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                self._command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                **identity(self._user()),
                start_new_session=True,  # a Ctrl-C in the terminal is for pytest
            )
        (self.folder / "pid").write_text(str(process.pid))
        self._process = process
        wait_until(
            lambda: process.poll() is not None or self._answers(),
            timeout_s,
            f"{self.name} to answer",
        )
        return self.running

    def _end(self, how: signal.Signals, timeout_s: float) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        family = [process.pid, *children(process.pid)]
        if process.poll() is None:
            process.send_signal(how)
        if how == signal.SIGKILL:
            kill(family[1:])
        process.wait(timeout_s)
        wait_until(lambda: not any(map(alive, family)), timeout_s, f"{self.name} to end")
        (self.folder / "pid").unlink(missing_ok=True)

    def _log_tail(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-2_000:]


class Identity(TypedDict, total=False):
    """The arguments of `subprocess` that say who a process runs as."""

    user: int
    group: int
    extra_groups: list[int]


def identity(user: pwd.struct_passwd | None) -> Identity:
    """No argument at all means: whoever we are."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def children(pid: int) -> list[int]:
    """The direct children of a process (PostgreSQL gives each of its own a session of their own)."""
    try:
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    except FileNotFoundError:
        return []


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill(pids: list[int]) -> None:
    """SIGKILL to each that still runs."""
    for pid in pids:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)
