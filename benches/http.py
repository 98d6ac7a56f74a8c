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
from typing import NamedTuple

import uvloop

from benches import open_loop
from benches.cpu import CpuTime, cpu_time, used_since
from benches.exchange import Exchange, free_port, order
from benches.report import Figure

HERE = Path(__file__).parent
INSTALL = HERE.parent / "tools" / "install_bench_tools.sh"
CONNECTIONS = 64
ASKED_FOR = {1_000: ("< 2 ms", "< 10 ms"), 2_000: ("< 0.5 ms", "< 1.2 ms")}
"""Of p50 and p99, by requests per second."""


def run(*, quick: bool) -> list[Figure]:
    """Measure the latencies on an exchange that has nothing to catch up with, then bare and durable in turns."""
    if shutil.which("wrk") is None:
        subprocess.run([INSTALL], check=False)
    if shutil.which("wrk") is None:
        raise SystemExit("this benchmark needs wrk: sudo apt-get install wrk")
    with Exchange() as calm:
        token = calm.trader()
        answer = calm.folder / "answer.json"
        answer.write_bytes(_real_answer(calm, token))
        with _bare(answer) as bare:
            latencies = [
                figure
                for per_second in ASKED_FOR
                for figure in _latencies(
                    calm.port, bare.port, token, per_second, seconds=2 if quick else 20
                )
            ]
            with Exchange() as exchange:
                throughput = _throughput(
                    exchange, bare, seconds=1 if quick else 8, rounds=1 if quick else 3
                )
    return [throughput, *latencies]


class Target(NamedTuple):
    """A server under load."""

    pid: int
    port: int
    token: str = "none"


class Round(NamedTuple):
    """What came of one."""

    per_second: float
    requests: int
    cpu: CpuTime


def _throughput(exchange: Exchange, bare: Target, *, seconds: int, rounds: int) -> Figure:
    durable = Target(exchange.pid, exchange.port, exchange.trader())
    slow, fast = [], []
    for _ in range(rounds):
        fast.append(_wrk(bare, seconds))
        slow.append(_wrk(durable, seconds))
    costs = [each[-1].cpu.per(each[-1].requests) for each in (slow, fast)]
    return Figure(
        f"POST /api/orders, durable, {CONNECTIONS} connections",
        statistics.median(each.per_second for each in slow),
        "requests/s",
        "bare ASGI, same body and answer",
        statistics.median(each.per_second for each in fast),
        ">= 1/2 of bare",
        f"{rounds} rounds of {seconds} s; CPU of the server per request {costs[0]}, bare {costs[1]}",
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
def _bare(answer: Path) -> Iterator[Target]:
    """Run the bare endpoint."""
    port = free_port()
    process = _start_bare(port, answer)
    try:
        yield Target(process.pid, port)
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


def _wrk(target: Target, seconds: int) -> Round:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(HERE / "orders.lua")]
    url = f"http://127.0.0.1:{target.port}/api/orders"
    before = cpu_time(target.pid)
    done = subprocess.run(
        [*command, url],
        env={**os.environ, "CSE_BENCH_TOKEN": target.token},
        capture_output=True,
        text=True,
        check=True,
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(f"not every request was answered well:\n{done.stdout}")
    cpu = used_since(before, target.pid)
    found = re.search(r"(\d+) requests in.*Requests/sec:\s+([\d.]+)", done.stdout, re.DOTALL)
    assert found is not None, done.stdout
    return Round(float(found[2]), int(found[1]), cpu)


def _latencies(
    port: int, bare_port: int, token: str, per_second: int, *, seconds: int
) -> list[Figure]:
    """Return latencies under an open-loop load, beside those of the bare endpoint a moment before."""
    bare, ours = (_open_loop(each, token, per_second, seconds) for each in (bare_port, port))
    targets = dict(zip((0.5, 0.99, 0.999), (*ASKED_FOR[per_second], ""), strict=True))
    return [
        Figure(
            f"POST /api/orders, open loop at {per_second:,}/s, p{share * 100:g}",
            open_loop.percentile(ours, share) * 1e3,
            "ms",
            "bare ASGI, same load",
            open_loop.percentile(bare, share) * 1e3,
            target,
            f"{len(ours):,} requests; generator on the same two cores",
        )
        for share, target in targets.items()
    ]


def _open_loop(port: int, token: str, per_second: int, seconds: int) -> list[float]:
    bodies = [json.dumps(order(side)).encode() for side in ("sell", "buy")]
    requests = [open_loop.http_post("/api/orders", body, token) for body in bodies]
    load = open_loop.run(port, requests, per_second=per_second, seconds=seconds)
    latencies, statuses = uvloop.run(load)
    if set(statuses) != {201}:
        raise RuntimeError(f"not every order was accepted: {statuses}")
    return latencies
