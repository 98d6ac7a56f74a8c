"""What is measured, with its baseline from the same run."""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from benches.cpu import cpu_time
from benches.fanout.talk import Child
from benches.report import Figure
from tests.servers import PrivateRedis

BOOK = json.dumps({"op": "subscribe", "channels": ["orderbook.NOVA-USDC"]})
_SETTLE_S = 0.5
_console = Console()


class Heard(NamedTuple):
    """What came of a stretch of changes."""

    per_second: float
    bytes_each: float
    p50_ms: float
    p99_ms: float
    server_us: float
    """CPU time of the server's process per delivered message."""
    clients_share: float
    """Of one core, what the load generator used."""


class Stage:
    """A server and its clients."""

    def __init__(self, folder: Path, **options: Any) -> None:
        """Start both."""
        self.stamps = str(folder / "stamps")
        self.server = Child("benches.fanout.serving", stamps=self.stamps, **options)
        self.clients = self.others()

    def others(self) -> Child:
        """Start clients that are not measured."""
        return Child("benches.fanout.clients", url=self.server.ready["url"], stamps=self.stamps)

    def connect(self, count: int, request: str = BOOK) -> float:
        """Let clients subscribe; return the server's memory per client, in bytes."""
        before = self.server.ask("rss")["rss"]
        self.clients.ask("connect", count=count, request=request)
        while self.clients.ask("opened")["opened"] < count:
            time.sleep(_SETTLE_S / 5)
        return float(self.server.ask("rss")["rss"] - before) / count

    def hear(self, per_second: int, seconds: float) -> Heard:
        """Change the book and listen."""
        self.clients.ask("reset")
        before = sum(cpu_time(self.clients.pid))
        ran = self.server.ask("run", per_second=per_second, seconds=seconds)
        time.sleep(_SETTLE_S)
        heard = self.clients.ask("report")
        used = sum(cpu_time(self.clients.pid)) - before
        messages = max(1, heard["messages"])
        return Heard(
            messages / ran["seconds"],
            heard["bytes"] / messages,
            heard["p50_ms"],
            heard["p99_ms"],
            ran["cpu_s"] / messages * 1e6,
            used / ran["seconds"],
        )


@contextmanager
def stage(**options: Any) -> Iterator[Stage]:
    """Have a server and clients for a while."""
    with tempfile.TemporaryDirectory(prefix="cse-fanout-") as folder:
        made = Stage(Path(folder), **{"kind": "exchange", **options})
        with made.server, made.clients:
            yield made


def run(*, quick: bool) -> list[Figure]:
    """Measure everything, one scenario after another."""
    seconds = 2.0 if quick else 10.0
    many = 500 if quick else 10_000
    figures: list[Figure] = []
    for name, measure in (
        ("throughput", lambda: _throughput(seconds)),
        ("changes", lambda: _changes(seconds)),
        ("growth", lambda: _growth(many, seconds)),
        ("bad company", lambda: _bad_company(seconds)),
        ("streamers", lambda: _streamers(seconds)),
        ("compression", lambda: _compression(seconds)),
    ):
        _console.print(f"fanout: {name} ...")
        figures += measure()
    return figures


def echo_us(message_bytes: int, seconds: float) -> float:
    """Return what an echoed message of this size costs picows alone, in us of CPU."""
    with stage(kind="bare") as bare:
        bare.clients.ask("connect", count=100, echo_bytes=message_bytes)
        time.sleep(_SETTLE_S)
        bare.clients.ask("reset")
        ran = bare.server.ask("run", seconds=seconds)
        return float(ran["cpu_s"] / bare.clients.ask("report")["messages"] * 1e6)


def _throughput(seconds: float) -> list[Figure]:
    with stage() as here:
        here.connect(600)
        heard = here.hear(per_second=100, seconds=seconds)
    echoed = echo_us(round(heard.bytes_each), seconds / 2)
    note = (
        f"600 connections, 100 changes/s, {heard.bytes_each:.0f} bytes each; the generator used "
        f"{heard.clients_share:.0%} of a core"
    )
    return [
        Figure("messages delivered", heard.per_second, "messages/s", target=">= 50,000", note=note),
        Figure("engine event to client read, p50", heard.p50_ms, "ms", note="of the same run"),
        Figure("engine event to client read, p99", heard.p99_ms, "ms", target="< 15 ms"),
        Figure(
            "CPU per delivered message", heard.server_us, "us", "picows alone echoing the same bytes",
            echoed, "<= 1.5x",
        ),
    ]  # fmt: skip


def _changes(seconds: float) -> list[Figure]:
    with stage() as here:
        here.connect(1_000)
        heard = here.hear(per_second=500, seconds=seconds)
    note = f"1,000 connections, 500 changes/s, {heard.per_second:,.0f} messages/s"
    return [
        Figure("book update at 1,000 connections, p50", heard.p50_ms, "ms", target="< 10 ms", note=note),
        Figure("book update at 1,000 connections, p99", heard.p99_ms, "ms", note=note),
    ]  # fmt: skip


def _growth(many: int, seconds: float) -> list[Figure]:
    """The same number of deliveries a second to ever more connections."""
    figures: list[Figure] = []
    first: float | None = None
    for count in (many // 100, many // 10, many):
        with stage() as here:
            memory = here.connect(count)
            heard = here.hear(per_second=max(1, 2 * many // count), seconds=seconds)
        first = first or heard.server_us
        figures.append(
            Figure(
                f"CPU per delivered message, {count:,} connections", heard.server_us, "us",
                f"{many // 100:,} connections", first, "linear in deliveries",
                f"{heard.per_second:,.0f} messages/s, p50 {heard.p50_ms:.1f} ms, p99 {heard.p99_ms:.1f} ms",
            )
        )  # fmt: skip
    held = Figure(
        f"server memory per connection, {many:,} held", memory / 1e3, "kB", target="< 25 kB",
        note="resident, everybody subscribed to a book",
    )  # fmt: skip
    return [held, *figures]


def _bad_company(seconds: float) -> list[Figure]:
    """The latency of good clients, alone and beside one that never reads and one that floods."""
    figures = []
    for name, kind, count in (
        ("10 that never read", "slow", 10),
        ("one that floods", "flood", 1),
    ):
        alone, beside = [], []
        for _ in range(3):
            for company, found in ((False, alone), (True, beside)):
                with stage() as here, here.others() as bad:
                    here.connect(100)
                    if company:
                        bad.ask(kind, count=count, request=BOOK)
                    found.append(here.hear(per_second=300, seconds=seconds).p99_ms)
        figures.append(
            Figure(
                f"p99 of 100 clients beside {name}", sorted(beside)[1], "ms", "alone", sorted(alone)[1],
                "<= 1.1x", "medians of 3 runs, taken in turns; 300 changes/s",
            )
        )  # fmt: skip
    return figures


def _streamers(seconds: float) -> list[Figure]:
    """Two streamers behind one Redis, a publisher before it: all on the same two cores."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cse-fanout-")))
        redis = PrivateRedis(folder / "redis")
        redis.start()
        stack.callback(redis.stop)
        shared = {"stamps": str(folder / "stamps"), "redis": redis.url}
        publisher = stack.enter_context(Child("benches.fanout.serving", kind="publisher", **shared))
        stages = [Stage(folder, kind="streamer", redis=redis.url) for _ in range(2)]
        for each in stages:
            stack.enter_context(each.server)
            stack.enter_context(each.clients)
            each.connect(150)
            each.clients.ask("reset")
        for each in stages:
            each.server.begin("run", seconds=seconds)
        ran = publisher.ask("run", per_second=100, seconds=seconds)
        used = [each.server.result()["cpu_s"] for each in stages]
        time.sleep(_SETTLE_S)
        heard = [each.clients.ask("report") for each in stages]
    messages = sum(each["messages"] for each in heard)
    size = heard[0]["bytes"] / max(1, heard[0]["messages"])
    note = f"2 x 150 connections, 100 changes/s, {messages / ran['seconds']:,.0f} messages/s"
    return [
        Figure("through Redis and a streamer, p50", max(e["p50_ms"] for e in heard), "ms", note=note),
        Figure("through Redis and a streamer, p99", max(e["p99_ms"] for e in heard), "ms", target="< 15 ms", note=note),
        Figure(
            "CPU of a streamer per delivered message", sum(used) / messages * 1e6, "us",
            "picows alone echoing the same bytes", echo_us(round(size), seconds / 2), "<= 1.5x",
        ),
    ]  # fmt: skip


def _compression(seconds: float) -> list[Figure]:
    with stage(compression=True) as here:
        here.connect(200)
        plain = here.hear(per_second=50, seconds=seconds / 2)
    with stage(compression=True) as here:
        here.clients.ask("deflate")
        here.connect(200)
        small = here.hear(per_second=50, seconds=seconds / 2)
    note = f"{small.bytes_each:.0f} instead of {plain.bytes_each:.0f} bytes a message"
    return [
        Figure(
            "CPU per compressed message", small.server_us, "us", "not compressed", plain.server_us,
            "measured", note,
        )
    ]  # fmt: skip
