"""POST /api/orders, durable, against a bare ASGI endpoint; and its latency under an open-loop load."""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import uvloop

from benches import open_loop
from benches.exchange import Exchange, free_port, order
from benches.report import Figure

HERE = Path(__file__).parent
CONNECTIONS = 64


def run(*, quick: bool) -> list[Figure]:
    """Measure bare and durable in turns, then the latencies."""
    if shutil.which("wrk") is None:
        raise SystemExit("this benchmark needs wrk: sudo apt-get install wrk")
    seconds, rounds = (1, 1) if quick else (8, 3)
    with Exchange() as exchange:
        token = exchange.trader()
        answer = exchange.folder / "answer.json"
        answer.write_bytes(_real_answer(exchange, token))
        bare_port = free_port()
        bare = _start_bare(bare_port, answer)
        try:
            slow, fast = [], []
            for _ in range(rounds):
                fast.append(_wrk(bare_port, "none", seconds))
                slow.append(_wrk(exchange.port, token, seconds))
        finally:
            bare.terminate()
            bare.wait()
        figures = [
            Figure(
                f"POST /api/orders, durable, {CONNECTIONS} connections",
                statistics.median(slow),
                "requests/s",
                "bare ASGI, same body and answer",
                statistics.median(fast),
                ">= 1/3 of bare",
                f"{rounds} rounds of {seconds} s",
            )
        ]
        figures += _open_loop(exchange, token, per_second=1_000, seconds=2 if quick else 30)
    return figures


def _real_answer(exchange: Exchange, token: str) -> bytes:
    """Place a sell and the buy that takes it; return the bytes that answer the buy."""
    exchange.call("POST", "/api/orders", order("sell"), Authorization=token)
    headers = {"Authorization": token, "Content-Type": "application/json"}
    body = json.dumps(order("buy")).encode()
    request = urllib.request.Request(f"{exchange.url}/api/orders", body, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return bytes(answer.read())


def _start_bare(port: int, answer: Path) -> subprocess.Popen[bytes]:
    arguments = [
        "benches.bare_asgi:app",
        "--loop",
        "uvloop",
        "--http",
        "httptools",
        "--no-access-log",
    ]
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        *arguments,
        "--log-level",
        "warning",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(
        command, env={**os.environ, "CSE_BENCH_ANSWER": str(answer)}, cwd=HERE.parent
    )
    for _ in range(200):
        try:
            with urllib.request.urlopen(
                urllib.request.Request(
                    f"http://127.0.0.1:{port}/", json.dumps(order("buy")).encode()
                ),
                timeout=1,
            ):
                return process
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the bare server did not start")


def _wrk(port: int, token: str, seconds: int) -> float:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(HERE / "orders.lua")]
    url = f"http://127.0.0.1:{port}/api/orders"
    done = subprocess.run(
        [*command, url],
        env={**os.environ, "CSE_BENCH_TOKEN": token},
        capture_output=True,
        text=True,
        check=True,
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(f"not every request was answered well:\n{done.stdout}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])


def _open_loop(exchange: Exchange, token: str, *, per_second: int, seconds: float) -> list[Figure]:
    requests = [
        open_loop.http_post("/api/orders", json.dumps(order(side)).encode(), token)
        for side in ("sell", "buy")
    ]
    latencies, statuses = uvloop.run(
        open_loop.run(exchange.port, requests, per_second=per_second, seconds=seconds)
    )
    if set(statuses) != {201}:
        raise RuntimeError(f"not every order was accepted: {statuses}")
    note = f"{len(latencies):,} requests; generator on the same two cores"
    targets = {0.5: "< 2 ms", 0.99: "< 10 ms", 0.999: ""}
    return [
        Figure(
            f"POST /api/orders, open loop at {per_second:,}/s, p{share * 100:g}",
            open_loop.percentile(latencies, share) * 1e3,
            "ms",
            target=target,
            note=note,
        )
        for share, target in targets.items()
    ]
