"""Authority on a running exchange: roles from the shell, the kill switch, and who did what afterwards."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.exchange import PASSWORD, Exchange, deposit
from tests.waiting import wait_until


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    with Exchange(tmp_path) as running:
        yield running


def cse(exchange: Exchange, *arguments: str, told: str = "") -> str:
    """What a command says that must succeed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CSE_")}
    done = subprocess.run(
        [sys.executable, "-m", "cse.cli", *arguments],
        env={**clean, "CSE_DATA_DIR": str(exchange.data_dir)},
        input=told,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def order(client: httpx.Client) -> httpx.Response:
    body = {
        "market": "NOVA-USDC",
        "side": "buy",
        "type": "limit",
        "price": "1.0000",
        "quantity": "1.00",
    }
    return client.post("/api/orders", json=body)


def search(client: httpx.Client, **wanted: str) -> list[dict[str, Any]]:
    answer = client.get("/api/admin/audit", params=wanted)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["records"]
    return found


def test_an_operator_stops_the_exchange_and_an_auditor_sees_who_it_was(exchange: Exchange) -> None:
    """From the shell alone: the first admin, the kill switch, orders refused, every act found, the chain whole."""
    with exchange.person("ops") as ops, exchange.person("fan") as fan:
        deposit(fan, "USDC", "1000", "1")
        assert order(fan).status_code == 201
        assert ops.get("/api/admin/audit").status_code == 403
        cse(exchange, "admin", "grant", "ops@example.com", "risk", "--reason", "on_call")
        wait_until(
            lambda: ops.get("/api/admin/markets").status_code == 200, 10, "the role to count"
        )
        said = cse(
            exchange, "kill-switch", "cancel_only", "--email", "ops@example.com",
            "--reason", "incident", "--url", exchange.base, told=PASSWORD + "\n",
        )  # fmt: skip
        assert "NOVA-USDC: open -> cancel_only" in said.splitlines()
        assert order(fan).json()["code"] == "market_cancel_only"
        assert fan.delete("/api/orders").status_code == 200
        who = search(ops, act="role.grant")[0]["object"]
        killed = search(ops, act="market.kill_switch", object="market:NOVA-USDC")[0]
        assert (killed["actor"], killed["reason"], killed["ip"]) == (who, "incident", "127.0.0.1")
        assert (killed["before"], killed["after"]) == (
            {"status": "open"},
            {"status": "cancel_only"},
        )
        began = search(ops, act="session.log_in", object=f"session:{killed['session_id']}")
        assert [record["actor"] for record in began] == [who]
        assert search(ops, act="money.sandbox_deposit")[0]["after"]["amount"].startswith("1000")
        cse(exchange, "admin", "revoke", "ops@example.com", "risk", "--reason", "shift_over")
        wait_until(lambda: ops.get("/api/admin/markets").status_code == 403, 60, "the role to go")
    assert cse(exchange, "audit", "verify").startswith("whole: ")
    lines = cse(exchange, "audit", "export", "--format", "jsonl").splitlines()
    acts = [json.loads(line)["act"] for line in lines]
    assert {
        "user.register",
        "session.log_in",
        "role.grant",
        "market.kill_switch",
        "role.revoke",
    } <= set(acts)
