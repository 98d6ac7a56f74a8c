"""The bots against a real exchange process: every market lives, they come back after a kill -9, and they
leave nothing behind.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from cse.sandbox.bots.fleet import FLEET
from cse.sandbox.client.credentials import CredentialStore
from cse.sandbox.venue import CREATOR_MARKETS
from tests.integration.exchange import Exchange
from tests.servers.process import free_port
from tests.waiting import wait_until

MARKETS = [market.symbol for market in CREATOR_MARKETS]
MOST_ORDERS = {"maker": 8 * len(MARKETS), "noise": 6 * len(MARKETS), "trend": 0}


class Bots:
    """The bots as a process, and what the exchange says of their accounts."""

    def __init__(self, exchange: Exchange, folder: Path) -> None:
        self._exchange = exchange
        data_dir = folder / "bots"
        self._logins = data_dir / "bot-logins.json"
        self._log = folder / "bots.log"
        self._headers: dict[str, dict[str, str]] = {}
        command = [sys.executable, "-m", "cse.cli", "bots", "--url", exchange.base, "--seed", "3"]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--data-dir", str(data_dir), "--supervised"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    def trades(self) -> dict[str, int]:
        tickers = _get(f"{self._exchange.base}/api/tickers")["tickers"]
        return {t["market"]: t["trades"] for t in tickers if t["market"] in MARKETS}

    def wait_for_trades(self, more_than: dict[str, int]) -> None:
        def traded() -> bool:
            assert self.process.poll() is None, self.log
            return all(count > more_than[market] for market, count in self.trades().items())

        wait_until(traded, 90, f"a trade in every market; {self.log}")

    def open_orders(self, name: str) -> list[Any]:
        """The open orders of one bot, asked for with its own log-in."""
        path = "/api/orders?status=open&limit=1000"
        orders: list[Any] = _get(self._exchange.base + path, self._log_in(name))["orders"]
        return orders

    def _log_in(self, name: str) -> dict[str, str]:
        """Once a bot: log-ins are few, and who waits asks a hundred times a second."""
        if name not in self._headers:
            login = CredentialStore(self._logins).get(name)
            body = {"email": login.email, "password": login.password}
            answer = httpx.post(f"{self._exchange.base}/api/auth/login", json=body, timeout=30)
            assert answer.is_success, answer.text
            self._headers[name] = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return self._headers[name]

    def check_open_orders(self) -> None:
        for member in FLEET:
            assert len(self.open_orders(member.name)) <= MOST_ORDERS[member.kind], member.name


def _get(url: str, headers: dict[str, str] | None = None) -> Any:
    answer = httpx.get(url, headers=headers, timeout=30)
    assert answer.is_success, answer.text
    return answer.json()


@contextmanager
def running_bots(exchange: Exchange, folder: Path) -> Iterator[Bots]:
    bots = Bots(exchange, folder)
    try:
        yield bots
    finally:
        bots.process.kill()
        bots.process.wait()
        assert bots.process.stdin is not None
        bots.process.stdin.close()


def test_every_market_lives_through_a_kill_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    """Trades in all five markets; kill -9 of the exchange and trades again; SIGTERM and no order is left."""
    with (
        Exchange(tmp_path, "--no-bots", "--port", str(free_port())) as exchange,
        running_bots(exchange, tmp_path) as bots,
    ):
        bots.wait_for_trades(dict.fromkeys(MARKETS, 0))
        bots.check_open_orders()
        exchange.kill()
        exchange.start()
        bots.wait_for_trades(bots.trades())
        bots.check_open_orders()
        bots.process.send_signal(signal.SIGTERM)
        assert bots.process.wait(60) == 0, bots.log
        wait_until(
            lambda: not any(bots.open_orders(member.name) for member in FLEET[:3]),
            60,
            "the bots' orders to be cancelled with their connections",
        )
        assert "Traceback" not in bots.log


def test_bots_stay_logged_in_and_end_with_whoever_started_them(tmp_path: Path) -> None:
    """Access tokens that last seconds are renewed without losing the connection; the end of standard input is
    the end of the parent: they stop by themselves.
    """
    with (
        Exchange(tmp_path, env={"CSE_TOKENS_ACCESS_SECONDS": "16"}) as exchange,
        running_bots(exchange, tmp_path) as bots,
    ):
        bots.wait_for_trades(dict.fromkeys(MARKETS, 0))
        wait_until(lambda: bots.log.count("session_renewed") > 2 * len(FLEET), 180, "renewals")
        bots.wait_for_trades(bots.trades())
        assert "stream_lost" not in bots.log
        assert bots.process.stdin is not None
        bots.process.stdin.close()
        assert bots.process.wait(60) == 0, bots.log
