"""`cse up` as a person meets it: it starts, tells where everything is, refuses clearly, ends cleanly.

Real processes on a data directory of their own; most tests share one running exchange.
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from cse.entrypoints.exits import ExitCode
from tests.integration.exchange import Exchange, deposit, get, place
from tests.servers.process import alive, children, free_port
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    with Exchange(tmp_path_factory.mktemp("exchange")) as running:
        yield running


def _websocket(exchange: Exchange) -> ClientConnection:
    return connect(exchange.base.replace("http", "ws") + "/ws")


def _run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CSE_")}
    return subprocess.run(
        [sys.executable, "-m", "cse.cli", *arguments],
        env={**clean, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_banner_says_where_everything_is_and_what_to_beware_of(exchange: Exchange) -> None:
    """Page, API docs and WebSocket answer where it says; data and warnings are named."""
    assert httpx.get(exchange.base + "/", timeout=30).status_code == 200
    docs = re.search(r"API docs +(\S+)", exchange.out)
    assert docs
    assert httpx.get(docs[1], timeout=30).status_code == 200
    with _websocket(exchange) as websocket:
        websocket.send('{"op": "ping", "id": 1}')
        assert json.loads(websocket.recv(10))["ok"] is True
    assert str(exchange.data_dir) in exchange.out
    assert "sandbox mode: play money" in exchange.out
    assert "CSE_TOKENS_BCRYPT_COST" in exchange.out  # the tests' cheap hashes are named


def test_it_becomes_ready_with_everything_it_stands_on(exchange: Exchange) -> None:
    """The projector is a process of its own and catches up a moment after the start."""
    exchange.settle()

    def status() -> str:
        ready = httpx.get(exchange.base + "/api/health/ready", timeout=30).json()
        return str(ready["status"])

    wait_until(lambda: status() == "ready", what="readiness")
    assert exchange.child("projector") is not None
    assert exchange.child("bots") is None


def test_the_sandbox_is_listed(exchange: Exchange) -> None:
    """Five creator tokens against USDC, open for trading."""
    with httpx.Client(base_url=exchange.base, timeout=30) as client:
        markets = {m["market"]: m for m in get(client, "/api/markets")["markets"]}
    creators = {f"{name}-USDC" for name in ("NOVA", "LUMEN", "ECHO", "PIXEL", "ORBIT")}
    assert creators <= markets.keys()
    assert {markets[name]["status"] for name in creators} == {"open"}


def test_the_demo_people_can_log_in_and_have_play_money(exchange: Exchange) -> None:
    """As the banner says; their passwords are random and lie in a file only the owner reads."""
    logins = re.findall(r"Demo log-in +(\S+) +(\S+)", exchange.out)
    assert len(logins) == 2
    for email, password in logins:
        answer = httpx.post(
            exchange.base + "/api/auth/login",
            json={"email": email, "password": password},
            timeout=30,
        )
        with httpx.Client(base_url=exchange.base, timeout=30) as client:
            client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
            assert {b["available"] for b in get(client, "/api/balances")["balances"]} != set()
    file = exchange.data_dir / "demo-logins.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert exchange.data_dir.stat().st_mode & 0o777 == 0o700


def test_two_orders_cross_and_the_websocket_sees_it(exchange: Exchange) -> None:
    """The whole way: register, log in, deposit, place, trade; the public stream tells of the trade."""
    with exchange.person("ann") as ann, exchange.person("bob") as bob, _websocket(exchange) as feed:
        deposit(ann, "USDC", "1000", "ann-1")
        deposit(bob, "LUMEN", "100", "bob-1")
        feed.send('{"op": "subscribe", "channels": ["trades.LUMEN-USDC"], "id": 1}')
        assert json.loads(feed.recv(10))["ok"] is True
        assert json.loads(feed.recv(10))["type"] == "snapshot"
        market = {"market": "LUMEN-USDC"}
        bought = place(ann, "buy", "0.4200", "10.00", **market)
        sold = place(bob, "sell", "0.4200", "4.00", **market)
        assert sold["order"]["status"] == "filled"
        told = json.loads(feed.recv(10))
        assert (told["channel"], told["type"]) == ("trades.LUMEN-USDC", "update")
        assert '"4.00"' in json.dumps(told)
        order = get(ann, f"/api/orders/{bought['order']['id']}")["order"]
        assert (order["status"], order["filled_quantity"]) == ("partially_filled", "4.00")


def test_a_second_exchange_on_the_same_data_is_refused(exchange: Exchange) -> None:
    """At once, naming the process that has it; the first one does not notice."""
    second = _run("up", "--data-dir", str(exchange.data_dir), "--port", "0", "--no-bots")
    assert second.returncode == ExitCode.FAILED
    assert f"is in use by another exchange (process {exchange.pid})" in second.stderr
    assert "Traceback" not in second.stderr
    assert httpx.get(exchange.base + "/api/health/live", timeout=30).status_code == 200


def test_a_taken_port_is_told_with_its_holder(exchange: Exchange, tmp_path: Path) -> None:
    """Who holds it, and how to choose another."""
    port = exchange.base.rpartition(":")[2]
    second = _run("up", "--data-dir", str(tmp_path / "data"), "--port", port, "--no-bots")
    assert second.returncode == ExitCode.FAILED
    assert f"port {port} on 127.0.0.1 is taken: process {exchange.pid} (" in second.stderr
    assert "--port" in second.stderr


def test_the_doctor_finds_a_running_exchange_healthy(exchange: Exchange) -> None:
    """Its own port and directory are no faults."""
    port = exchange.base.rpartition(":")[2]
    doctor = _run("doctor", "--data-dir", str(exchange.data_dir), "--port", port)
    assert doctor.returncode == ExitCode.OK, doctor.stdout
    assert f"in use by process {exchange.pid}" in " ".join(doctor.stdout.split())


def test_bad_settings_are_refused_by_name_before_anything_is_made(tmp_path: Path) -> None:
    """An unknown variable and a malformed one, both named; no data directory appears."""
    data = tmp_path / "data"
    refused = _run("up", "--data-dir", str(data), CSE_HTTP_PROT="1")
    assert refused.returncode == ExitCode.SETTINGS
    assert "CSE_HTTP_PROT: there is no such setting; did you mean CSE_HTTP_PORT?" in refused.stderr
    refused = _run("up", "--data-dir", str(data), CSE_HTTP_PORT="http")
    assert "http.port (CSE_HTTP_PORT): " in refused.stderr
    assert not data.exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_asked(tmp_path: Path, how: signal.Signals) -> None:
    """Exit code 0, WebSockets closed with 1012, nobody left behind, everything projected."""
    with Exchange(tmp_path) as running:
        with running.person("ann") as ann, _websocket(running) as websocket:
            running.settle()
            deposit(ann, "USDC", "5", "d-1")
            assert running.stop(how) == ExitCode.OK
            with pytest.raises(ConnectionClosed) as closed:
                websocket.recv(10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
    replayed = _run("journal", "replay", "--data-dir", str(running.data_dir))
    last = replayed.stdout.split()[0]
    assert f'"position": {last}, "event": "projector_stopped"' in running.err


def test_a_second_request_to_stop_is_obeyed_at_once(tmp_path: Path) -> None:
    """The projector is stopped dead, so an orderly end would take long; the second Ctrl-C does not."""
    with Exchange(tmp_path) as running:
        wait_until(lambda: running.child("projector"), 60, "the projector")
        family = running.family()
        projector = running.child("projector")
        assert projector is not None
        os.kill(projector, signal.SIGSTOP)
        running.signal(signal.SIGINT)
        wait_until(lambda: "stopping in order" in running.err, 60, "the first request")
        running.signal(signal.SIGINT)
        assert running.wait() == ExitCode.FAILED
        wait_until(lambda: not any(map(alive, family)), 60, "everybody's end")


def test_a_damaged_journal_keeps_it_from_starting(tmp_path: Path) -> None:
    """One bit of the first command is flipped: file and offset are named, nothing is changed."""
    with Exchange(tmp_path) as running:
        assert running.stop() == ExitCode.OK
    segment = min((running.data_dir / "journal").glob("0*"))
    content = bytearray(segment.read_bytes())
    content[200] ^= 1
    segment.write_bytes(content)
    refused = _run(
        "up", "--data-dir", str(running.data_dir), "--port", str(free_port()), "--no-bots"
    )
    assert refused.returncode == ExitCode.FAILED
    assert re.search(rf"cse: {re.escape(str(segment))}: damaged at byte \d+", refused.stderr)
    assert segment.read_bytes() == bytes(content)
    verified = _run("journal", "verify", "--data-dir", str(running.data_dir))
    assert verified.returncode == ExitCode.FAILED
    assert "DAMAGED" in verified.stdout
    assert not [pid for pid in children(os.getpid()) if _is_ours(pid, running.data_dir)]


def _is_ours(pid: int, data_dir: Path) -> bool:
    return str(data_dir).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
