"""Child processes that are kept running: restarted with a growing pause, their deaths told, ended in order."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from cse.entrypoints.exits import ExitCode

log = structlog.get_logger(__name__)

HOPELESS = {ExitCode.ALARM, ExitCode.SETTINGS, ExitCode.USAGE}
"""Ends that another start does not change."""


@dataclass(frozen=True)
class Backoff:
    """Pauses before restarts, in seconds; a child that lived `healthy_s` begins again with the first."""

    first_s: float = 0.5
    longest_s: float = 30.0
    healthy_s: float = 30.0


@dataclass(frozen=True)
class ChildSpec:
    """A child process: `arguments` follow the Python interpreter; `environment` is all it gets."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


@dataclass
class ChildState:
    """What is known of a child, for health answers."""

    name: str
    pid: int | None = None
    restarts: int = 0
    last_exit: str | None = None
    given_up: bool = False


class Supervisor:
    """Runs children until it is stopped. Their standard input is a pipe that ends when we do."""

    def __init__(self, backoff: Backoff | None = None) -> None:
        """Supervise nothing yet."""
        self._backoff = backoff or Backoff()
        self._tasks: list[asyncio.Task[None]] = []
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._stopping = asyncio.Event()
        self._told: signal.Signals | None = None
        self.states: dict[str, ChildState] = {}

    def start(self, spec: ChildSpec) -> None:
        """Start a child and keep it running."""
        self.states[spec.name] = ChildState(spec.name)
        self._tasks.append(asyncio.create_task(self._keep(spec), name=f"child {spec.name}"))

    async def stop(self, timeout_s: float) -> None:
        """Ask all children to end (SIGTERM), wait, and kill those that have not ended in time."""
        self._stopping.set()
        self._signal_all(signal.SIGTERM)
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=timeout_s)
        if late:
            log.warning(
                "children did not end in time and are killed", children=sorted(self._processes)
            )
            self._signal_all(signal.SIGKILL)
        await asyncio.gather(*self._tasks)

    def kill(self) -> None:
        """End all children at once."""
        self._stopping.set()
        self._signal_all(signal.SIGKILL)

    def _signal_all(self, number: signal.Signals) -> None:
        self._told = number
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                process.send_signal(number)

    async def _keep(self, spec: ChildSpec) -> None:
        state, pause = self.states[spec.name], self._backoff.first_s
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            began = loop.time()
            code = await self._run(spec, state)
            state.last_exit = _say(code)
            if self._stopping.is_set():
                return
            if code in HOPELESS:
                state.given_up = True
                log.error(
                    "child ended and is not started again", child=spec.name, how=state.last_exit
                )
                return
            if loop.time() - began >= self._backoff.healthy_s:
                pause = self._backoff.first_s
            log.warning(
                "child ended, starting it again",
                child=spec.name,
                how=state.last_exit,
                pause_s=pause,
            )
            state.restarts += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(pause * 2, self._backoff.longest_s)

    async def _run(self, spec: ChildSpec, state: ChildState) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *spec.arguments,
            env=dict(spec.environment),
            stdin=asyncio.subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C in the terminal is for us; we tell them
        )
        self._processes[spec.name], state.pid = process, process.pid
        log.info("child started", child=spec.name, pid=process.pid)
        if self._told is not None:  # while this one was being started, and was not seen
            with suppress(ProcessLookupError):
                process.send_signal(self._told)
        try:
            return await process.wait()
        finally:
            del self._processes[spec.name]
            state.pid = None


def _say(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
