"""The supervisor restarts what dies, gives up on what is hopeless, and ends what it started.

Real child processes, small ones; pauses are made short.
"""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from cse.entrypoints.supervisor import Backoff, ChildSpec, Supervisor
from tests.servers.process import alive
from tests.waiting import wait_until_async

_FAST = Backoff(first_s=0.01, longest_s=0.02, healthy_s=60)
_STAY = "import sys; sys.stdin.read()"


def _stubborn(ready: Path) -> str:
    """Code of a child that ignores SIGTERM from the moment when the file `ready` is there."""
    return (
        "import pathlib, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(ready)!r}).touch(); sys.stdin.read()"
    )


def _child(code: str, name: str = "child") -> ChildSpec:
    return ChildSpec(name, ["-c", code])


async def test_a_killed_child_is_started_again() -> None:
    """Kill -9 gives a new process, and the state tells how the old one ended."""
    supervisor = Supervisor(_FAST)
    supervisor.start(_child(_STAY))
    state = supervisor.states["child"]
    await wait_until_async(lambda: state.pid)
    first = state.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await wait_until_async(lambda: state.pid not in {None, first}, what="another process")
    assert (state.restarts, state.last_exit) == (1, "killed by SIGKILL")
    await supervisor.stop(10)
    assert not alive(first)
    assert state.pid is None


async def test_a_hopeless_child_is_left_alone() -> None:
    """An exit code that says "people must look" is not answered by another start."""
    supervisor = Supervisor(_FAST)
    supervisor.start(_child("raise SystemExit(70)"))
    state = supervisor.states["child"]
    await wait_until_async(lambda: state.given_up)
    assert (state.restarts, state.last_exit) == (0, "exit code 70")
    await supervisor.stop(10)


async def test_a_child_that_keeps_failing_is_tried_again_and_again() -> None:
    """Exit code 1 may be a database that is away for a while."""
    supervisor = Supervisor(_FAST)
    supervisor.start(_child("raise SystemExit(1)"))
    await wait_until_async(lambda: supervisor.states["child"].restarts >= 2)
    await supervisor.stop(10)
    assert supervisor.states["child"].last_exit is not None


async def test_stop_kills_what_does_not_listen(tmp_path: Path) -> None:
    """A child that ignores SIGTERM is ended hard after the time given."""
    ready = tmp_path / "ready"
    supervisor = Supervisor(_FAST)
    supervisor.start(_child(_stubborn(ready)))
    state = supervisor.states["child"]
    await wait_until_async(lambda: ready.exists() and state.pid)
    pid = state.pid
    assert pid is not None
    await supervisor.stop(0.05)
    assert not alive(pid)
    assert state.last_exit == "killed by SIGKILL"


async def test_stop_kills_what_it_did_not_see_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that is known only after its time was up ends as hard as those that were known."""
    ready, known = tmp_path / "ready", asyncio.Event()
    create = asyncio.create_subprocess_exec

    async def create_slowly(*arguments: str, **more: Any) -> asyncio.subprocess.Process:
        process = await create(*arguments, **more)
        await known.wait()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", create_slowly)
    supervisor = Supervisor(_FAST)
    supervisor.start(_child(_stubborn(ready)))
    await wait_until_async(ready.exists)
    with capture_logs() as told:
        stopping = asyncio.create_task(supervisor.stop(0.05))
        await wait_until_async(lambda: told, what="the end of the time given")
    known.set()
    async with asyncio.timeout(30):
        await stopping
    assert supervisor.states["child"].last_exit == "killed by SIGKILL"


async def test_stop_ends_a_wait_for_a_restart() -> None:
    """A long pause before the next start does not hold up a stop."""
    supervisor = Supervisor(Backoff(first_s=3_600))
    supervisor.start(_child("raise SystemExit(1)"))
    await wait_until_async(lambda: supervisor.states["child"].last_exit)
    await supervisor.stop(10)
