"""The parts of `cse up` as processes of their own: engine, gateway, projector; each may come and go.

The gateway speaks to the engine through its socket, the projector follows the journal.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.integration.exchange import PATIENT, Exchange, deposit, get, place
from tests.servers.process import free_port
from tests.waiting import wait_until


@contextmanager
def _process(
    folder: Path, *command: str, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """One `cse` command, ended with SIGTERM; it must end with 0 unless the test has killed it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CSE_")}
    with (folder / f"{command[0]}.err").open("ab") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "cse.cli", *command, "--data-dir", str(folder / "data")],
            env={**clean, **PATIENT, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=err,
            stderr=err,
            start_new_session=True,
        )
    try:
        yield process
        if process.poll() is None:
            process.terminate()
            assert process.wait(60) == 0, (folder / f"{command[0]}.err").read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _ready(base: str) -> bool:
    try:
        return httpx.get(f"{base}/api/health/ready", timeout=30).status_code == 200
    except httpx.TransportError:
        return False


def test_the_parts_run_apart_and_survive_each_other(tmp_path: Path) -> None:
    """An order goes through the socket; the engine is killed and comes back; history comes later."""
    port = str(free_port())
    exchange = Exchange(tmp_path)
    exchange.base = f"http://127.0.0.1:{port}"
    with _process(tmp_path, "gateway", "--port", port):
        with _process(tmp_path, "engine") as engine:
            wait_until(lambda: _ready(exchange.base), 60, "the gateway")
            with exchange.person("ann") as ann, exchange.person("bob") as bob:
                deposit(ann, "USDC", "1000", "a")
                deposit(bob, "NOVA", "100", "b")
                place(ann, "buy", "1.2500", "10.00", client_order_id="first")
                assert place(bob, "sell", "1.2500", "4.00")["order"]["status"] == "filled"
                engine.send_signal(signal.SIGKILL)
                engine.wait()
                wait_until(lambda: not _ready(exchange.base), 60, "the gateway to notice")
                body = {"market": "NOVA-USDC", "side": "buy", "type": "limit", "price": "1.0000"}
                refused = ann.post("/api/orders", json={**body, "quantity": "1.00"})
                assert (refused.status_code, refused.json()["retryable"]) == (503, True)
                assert get(ann, "/api/orderbook/NOVA-USDC")["bids"] == [["1.2500", "6.00"]]
        with _process(tmp_path, "engine"), _process(tmp_path, "projector"):
            wait_until(lambda: _ready(exchange.base), 60, "the gateway to be back")
            exchange.settle()
            with exchange.person("ann") as ann:
                (order,) = get(ann, "/api/orders", status="all")["orders"]
                assert (order["client_order_id"], order["filled_quantity"]) == ("first", "4.00")
                assert len(get(ann, "/api/fills")["fills"]) == 1
