"""The asyncio client's socket, against small servers that do one thing wrong each."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve

from cse_sdk import Client, FellBehind, Options, client
from cse_sdk.outbox import Event
from tests.sdk.scenarios.telling import BOOK, snapshot
from tests.waiting import wait_until_async

FAST = Options(first_pause_ms=10, longest_pause_ms=20, restart_spread_ms=10)
Handler = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """The address of a server that does this with each connection."""
    async with serve(handler, "127.0.0.1", 0) as server:
        host, port = next(iter(server.sockets)).getsockname()
        yield f"ws://{host}:{port}/ws"


async def exhaust(events: AsyncIterator[Event]) -> None:
    """Listen to the end."""
    async for event in events:
        assert event["type"]


async def exchange(connection: ServerConnection) -> None:
    """Answers everything, and has one book."""
    async for frame in connection:
        asked = json.loads(frame)
        await connection.send(json.dumps({"id": asked["id"], "ok": True}))
        if asked["op"] == "subscribe":
            await connection.send(json.dumps(snapshot()))


async def test_a_server_that_goes_away_is_come_back_to() -> None:
    """Closed with 1012 again and again: the client connects again, and is right in between."""
    states = []

    async def restarting(connection: ServerConnection) -> None:
        async for frame in connection:
            asked = json.loads(frame)
            await connection.send(json.dumps({"id": asked["id"], "ok": True}))
            if asked["op"] == "subscribe":
                await connection.send(json.dumps(snapshot()))
                await connection.close(1012, "restarts")
                return

    async with (
        serving(restarting) as url,
        Client(url, on_event=lambda event: states.append(event.get("state")), options=FAST) as one,
    ):
        one.subscribe(BOOK)
        await wait_until_async(lambda: one.counts.connections >= 4, what="the fourth time")
        assert states.count("live") >= 3


async def test_frames_that_are_no_json_change_nothing() -> None:
    """Neither text nor bytes."""

    async def babbling(connection: ServerConnection) -> None:
        for nonsense in ("{", b"\xff\xfe", "[]", '"x"', "5"):
            await connection.send(nonsense)
        await exchange(connection)

    async with serving(babbling) as url, Client(url, options=FAST) as one:
        one.subscribe(BOOK)
        await wait_until_async(lambda: one.state == "live", what="the book")
        book = one.book(BOOK, depth=1)
        assert book is not None
        assert book.bids == [("1.20", "5")]
        assert one.book("orderbook.OTHER") is None
        assert one.value(BOOK) == one.book(BOOK)


async def test_what_a_callback_raises_ends_the_client_and_is_raised() -> None:
    """Not swallowed in a task: the context and iterators of events raise it."""

    def fails(event: Event) -> None:
        if event["type"] == "data":
            raise ZeroDivisionError

    async with serving(exchange) as url:
        one = Client(url, on_event=fails, options=FAST)

        async def run() -> None:
            async with one:
                one.subscribe(BOOK)
                await exhaust(one.events())

        with pytest.raises(ZeroDivisionError):
            await run()
        assert one.state == "closed"


async def test_nothing_stays_behind() -> None:
    """After the end no task of the client runs, also when it never could connect."""
    before = asyncio.all_tasks()
    async with Client("ws://127.0.0.1:1/ws", options=FAST) as one:
        one.subscribe(BOOK)
        await wait_until_async(lambda: one.state == "connecting", what="an attempt")
    async with serving(exchange) as url, Client(url, options=FAST) as one:
        one.subscribe(BOOK)
        await wait_until_async(lambda: one.state == "live", what="the book")
        ours = asyncio.all_tasks() - before
        assert ours
    await wait_until_async(lambda: asyncio.all_tasks() == before, what="the end of its tasks")


async def test_a_listener_that_is_too_slow_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events are not kept without bound; the client itself goes on, with states that are current."""
    monkeypatch.setattr(client, "MAX_WAITING", 3)
    async with serving(exchange) as url, Client(url, options=FAST) as one:
        events = one.events()
        begun = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        one.subscribe(BOOK)
        await wait_until_async(lambda: one.state == "live", what="the book")
        one.unsubscribe(BOOK)
        one.subscribe(BOOK)
        await wait_until_async(lambda: one.state == "live", what="the book again")
        await begun
        with pytest.raises(FellBehind):
            await exhaust(events)
        assert one.state == "live"


async def test_a_token_source_that_fails_is_asked_again() -> None:
    """No network for the log-in either: asked again after a pause; None means there is none now."""
    answers = iter([OSError("no network"), None, "token"])
    sent: list[dict[str, object]] = []

    async def token() -> str | None:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    async def watching(connection: ServerConnection) -> None:
        async for frame in connection:
            sent.append(json.loads(frame))
            await connection.send(json.dumps({"id": sent[-1]["id"], "ok": True}))

    async with serving(watching) as url, Client(url, token=token, options=FAST) as one:
        one.subscribe("user.orders")
        await wait_until_async(lambda: any(m["op"] == "auth" for m in sent), what="the log-in")
        assert next(m for m in sent if m["op"] == "auth")["token"] == "token"
