"""A whole exchange as a process: started, looked at, stopped, killed and started again by tests."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import httpx

from tests.servers.process import alive, children, kill
from tests.waiting import wait_until

PATIENT = {
    "CSE_TOKENS_BCRYPT_COST": "4",
    "CSE_LOG_FORMAT": "json",
    "CSE_HTTP_HISTORY_WAIT_MS": "30000",
    "CSE_REDIS_TIMEOUT_MS": "10000",
}
"""Tests log in often and read logs, on machines where everything may take long."""
PASSWORD = "a long pass phrase of 9 words"


class Exchange:
    """`cse up --no-bots` on a data directory of its own and a free port; use as a context manager."""

    def __init__(self, folder: Path, *arguments: str, env: dict[str, str] | None = None) -> None:
        self.data_dir = folder / "data"
        self._out = folder / "stdout"
        self._err = folder / "stderr"
        self._arguments = arguments or ("--no-bots", "--port", "0")
        self._env = {k: v for k, v in os.environ.items() if not k.startswith("CSE_")}
        self._env |= PATIENT | (env or {})
        self._process: subprocess.Popen[bytes] | None = None
        self.base = ""

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def out(self) -> str:
        return self._out.read_text(errors="replace")

    @property
    def err(self) -> str:
        return self._err.read_text(errors="replace")

    def launch(self) -> Self:
        """Starts the process and does not wait for it."""
        command = [sys.executable, "-m", "cse.cli", "up", "--data-dir", str(self.data_dir)]
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [*command, *self._arguments],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        return self

    def start(self) -> Self:
        """Returns once the banner is out, which is when it serves."""
        self.launch()
        process = self._process
        assert process is not None
        wait_until(
            lambda: process.poll() is not None or "Ctrl-C stops it" in self.out, 60, "the banner"
        )
        found = re.search(r"http://(\S+)/", self.out)
        assert found, f"it did not start:\n{self.out}\n{self.err}"
        self.base = f"http://{found[1]}"
        return self

    def wait(self, timeout_s: float = 60.0) -> int:
        """Waits for its end; returns the exit code."""
        assert self._process is not None
        return self._process.wait(timeout_s)

    def settle(self) -> None:
        """Returns once history holds everything (the projector starts a moment after the exchange)."""

        def lag() -> object:
            ready = httpx.get(f"{self.base}/api/health/ready", timeout=30).json()
            return ready["dependencies"]["history"].get("lag")

        wait_until(lambda: lag() == 0, 60, "history")

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """As Ctrl-C would; returns the exit code once it and its children are gone."""
        family = self.family()
        self.signal(how)
        code = self.wait()
        wait_until(lambda: not any(map(alive, family)), 60, "its children to end")
        return code

    def kill(self) -> None:
        """SIGKILL to the main process only: its children must notice by themselves."""
        family = self.family()
        self.signal(signal.SIGKILL)
        self.wait()
        wait_until(lambda: not any(map(alive, family)), 60, "its children to end by themselves")

    def signal(self, how: signal.Signals) -> None:
        os.kill(self.pid, how)

    def family(self) -> list[int]:
        return [self.pid, *children(self.pid)]

    def child(self, command: str) -> int | None:
        """The process id of a child by its command (`projector`)."""
        for pid in children(self.pid):
            with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if command.encode() in words:
                    return pid
        return None

    @contextmanager
    def person(self, name: str) -> Iterator[httpx.Client]:
        """A client that is logged in as this person, who is registered if need be."""
        who = {"email": f"{name}@example.com", "password": PASSWORD}
        with httpx.Client(base_url=self.base, timeout=30) as client:
            registered = client.post("/api/auth/register", json={**who, "handle": name})
            assert registered.status_code in {201, 409}, registered.text
            token = _good(client.post("/api/auth/login", json=who))["access_token"]
            client.headers["authorization"] = f"Bearer {token}"
            yield client

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            kill([*children(self.pid), self.pid])
            self._process.wait()


def _good(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.url}: {answer.status_code} {answer.text}"
    return answer.json()


def deposit(client: httpx.Client, asset: str, amount: str, key: str) -> Any:
    body = {"asset": asset, "amount": amount}
    return _good(client.post("/api/sandbox/deposits", json=body, headers={"idempotency-key": key}))


def place(client: httpx.Client, side: str, price: str, quantity: str, **more: Any) -> Any:
    body = {"market": "NOVA-USDC", "side": side, "type": "limit", "price": price}
    return _good(client.post("/api/orders", json={**body, "quantity": quantity, **more}))


def get(client: httpx.Client, path: str, **params: Any) -> Any:
    return _good(client.get(path, params=params))
