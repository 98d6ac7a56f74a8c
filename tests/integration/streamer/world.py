"""An exchange and two streamers as processes on a Redis of their own, and people who trade meanwhile."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.integration.exchange import PATIENT, Exchange, deposit, get
from tests.servers import PrivateRedis
from tests.servers.process import free_port
from tests.waiting import wait_until

MARKET = "NOVA-USDC"


class Streamer:
    """`cse streamer` on a free port."""

    def __init__(self, folder: Path, exchange: Exchange, redis_url: str, port: int) -> None:
        self.port = port
        self.url = f"ws://127.0.0.1:{self.port}/ws"
        self.base = f"http://127.0.0.1:{self.port}"
        self._err = folder / f"streamer-{self.port}.err"
        self._env = {k: v for k, v in os.environ.items() if not k.startswith("CSE_")} | PATIENT
        self._env["CSE_REDIS_URL"] = redis_url
        self._command = [sys.executable, "-m", "cse.cli", "streamer", "--port", str(self.port)]
        self._command += ["--data-dir", str(exchange.data_dir), "--gateway", exchange.base]
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        with self._err.open("ab") as err:
            self.process = subprocess.Popen(
                self._command,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=err,
                stderr=err,
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        wait_until(self.is_ready, 60, f"the streamer\n{self.err}")

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.base}/api/health/ready", timeout=30).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    @property
    def err(self) -> str:
        return self._err.read_text(errors="replace") if self._err.exists() else ""


class Fleet:
    """Everything, and two people with money."""

    def __init__(self, folder: Path, redis: PrivateRedis) -> None:
        self.redis = redis
        port = str(free_port())
        env = {"CSE_REDIS_URL": redis.url, "CSE_HTTP_TRUSTED_PROXIES": "127.0.0.1"}
        self.exchange = Exchange(folder, "--no-bots", "--port", port, env=env)
        self.exchange.base = f"http://127.0.0.1:{port}"
        self.streamers = [Streamer(folder, self.exchange, redis.url, free_port()) for _ in "ab"]
        self.people: list[httpx.Client] = []
        self._dice = random.Random(5)

    @property
    def url(self) -> str:
        """The exchange's own WebSocket."""
        return self.exchange.base.replace("http", "ws", 1) + "/ws"

    def token(self, who: int) -> str:
        return self.people[who].headers["authorization"].partition(" ")[2]

    def trade(self, rounds: int) -> None:
        """Two people place, cross and cancel; each round is one call of each, and changes the book."""
        for _ in range(rounds):
            for client, side in zip(self.people, ("buy", "sell"), strict=True):
                items: list[dict[str, Any]] = [
                    {
                        "op": "place",
                        "market": MARKET,
                        "side": side,
                        "type": "limit",
                        "price": f"{self._dice.randrange(12_000, 12_500) / 10_000:.4f}",
                        "quantity": f"{self._dice.randrange(1, 50) / 10:.2f}",
                    }
                    for _ in range(4)
                ]
                answer = client.post("/api/orders/batch", json={"items": items})
                assert answer.is_success, answer.text
        if self._dice.random() < 0.3:
            client = self._dice.choice(self.people)
            assert client.delete("/api/orders").is_success

    async def trade_meanwhile(self, rounds: int) -> None:
        """As `trade`, without stopping those who listen."""
        for _ in range(rounds):
            await asyncio.to_thread(self.trade, 1)

    def engine(self, path: str, who: int = 0, **params: Any) -> Any:
        return get(self.people[who], path, **params)

    def trades(self) -> list[int]:
        """The ids of all trades, in order, as the engine's history tells them."""
        self.exchange.settle()
        found: list[int] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.engine("/api/trades", market=MARKET, limit=100, **cursor)
            found += [trade["trade_id"] for trade in page["trades"]]
            if not page["next_cursor"]:
                return found[::-1]
            cursor = {"cursor": page["next_cursor"]}


@contextmanager
def running_fleet(folder: Path, redis: PrivateRedis) -> Iterator[Fleet]:
    fleet = Fleet(folder, redis)
    with ExitStack() as stack:
        stack.enter_context(fleet.exchange)
        for streamer in fleet.streamers:
            stack.callback(streamer.kill)
            streamer.launch()
        for name in ("ann", "bob"):
            person = stack.enter_context(fleet.exchange.person(name))
            for asset in ("USDC", "NOVA"):
                deposit(person, asset, "100000", f"{name}-{asset}")
            fleet.people.append(person)
        fleet.trade(3)
        for streamer in fleet.streamers:
            streamer.wait_ready()
        yield fleet
