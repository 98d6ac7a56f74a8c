"""An order call is answered alike past ASGI and through it: same status, same header lines, same body."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import uvicorn

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.entrypoints.direct_protocol import DirectProtocol
from cse.entrypoints.http_protocol import GuardedProtocol
from cse.gateway.http.direct import DirectCalls
from cse.gateway.http.direct_head import Head
from cse.gateway.limits import ClassLimits, Rate, RouteClass, class_limits
from cse.gateway.order_entry import OrderEntry
from tests.integration.http_exchange import HttpExchange, http_exchange
from tests.waiting import wait_until_async

ORIGIN = "https://page.test"
MAX_BODY = 2_000
_CHANGING: Final = (
    (re.compile(rb"^date: .*", re.MULTILINE), b"date"),
    (re.compile(rb"^(ratelimit-\w+|retry-after): \d+", re.MULTILINE), rb"\1"),
    (re.compile(rb"[0-9a-f]{10}-[0-9a-f]+"), b"ID"),
    (re.compile(rb'"(created_at|updated_at|time)":\d+'), rb'"\1":0'),
)


class Ask(NamedTuple):
    """A request, and what its answer must be."""

    what: str
    status: int
    method: str
    url: str
    body: bytes = b""
    headers: tuple[str, ...] = ()
    login: str | None = "ann"
    version: str = "1.1"
    direct: bool = True
    """Whether it is served past ASGI."""

    def raw(self, tokens: dict[str, str]) -> bytes:
        lines = [f"{self.method} {self.url} HTTP/{self.version}", "Host: cse.test", *self.headers]
        if self.login is not None:
            lines.append(f"Authorization: {tokens.get(self.login, self.login)}")
        if not any(line.lower().startswith("transfer-encoding") for line in self.headers):
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def limit(
    side: str = "sell", price: str = "1.2500", quantity: str = "1.00", more: str = ""
) -> bytes:
    return (
        f'{{"market":"NOVA-USDC","side":"{side}","type":"limit","price":"{price}",'
        f'"quantity":"{quantity}"{more}}}'
    ).encode()


def place(what: str, status: int, body: bytes, *headers: str, **more: Any) -> Ask:
    return Ask(what, status, "POST", "/api/orders", body, headers, **more)


NAMED = limit(more=',"client_order_id":"n-1"')
PLACED: Final = (
    place("rests", 201, limit(price="1.3000", quantity="2.00")),
    place("trades in part", 201, limit("buy", "1.3000", "1.00"), login="bob"),
    place("is named", 201, NAMED),
    place("is the same again", 200, NAMED),
    place("is another of that name", 409, limit(quantity="2.00", more=',"client_order_id":"n-1"')),
    place("cannot be paid", 400, limit("buy", "1.2600", "90000.00")),
    place("is out of the band", 400, limit("buy", "0.0001")),
    place("has an origin that may call", 201, limit(), f"Origin: {ORIGIN}"),
    place("has an origin that may not", 201, limit(), "Origin: https://evil.test"),
    place("has an id of its own", 201, limit(), "X-Request-Id: mine-1"),
    place("has a bad id of its own", 201, limit(), "X-Request-Id: no good"),
    place("says what it is", 201, limit(), "Content-Type: application/json; charset=utf-8"),
    place("says to keep the connection", 201, limit(), "Connection: keep-alive"),
)
BAD: Final = (
    place("is no JSON", 400, b"{nope"),
    place("is no UTF-8", 400, b'{"market":"\xff"}'),
    place("is empty", 400, b""),
    place("is nested", 400, b"[" * 40),
    place("is a list", 400, b"[1,2]"),
    place("has an unknown field", 400, limit(more=',"x":1')),
    place("has a number", 400, limit().replace(b'"1.2500"', b"1.25")),
    place("has an odd price", 400, limit(price="1.25001")),
    place("has nothing", 400, limit(quantity="0")),
    place("has an exponent", 400, limit(quantity="1e3")),
    place("lacks a price", 400, limit().replace(b'"price":"1.2500",', b"")),
    place("is for no market", 404, limit().replace(b"NOVA-USDC", b"NONE")),
    place("is text", 415, limit(), "Content-Type: text/plain"),
    place("is nobody's", 401, limit(), login=None),
    place("is a stranger's", 401, limit(), login="Bearer nobody"),
    place("is a stranger's from a page", 401, limit(), f"Origin: {ORIGIN}", login="Basic eDp5"),
)
CHANGED: Final = (
    Ask("amends", 200, "PATCH", "/api/orders/1", b'{"quantity":"1.50"}'),
    Ask("amends to nothing new", 400, "PATCH", "/api/orders/1", b"{}"),
    Ask("amends badly", 400, "PATCH", "/api/orders/1", b'{"price":"-1"}'),
    Ask("amends what is not there", 404, "PATCH", "/api/orders/999", b'{"quantity":"1.50"}'),
    Ask("cancels somebody else's", 404, "DELETE", "/api/orders/1", login="bob"),
    Ask("cancels with a body", 400, "DELETE", "/api/orders/1", b"{}"),
    Ask("cancels", 200, "DELETE", "/api/orders/1"),
    Ask("cancels again", 409, "DELETE", "/api/orders/1"),
    Ask("amends what is over", 409, "PATCH", "/api/orders/1", b'{"quantity":"1.60"}'),
    Ask("cancels what is not there", 404, "DELETE", "/api/orders/0"),
    Ask("cancels nothing that can be", 404, "DELETE", "/api/orders/9999999999999999"),
)
UNUSUAL: Final = (
    place("is too large", 413, b" " * (MAX_BODY + 1), direct=False),
    place("has a query", 400, limit(), direct=False)._replace(url="/api/orders?x=1"),
    place("ends the connection", 201, limit(), "Connection: close", direct=False),
    place("is HTTP/1.0", 201, limit(), version="1.0", direct=False),
    place("expects", 201, limit(), "Expect: 100-continue", direct=False),
    place(
        "is chunked", 201, b"%x\r\n%b\r\n0\r\n\r\n" % (len(limit()), limit()),
        "Transfer-Encoding: chunked", direct=False,
    ),
    Ask("replaces", 405, "PUT", "/api/orders", limit(), direct=False),
    Ask("looks", 200, "GET", "/api/orders", direct=False),
    Ask("asks what there is", 204, "OPTIONS", "/api/orders", direct=False),
    Ask("looks at a head", 200, "HEAD", "/api/orders", direct=False),
    Ask("names a long id", 404, "DELETE", "/api/orders/" + "9" * 17, direct=False),
    Ask("names no id", 404, "DELETE", "/api/orders/abc", direct=False),
    Ask("names half an id", 404, "DELETE", "/api/orders/1/x", direct=False),
)  # fmt: skip


class Way:
    """An exchange behind a real socket, one connection at a time."""

    def __init__(self, exchange: HttpExchange, address: tuple[str, int]) -> None:
        self.exchange = exchange
        self.address = address
        self.tokens: dict[str, str] = {}

    async def ask(self, ask: Ask) -> tuple[bytes, bytes]:
        """Return the head and the body of the answer, without what differs from run to run."""
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            writer.write(ask.raw(self.tokens))
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"HTTP/1.1 100 "):
                head += await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            size = int(length[1]) if length and ask.method != "HEAD" else 0
            body = await reader.readexactly(size)
            if b"connection: close" in head:
                assert await reader.read() == b"", "closed, as it says"
        finally:
            writer.close()
        for pattern, constant in _CHANGING:
            head, body = pattern.sub(constant, head), pattern.sub(constant, body)
        return re.sub(rb"content-length: \d+", b"content-length", head), body


@asynccontextmanager
async def served(folder: Path, protocol: type[GuardedProtocol], **more: Any) -> AsyncIterator[Way]:
    folder.mkdir()
    options: dict[str, Any] = {"cors_origins": (ORIGIN,), "max_body_bytes": MAX_BODY}
    async with http_exchange(folder, **options, **more) as exchange:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            config = uvicorn.Config(
                exchange.app, http=protocol, lifespan="off", log_config=None, server_header=False
            )
            server = uvicorn.Server(config)
            task = asyncio.create_task(server.serve(sockets=[listening]))
            await wait_until_async(lambda: server.started, what="the server")
            way = Way(exchange, listening.getsockname())
            for name in ("ann", "bob"):
                trader = await exchange.trader(name, usdc="1000", nova="1000")
                way.tokens[name] = trader.headers["authorization"]
            try:
                yield way
            finally:
                server.should_exit = True
                await task


@asynccontextmanager
async def both(folder: Path, **more: Any) -> AsyncIterator[tuple[Way, Way]]:
    """Two exchanges alike: one through ASGI, one past it."""
    async with AsyncExitStack() as stack:
        through = await stack.enter_async_context(
            served(folder / "through", GuardedProtocol, **more)
        )
        past = await stack.enter_async_context(served(folder / "past", DirectProtocol, **more))
        yield through, past


@pytest.fixture(name="direct")
def _direct(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations that were served past ASGI."""
    begun: list[str] = []
    begin = DirectCalls.begin

    def noting(self: DirectCalls, head: Head, *arguments: Any, **options: Any) -> None:
        begun.append(head.found.operation.method)
        begin(self, head, *arguments, **options)

    monkeypatch.setattr(DirectCalls, "begin", noting)
    return begun


async def test_both_ways_answer_alike(tmp_path: Path, direct: list[str]) -> None:
    """Good, bad, foreign and unusual requests, one after the other, byte for byte; each goes the way it should."""
    async with both(tmp_path) as (through, past):
        for ask in (*PLACED, *BAD, *CHANGED, *UNUSUAL):
            expected = await through.ask(ask)
            assert not direct, ask.what
            assert await past.ask(ask) == expected, ask.what
            assert direct == ([ask.method] if ask.direct else []), ask.what
            assert b" %d " % ask.status in expected[0].split(b"\r\n\r\n")[-2].split(b"\r\n")[0], (
                ask.what,
                expected,
            )
            direct.clear()


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (Unavailable("the journal: no space"), None, 503),
        (None, OutcomeUnknown("the engine is gone"), 503),
        (RuntimeError("a bug"), None, 500),
    ],
)
async def test_failures_are_told_alike(
    tmp_path: Path, direct: list[str], before: Any, after: Any, status: int
) -> None:
    """A queue that refuses, loses or breaks: same document, whichever way the request came."""
    async with both(tmp_path) as ways:
        answers = []
        for way in ways:
            way.exchange.queue.before, way.exchange.queue.after = before, after
            answers.append(await way.ask(PLACED[0]))
        assert direct == ["POST"]
        assert answers[0] == answers[1]
        assert answers[0][0].startswith(b"HTTP/1.1 %d " % status)


async def test_limits_are_the_same(tmp_path: Path, direct: list[str]) -> None:
    """Calls past ASGI are paid from the same buckets: after the burst they are refused alike."""
    limits = class_limits(address=(9, 99), account=(9, 99), logins_per_minute=1_000)
    few = Rate(1, 3_600, 4 + 3)  # deposits were paid from it, too
    limits[RouteClass.ORDERS] = ClassLimits(few, Rate(1, 3_600, 99))
    async with both(tmp_path, limits=limits) as ways:
        asked = [
            place("is a stranger's", 401, limit(), login="Bearer nobody"),
            *[place("is good", 201, limit())] * 2,
            place("is too much", 429, limit()),
            place("is a stranger's", 429, limit(), login="Bearer nobody"),
        ]
        for ask in asked:
            answers = [await way.ask(ask) for way in ways]
            assert answers[0] == answers[1]
            assert answers[0][0].startswith(b"HTTP/1.1 %d " % ask.status), answers[0]
        assert len(direct) == len(asked)


async def test_an_order_that_only_history_knows_is_found(
    tmp_path: Path, direct: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What memory cannot tell is waited for, and told as on the ordinary way."""
    async with both(tmp_path) as ways:
        answers = []
        for way in ways:
            await way.ask(place("is named", 201, NAMED))
            await way.ask(Ask("cancels", 200, "DELETE", "/api/orders/1"))
            monkeypatch.setattr(way.exchange.deps.live, "order", lambda _: None)
            monkeypatch.setattr(way.exchange.deps.live, "order_by_client_id", lambda *_: None)
            answers.append(
                [
                    await way.ask(Ask("cancels again", 409, "DELETE", "/api/orders/1")),
                    await way.ask(place("is the same again", 200, NAMED)),
                ]
            )
        assert answers[0] == answers[1]
        assert [head[9:12] for head, _ in answers[0]] == [b"409", b"200"]
        assert len(direct) == 4


async def test_a_wait_that_is_cut_short_is_told(
    tmp_path: Path, direct: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server whose patience at a stop is over cancels what is waited for: the client hears of it."""

    async def waits(*_: Any) -> None:
        await asyncio.Event().wait()

    def cut_short() -> bool:
        waiting = [task for task in asyncio.all_tasks() if "_wait_for" in repr(task.get_coro())]
        return any(task.cancel() for task in waiting)

    monkeypatch.setattr(OrderEntry, "cancel", waits)
    monkeypatch.setattr(OrderEntry, "prepare_cancel", lambda *_: None)
    async with served(tmp_path / "x", DirectProtocol) as way:
        answer = asyncio.create_task(way.ask(Ask("cancels", 500, "DELETE", "/api/orders/1")))
        await wait_until_async(cut_short, what="the wait")
        head, body = await asyncio.wait_for(answer, 30)
        assert head.startswith(b"HTTP/1.1 500 ")
        assert b'"internal_error"' in body
        assert direct == ["DELETE"]


async def test_what_is_served_past_asgi_is_counted_alike(tmp_path: Path) -> None:
    """The metric of requests knows method, route and status, whichever way was taken."""
    async with both(tmp_path) as ways:
        for way in ways:
            for ask in (PLACED[0], BAD[0], CHANGED[6], CHANGED[7]):
                await way.ask(ask)
        counted = [
            {
                tuple(sorted(sample.labels.items())): sample.value
                for metric in way.exchange.deps.registry.collect()
                for sample in metric.samples
                if sample.name == "cse_http_request_seconds_count"
            }
            for way in ways
        ]
        assert counted[0] == counted[1]
        assert sum(counted[0].values()) >= 4


async def test_shared_limits_take_the_ordinary_way(tmp_path: Path, direct: list[str]) -> None:
    """Where buckets are in Redis they have to be waited for, which is what tasks are for."""

    class Shared:
        async def take(self, charges: Any) -> tuple[int, int]:
            return -1, 0

    async with served(tmp_path / "x", DirectProtocol, shared_limits=Shared()) as way:
        head, _ = await way.ask(PLACED[0])
        assert head.startswith(b"HTTP/1.1 201 ")
        assert not direct
