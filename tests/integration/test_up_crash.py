"""Nothing that was acknowledged is lost when processes of a running exchange are killed."""

import json
import os
import re
import signal
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from cse.entrypoints.exits import ExitCode
from tests.integration.exchange import Exchange, deposit, get, place
from tests.servers.process import alive
from tests.waiting import wait_until


def _everything(running: Exchange, client: httpx.Client) -> dict[str, Any]:
    """What somebody sees of their own, history included."""
    running.settle()
    return {
        path: get(client, path, **params)
        for path, params in [
            ("/api/orders", {"status": "all"}),
            ("/api/balances", {}),
            ("/api/fills", {}),
            ("/api/ledger", {}),
        ]
    }


def test_a_killed_exchange_comes_back_with_everything(tmp_path: Path) -> None:
    """Kill -9 of the main process: children end by themselves, the next start has the same answers."""
    with Exchange(tmp_path) as running:
        with running.person("ann") as ann, running.person("bob") as bob:
            deposit(ann, "USDC", "1000", "a")
            deposit(bob, "NOVA", "100", "b")
            place(ann, "buy", "1.2500", "10.00", client_order_id="first")
            place(bob, "sell", "1.2500", "4.00")
            place(ann, "buy", "1.2000", "1.00")
            before = _everything(running, ann)
            book = get(ann, "/api/orderbook/NOVA-USDC")
        running.kill()
        running.start()
        with running.person("ann") as ann:
            assert _everything(running, ann) == before
            assert get(ann, "/api/orderbook/NOVA-USDC") == book
            again = place(ann, "buy", "1.2500", "10.00", client_order_id="first")
            assert again["order"]["status"] == "partially_filled"  # the first one, not a second
            wait_until(
                lambda: get(ann, "/api/trades", market="NOVA-USDC")["trades"], what="the old tape"
            )
            wait_until(
                lambda: get(ann, "/api/ticker/NOVA-USDC")["volume"] == "4.00", what="the ticker"
            )
        assert running.stop() == ExitCode.OK


def test_every_order_acknowledged_before_a_kill_is_there(tmp_path: Path) -> None:
    """Orders stream in while the process is killed: what got 201 is there, and nothing is there twice."""
    acknowledged: list[str] = []
    with Exchange(tmp_path) as running:
        with running.person("ann") as ann:
            deposit(ann, "USDC", "100000", "a")
            enough = threading.Event()

            def place_for_ever() -> None:
                for number in range(100_000):
                    name = f"o-{number}"
                    try:
                        place(ann, "buy", "1.2000", "1.00", client_order_id=name)
                    except httpx.TransportError:
                        return
                    acknowledged.append(name)
                    if len(acknowledged) == 20:  # far from the most that may be open
                        enough.set()

            placing = threading.Thread(target=place_for_ever)
            placing.start()
            assert enough.wait(60)
            running.kill()
            placing.join(30)
        running.start()
        with running.person("ann") as ann:
            orders = get(ann, "/api/orders", status="open", limit=1000)["orders"]
            names = [order["client_order_id"] for order in orders]
            assert len(names) == len(set(names))
            assert set(acknowledged) <= set(names)
            assert len(names) <= len(acknowledged) + 1  # the one under way may be there or not


def test_a_killed_projector_is_started_again_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Kill -9 of the projector: trading does not notice, its death is told, history becomes whole."""
    with Exchange(tmp_path) as running:
        with running.person("ann") as ann:
            deposit(ann, "USDC", "1000", "a")
            _everything(running, ann)
            projector = running.child("projector")
            assert projector is not None
            os.kill(projector, signal.SIGKILL)
            wait_until(lambda: not alive(projector), 60, "its end")
            placed = place(ann, "buy", "1.2000", "1.00")
            assert get(ann, f"/api/orders/{placed['order']['id']}")["order"]["status"] == "open"
            assert get(ann, "/api/balances")["balances"][0]["held"] == "1.200000"
            wait_until(lambda: running.child("projector"), 60, "another projector")
            history = _everything(running, ann)
            assert [entry["reason"] for entry in history["/api/ledger"]["ledger"]] == [
                "order_hold",
                "order_hold",
                "deposit",
            ]
        assert "killed by SIGKILL" in running.err
        assert running.stop() == ExitCode.OK


def test_a_first_start_that_is_killed_again_and_again_is_completed(tmp_path: Path) -> None:
    """Killed as soon as each thing of a first start appears; the last start finds or makes all of it."""
    moments = ["journal", "cse.db", "keys.json", "demo-logins.json", "projector.lock"]
    for name in moments:
        running = Exchange(tmp_path).launch()
        wait_until((running.data_dir / name).exists, 60, name)
        running.kill()
    with Exchange(tmp_path) as running:
        with running.person("ann") as ann:
            assert len(get(ann, "/api/markets")["markets"]) >= 5
        logins = re.findall(r"Demo log-in +(\S+) +(\S+)", running.out)
        assert len(logins) == 2
        for email, password in logins:
            who = {"email": email, "password": password}
            token = httpx.post(f"{running.base}/api/auth/login", json=who, timeout=30).json()[
                "access_token"
            ]
            balances = httpx.get(
                f"{running.base}/api/balances",
                headers={"authorization": f"Bearer {token}"},
                timeout=30,
            ).json()["balances"]
            assert {Decimal(balance["available"]) for balance in balances} == {Decimal(10_000)}
        assert running.stop() == ExitCode.OK


def test_snapshots_are_made_on_the_way_and_begun_with(tmp_path: Path) -> None:
    """Every 20 commands here, by a process of its own; the next start replays only what came after."""
    with Exchange(tmp_path, env={"CSE_SNAPSHOT_INTERVAL_COMMANDS": "20"}) as running:
        with running.person("ann") as ann:
            deposit(ann, "USDC", "1000", "a")
            for _ in range(30):
                place(ann, "buy", "1.2000", "1.00")
            wait_until(lambda: "snapshot_made" in running.err, 60, "a snapshot")
            place(ann, "buy", "1.2000", "1.00")
            before = get(ann, "/api/balances")
        running.kill()
        running.start()
        recovered = next(line for line in running.err.splitlines() if "engine_recovered" in line)
        told = json.loads(recovered)
        assert told["snapshot"] > 0
        assert told["replayed"] == told["sequence"] - told["snapshot"]
        with running.person("ann") as ann:
            assert get(ann, "/api/balances") == before
        kept = list((running.data_dir / "snapshots").glob("*.snap"))
        assert 1 <= len(kept) <= 3
