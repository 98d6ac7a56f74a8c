"""A real exchange in its own processes, for benchmarks that talk to it over the network."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HIGH = str(10**9)
LIMITS_OUT_OF_THE_WAY = {
    "CSE_LIMITS_USER_PER_SECOND": HIGH,
    "CSE_LIMITS_USER_BURST": HIGH,
    "CSE_LIMITS_ADDRESS_PER_SECOND": HIGH,
    "CSE_LIMITS_ADDRESS_BURST": HIGH,
    "CSE_LIMITS_LOGIN_PER_MINUTE": HIGH,
    "CSE_LIMITS_ORDERS_10S": HIGH,
    "CSE_LIMITS_ORDERS_DAY": HIGH,
    "CSE_LIMITS_CANCELS_PER_SECOND": HIGH,
    "CSE_LIMITS_CANCEL_BURST": HIGH,
    "CSE_LIMITS_CONNECTIONS_PER_ADDRESS": HIGH,
    "CSE_LIMITS_WEBSOCKET_MESSAGES_PER_SECOND": HIGH,
    "CSE_TOKENS_BCRYPT_COST": "4",
    "CSE_LOG_LEVEL": "warning",
}


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cse(*arguments: str, program: str = "cse.cli") -> list[str]:
    """Return the command line of the exchange's own program, or of one that wraps it."""
    return [sys.executable, "-m", program, *arguments]


class Exchange:
    """`cse up --no-bots` on a free port and a temporary folder, with rate limits out of the way."""

    def __init__(self, *, program: str = "cse.cli", **settings: str) -> None:
        """Prepare; `with` starts and ends it."""
        self._program = program
        self.folder = Path(tempfile.mkdtemp(prefix="cse-bench-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {**os.environ, **LIMITS_OUT_OF_THE_WAY, **settings}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it, unless it runs already, and wait until it is ready."""
        if self._process is None:
            self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> float:
        """Start it; returns the seconds until it was ready."""
        log = (self.folder / "bench.log").open("ab")
        started = time.perf_counter()
        arguments = (
            "up",
            "--no-bots",
            "--port",
            str(self.port),
            "--data-dir",
            str(self.folder / "data"),
        )
        self._process = subprocess.Popen(
            cse(*arguments, program=self._program), env=self.settings, stdout=log, stderr=log
        )
        while not self._ready():
            if self._process.poll() is not None or time.perf_counter() - started > 60:
                said = (self.folder / "bench.log").read_text()[-2000:]
                raise RuntimeError(f"the exchange did not start:\n{said}")
            time.sleep(0.02)
        return time.perf_counter() - started

    @property
    def pid(self) -> int:
        """The process that serves requests and matches orders."""
        assert self._process is not None, "started"
        return self._process.pid

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api/health/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=30)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call the API once; returns the JSON answer."""
        data = None if body is None else json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def trader(self) -> str:
        """Register a rich trader; returns the Authorization header's value."""
        name = f"bench{secrets.token_hex(4)}"
        login = {"email": f"{name}@example.com", "password": secrets.token_hex(12)}
        self.call("POST", "/api/auth/register", {**login, "handle": name})
        token = f"Bearer {self.call('POST', '/api/auth/login', login)['access_token']}"
        for asset in ("USDC", "NOVA"):
            deposit = {"asset": asset, "amount": "1000000000"}
            key = {"Idempotency-Key": secrets.token_hex(8)}
            self.call("POST", "/api/sandbox/deposits", deposit, Authorization=token, **key)
        return token


def order(side: str, price: str = "1.2500", quantity: str = "1.00", **more: str) -> dict[str, str]:
    """Return the body of a limit order on NOVA-USDC that may trade with its own account's orders."""
    fields = {
        "market": "NOVA-USDC",
        "side": side,
        "type": "limit",
        "price": price,
        "quantity": quantity,
    }
    return {**fields, "self_trade_prevention": "none", **more}
