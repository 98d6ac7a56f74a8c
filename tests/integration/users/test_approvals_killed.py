"""Kill -9 in the middle of an approved act, engine and gateway being processes of their own: it is done once."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from cse.adapters.sql.engine import make_engine
from tests.integration.exchange import Exchange, deposit, get, place
from tests.servers.process import free_port
from tests.waiting import wait_until

HOUSE = "/api/admin/house/transfers"
APPROVALS = "/api/admin/approvals"


class Parts:
    """An engine and a gateway on one data directory and one database, with two admins and a customer."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.port = str(free_port())
        self.exchange = Exchange(folder)
        self.exchange.base = f"http://127.0.0.1:{self.port}"
        self._clean = {name: v for name, v in os.environ.items() if not name.startswith("CSE_")}
        self._env = {
            **self._clean,
            "CSE_DATABASE_URL": url,
            "CSE_DATA_DIR": str(folder / "data"),
            "CSE_TOKENS_BCRYPT_COST": "4",
            "CSE_LOG_FORMAT": "json",
        }

    @contextmanager
    def process(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        with (self.folder / f"{command[0]}.err").open("ab") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", "cse.cli", *command],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=err,
                stderr=err,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()

    def gateway(self) -> Any:
        return self.process("gateway", "--port", self.port)

    def ready(self) -> bool:
        try:
            return (
                httpx.get(f"{self.exchange.base}/api/health/ready", timeout=30).status_code == 200
            )
        except httpx.TransportError:
            return False

    def admin(self, name: str) -> None:
        command = ("admin", "grant", f"{name}@example.com", "admin", "--reason", "test")
        whole = [sys.executable, "-m", "cse.cli", *command]
        subprocess.run(whole, env=self._env, check=True, capture_output=True, timeout=60)

    def let_time_pass(self) -> None:
        """Let the execution under way look stuck, as after half a minute."""

        async def age() -> None:
            engine = make_engine(self.url)
            async with engine.begin() as connection:
                await connection.execute(
                    text("UPDATE approvals SET changed_at = changed_at - 60000")
                )
            await engine.dispose()

        asyncio.run(age())


@pytest.fixture(params=["sqlite", "postgresql"])
def parts(request: pytest.FixtureRequest, tmp_path: Path) -> Parts:
    (tmp_path / "data").mkdir()
    if request.param == "sqlite":
        return Parts(tmp_path, f"sqlite:///{tmp_path / 'data' / 'cse.db'}")
    return Parts(tmp_path, request.getfixturevalue("postgres_url"))


def _asked(client: httpx.Client, method: str, url: str, body: Any, **headers: str) -> Any:
    answer = client.request(method, url, json=body, headers=headers)
    assert answer.is_success, answer.text
    return answer.json()["approval"]


def _records(client: httpx.Client, **wanted: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(client, "/api/admin/audit", **wanted)["records"]
    return found


def _usdc(client: httpx.Client) -> Decimal:
    balances = get(client, "/api/balances")["balances"]
    return next(Decimal(each["available"]) for each in balances if each["asset"] == "USDC")


def _state(client: httpx.Client, url: str) -> tuple[str, str | None]:
    approval = get(client, url)["approval"]
    return approval["status"], approval["outcome"]


def _admins(parts: Parts, stack: ExitStack) -> tuple[httpx.Client, httpx.Client]:
    ann, bob = [stack.enter_context(parts.exchange.person(name)) for name in ("ann", "bob")]
    for name in ("ann", "bob"):
        parts.admin(name)
    wait_until(
        lambda: all(each.get(APPROVALS).status_code == 200 for each in (ann, bob)),
        what="the roles",
    )
    return ann, bob


def test_a_gateway_killed_while_it_pays_has_paid_once(parts: Parts) -> None:
    """The payment is on its way to the engine, which stands still, when the gateway is killed; another one ends it."""
    with ExitStack() as stack:
        engine = stack.enter_context(parts.process("engine"))
        gateway = stack.enter_context(parts.gateway())
        wait_until(parts.ready, 60, "the gateway")
        ann, bob = _admins(parts, stack)
        fan = stack.enter_context(parts.exchange.person("fan"))
        deposit(ann, "USDC", "1000", "a")
        deposit(fan, "NOVA", "100", "b")
        place(ann, "buy", "1.2500", "100.00")
        place(fan, "sell", "1.2500", "100.00")  # its fee is the house's money
        had = _usdc(fan)
        account = get(fan, "/api/account")["account_id"]
        body = {
            "from_account_id": 1,
            "to_account_id": account,
            "asset": "USDC",
            "amount": "0.000001",
            "reason": "refund",
        }
        made = _asked(ann, "POST", HOUSE, body, **{"idempotency-key": "refund-1"})
        url = f"{APPROVALS}/{made['id']}"
        engine.send_signal(signal.SIGSTOP)
        with ThreadPoolExecutor() as pool:
            voting = pool.submit(bob.post, f"{url}/approve", json={"reason": "checked"})
            wait_until(lambda: _records(ann, act="house.transfer"), 60, "the act's own record")
            assert get(ann, url)["approval"]["status"] == "executing"
            gateway.kill()
            with suppress(
                httpx.TransportError
            ):  # unless the loop took it up: the machine stood still
                assert voting.result(20).json()["approval"]["status"] == "executing"
        engine.send_signal(signal.SIGCONT)
        parts.let_time_pass()
        stack.enter_context(parts.gateway())
        wait_until(parts.ready, 60, "another gateway")
        wait_until(lambda: get(ann, url)["approval"]["status"] == "done", 60, "its end")
        again = _asked(ann, "POST", HOUSE, body, **{"idempotency-key": "refund-1"})
        assert (again["id"], again["status"]) == (made["id"], "done")
        assert _usdc(fan) - had == Decimal("0.000001")
        steps = _records(bob, object=f"approval:{made['id']}", act="approval.end")
        assert [step["after"]["status"] for step in steps] == ["done"]


def test_what_was_approved_before_a_kill_is_done_after_the_restart(parts: Parts) -> None:
    """Approved while the engine was away, then the gateway is killed: the next one sets the tier, once."""
    with ExitStack() as stack:
        engine = stack.enter_context(parts.process("engine"))
        gateway = stack.enter_context(parts.gateway())
        wait_until(parts.ready, 60, "the gateway")
        ann, bob = _admins(parts, stack)
        body = {"maker_ppm": 100, "taker_ppm": 200, "reason": "vip"}
        made, twin = [
            _asked(ann, "PUT", "/api/admin/fee-tiers/7", body | {"taker_ppm": taker})
            for taker in (200, 300)
        ]
        engine.kill()
        wait_until(lambda: not parts.ready(), 60, "the gateway to notice")
        for each in (made, twin):
            url = f"{APPROVALS}/{each['id']}"
            _asked(bob, "POST", f"{url}/approve", {"reason": "checked"})
            # Where the machine stood still the loop has taken it up, and comes to the same end a moment later.
            wait_until(lambda url=url: _state(ann, url) == ("approved", "retried"), what="the try")  # type: ignore[misc]  # bound at once
        gateway.kill()
        gateway.wait()
        parts.let_time_pass()  # the loop may have been at one of them just then
        stack.enter_context(parts.process("engine"))
        stack.enter_context(parts.gateway())
        wait_until(parts.ready, 60, "another gateway")

        def ends() -> list[str]:
            return [
                get(ann, f"{APPROVALS}/{each['id']}")["approval"]["status"] for each in (made, twin)
            ]

        wait_until(lambda: sorted(ends()) == ["done", "failed"], 60, "both ends")
        assert len(_records(ann, act="fee_tier.set")) == 1
        (tier,) = [t for t in get(ann, "/api/admin/fee-tiers")["fee_tiers"] if t["tier"] == 7]
        assert tier["taker_ppm"] == (200 if ends()[0] == "done" else 300)
