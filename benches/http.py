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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop

from benches import open_loop
from benches.exchange import Exchange, free_port, order
from benches.report import Figure

HERE = Path(__file__).parent
CONNECTIONS = 64
PER_SECOND = 1_000


def run(*, quick: bool) -> list[Figure]:
    """Measure the latencies on an exchange that has nothing to catch up with, then bare and durable in turns."""
    if shutil.which("wrk") is None:
        raise SystemExit("this benchmark needs wrk: sudo apt-get install wrk")
    with Exchange() as calm:
        token = calm.trader()
        answer = calm.folder / "answer.json"
        answer.write_bytes(_real_answer(calm, token))
        with _bare(answer) as bare_port:
            latencies = _latencies(calm.port, bare_port, token, seconds=2 if quick else 20)
            with Exchange() as exchange:
                throughput = _throughput(
                    exchange, bare_port, seconds=1 if quick else 8, rounds=1 if quick else 3
                )
    return [throughput, *latencies]


def _throughput(exchange: Exchange, bare_port: int, *, seconds: int, rounds: int) -> Figure:
    token = exchange.trader()
    slow, fast = [], []
    for _ in range(rounds):
        fast.append(_wrk(bare_port, "none", seconds))
        slow.append(_wrk(exchange.port, token, seconds))
    return Figure(
        f"POST /api/orders, durable, {CONNECTIONS} connections",
        statistics.median(slow),
        "requests/s",
        "bare ASGI, same body and answer",
        statistics.median(fast),
        ">= 1/3 of bare",
        f"{rounds} rounds of {seconds} s",
    )


def _real_answer(exchange: Exchange, token: str) -> bytes:
    """Place a sell and the buy that takes it; return the bytes that answer the buy."""
    exchange.call("POST", "/api/orders", order("sell"), Authorization=token)
    headers = {"Authorization": token, "Content-Type": "application/json"}
    body = json.dumps(order("buy")).encode()
    request = urllib.request.Request(f"{exchange.url}/api/orders", body, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return bytes(answer.read())


@contextmanager
def _bare(answer: Path) -> Iterator[int]:
    """Run the bare endpoint; gives its port."""
    port = free_port()
    process = _start_bare(port, answer)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


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


def _latencies(port: int, bare_port: int, token: str, *, seconds: int) -> list[Figure]:
    """Return latencies under an open-loop load, beside those of the bare endpoint a moment before."""
    bare, ours = (_open_loop(each, token, seconds) for each in (bare_port, port))
    targets = {0.5: "< 2 ms", 0.99: "< 10 ms", 0.999: ""}
    return [
        Figure(
            f"POST /api/orders, open loop at {PER_SECOND:,}/s, p{share * 100:g}",
            open_loop.percentile(ours, share) * 1e3,
            "ms",
            "bare ASGI, same load",
            open_loop.percentile(bare, share) * 1e3,
            target,
            f"{len(ours):,} requests; generator on the same two cores",
        )
        for share, target in targets.items()
    ]


def _open_loop(port: int, token: str, seconds: int) -> list[float]:
    bodies = [json.dumps(order(side)).encode() for side in ("sell", "buy")]
    requests = [open_loop.http_post("/api/orders", body, token) for body in bodies]
    load = open_loop.run(port, requests, per_second=PER_SECOND, seconds=seconds)
    latencies, statuses = uvloop.run(load)
    if set(statuses) != {201}:
        raise RuntimeError(f"not every order was accepted: {statuses}")
    return latencies
