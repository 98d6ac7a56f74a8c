"""Binary order entry, durable, over loopback TCP, against `cse engine`; its client runs on the same cores."""

import base64
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from benches.entry_client import BlockingClient
from benches.exchange import Exchange, cse, free_port
from benches.report import Figure
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages.codec import decode_frame
from cse.messages.wire import Command, OrderType, SelfTradePrevention, Side, TimeInForce

MARKET = 102
"""ETH-USDC of the sandbox: no limit in the way."""
MID = 268_000
BATCH = 100
WINDOW = 16


def run(*, quick: bool) -> list[Figure]:
    """Measure throughput in batches, then one order at a time; the bare server in turns with the exchange."""
    rounds, frames, singles = (1, 50, 100) if quick else (5, 2_000, 5_000)
    with _engine() as client, _bare() as bare:
        load = _Load(client)
        rates: dict[str, list[float]] = {"bare": [], "ours": []}
        times: dict[str, list[float]] = {"bare": [], "ours": []}
        for _ in range(rounds):
            batches = [load.batch(BATCH) for _ in range(frames)]
            for name, each in (("bare", bare), ("ours", client)):
                submits = each.prepare(batches)
                rates[name].append(BATCH * frames / each.stream(submits, WINDOW))
        for _ in range(rounds):
            batches = [load.batch(1) for _ in range(singles // rounds)]
            for name, each in (("bare", bare), ("ours", client)):
                times[name] += each.latencies(each.prepare(batches))
    return [_throughput(rates), *(_latency(times, share) for share in (0.5, 0.99))]


def _throughput(rates: dict[str, list[float]]) -> Figure:
    ours, bare = (statistics.median(rates[name]) for name in ("ours", "bare"))
    return Figure(
        f"order entry, durable, {BATCH} per frame, {WINDOW} in flight",
        ours,
        "orders/s",
        "bare server: write, sync, answer of that size",
        bare,
        ">= 500,000/s",
        f"mixed load, one session, client on the same cores; best round {max(rates['ours']):,.0f}",
    )


def _latency(times: dict[str, list[float]], share: float) -> Figure:
    ours, bare = (sorted(times[name]) for name in ("ours", "bare"))
    return Figure(
        f"order entry, durable, one order per frame, one in flight, p{share * 100:g}",
        ours[int(share * (len(ours) - 1))] * 1e3,
        "ms",
        "bare server: write, sync, answer of that size",
        bare[int(share * (len(bare) - 1))] * 1e3,
        "< 0.5 ms" if share == 0.5 else "",
        f"{len(ours):,} orders",
    )


class _Load:
    """60 % adds near the touch, 30 % cancels, 10 % orders that cross, all of one account that trades with itself.

    Order ids count in the venue, and nobody else trades: so the client knows them before the exchange says so.
    """

    def __init__(self, client: BlockingClient) -> None:
        self._account = client.greeting.account_id
        self._rng = random.Random(1)
        self._open: list[int] = []
        first = decode_frame(client.ask(self._order(crossing=False))[0]).message
        assert isinstance(first, e.OrderAccepted), first
        self._next_id = first.order_id + 1

    def batch(self, count: int) -> list[Command]:
        """The next commands; some cancels will find their order filled already."""
        return [self._command() for _ in range(count)]

    def _command(self) -> Command:
        rng, dice = self._rng, self._rng.random()
        if dice >= 0.6 and dice < 0.9 and self._open:
            at = rng.randrange(len(self._open))
            self._open[at], self._open[-1] = self._open[-1], self._open[at]
            return c.CancelOrder(self._account, self._open.pop(), "")
        crossing = dice >= 0.9
        if not crossing:
            self._open.append(self._next_id)
        self._next_id += 1
        return self._order(crossing=crossing)

    def _order(self, *, crossing: bool) -> Command:
        rng = self._rng
        side = Side.BUY if rng.random() < 0.5 else Side.SELL
        offset = 30 if crossing else -1 - int(rng.expovariate(0.05))
        return c.PlaceOrder(
            self._account,
            MARKET,
            side,
            OrderType.LIMIT,
            TimeInForce.IOC if crossing else TimeInForce.GTC,
            SelfTradePrevention.NONE,
            post_only=False,
            price=MID + offset if side == Side.BUY else MID - offset,
            trigger_price=0,
            quantity=rng.randrange(1, 1_500 if crossing else 1_000),
            quote_quantity=0,
            expires_at=0,
            client_order_id="",
        )


@contextmanager
def _engine() -> Iterator[BlockingClient]:
    """Run `cse engine` on a folder where a trader with an API key has been made before; gives a session."""
    limits = {"CSE_ENTRY_COMMANDS_PER_SECOND": str(10**9), "CSE_ENTRY_COMMAND_BURST": str(10**9)}
    exchange = Exchange()
    with exchange:
        key_id, key = _trader(exchange)
        exchange.stop()
        port = free_port()
        command = cse("engine", "--data-dir", str(exchange.folder / "data"))
        settings = {**exchange.settings, **limits, "CSE_ENTRY_PORT": str(port)}
        log = (exchange.folder / "engine.log").open("ab")
        process = subprocess.Popen(command, env=settings, stdout=log, stderr=log)
        try:
            client = _connect(process, port, key_id, key, exchange.folder / "engine.log")
            yield client
            client.close()
        finally:
            process.terminate()
            process.wait(timeout=30)


@contextmanager
def _bare() -> Iterator[BlockingClient]:
    """Run the bare server; gives a session."""
    with tempfile.TemporaryDirectory(prefix="cse-bench-") as folder:
        port, log = free_port(), Path(folder) / "bare.log"
        command = [sys.executable, "-m", "benches.bare_entry", str(port), f"{folder}/frames"]
        with log.open("wb") as err:
            process = subprocess.Popen(command, stderr=err)
        try:
            client = _connect(process, port, "0" * 32, Ed25519PrivateKey.generate(), log)
            yield client
            client.close()
        finally:
            process.terminate()
            process.wait(timeout=30)


def _connect(
    process: "subprocess.Popen[bytes]", port: int, key_id: str, key: Ed25519PrivateKey, log: Path
) -> BlockingClient:
    for _ in range(600):
        try:
            return BlockingClient(port, key_id, key)
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
    raise RuntimeError(f"the engine did not start:\n{log.read_text()[-2000:]}")


def _trader(exchange: Exchange) -> tuple[str, Ed25519PrivateKey]:
    token = exchange.trader()
    deposit = {"asset": "ETH", "amount": "1000000000"}
    exchange.call(
        "POST",
        "/api/sandbox/deposits",
        deposit,
        Authorization=token,
        **{"Idempotency-Key": "entry-bench"},
    )
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    asked = {
        "name": "bench",
        "public_key": base64.b64encode(public).decode(),
        "scopes": ["read", "trade"],
    }
    made = exchange.call("POST", "/api/keys", asked, Authorization=token)
    return str(made["key"]["id"]), key
