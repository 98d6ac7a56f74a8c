"""From sending an order to the event that it causes, over the WebSocket; beside a bare echo of the same bytes."""

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from benches.exchange import Exchange, free_port, order
from benches.open_loop import percentile
from benches.report import Figure

Step = Callable[[int], Awaitable[None]]


def run(*, quick: bool) -> list[Figure]:
    """Measure one order in flight at a time, in turns with the echo."""
    count = 100 if quick else 3_000
    with Exchange() as exchange:
        token = exchange.trader()
        return uvloop.run(_measure(exchange, token, count))


async def _measure(exchange: Exchange, token: str, count: int) -> list[Figure]:
    url = f"ws://127.0.0.1:{exchange.port}/ws"
    async with connect(url) as sender, connect(url) as watcher, _echo() as echo:
        await _ask(sender, {"op": "auth", "token": token.removeprefix("Bearer "), "id": 1})
        await _ask(watcher, {"op": "subscribe", "channels": ["orderbook.NOVA-USDC"], "id": 1})
        await _until(watcher, lambda message: message.get("type") == "snapshot")

        async def to_book(n: int) -> None:
            await sender.send(_placing(n))
            await _until(watcher, lambda message: message.get("type") == "update")

        async def to_answer(n: int) -> None:
            await sender.send(_placing(n))
            await _until(sender, lambda message: message.get("id") == 7)

        async def to_echo(n: int) -> None:
            await echo.send(_placing(n))
            await echo.recv()

        book = await _times(to_book, count)
        await _drain(sender)
        answer = await _times(to_answer, count)
        bare = await _times(to_echo, count)
    return _figures("order to book update at another client", book, bare) + _figures(
        "order to its answer", answer, bare
    )


def _placing(n: int) -> str:
    """Return a resting sell or the buy that takes it, so that each changes the book and it stays small."""
    return json.dumps({"op": "order.place", "id": 7, **order("sell" if n % 2 == 0 else "buy")})


def _figures(name: str, values: list[float], bare: list[float]) -> list[Figure]:
    return [
        Figure(
            f"WebSocket, {name}, p{share * 100:g}",
            percentile(values, share) * 1e3,
            "ms",
            "bare echo of the same bytes",
            percentile(bare, share) * 1e3,
            note=f"{len(values):,} orders, one in flight, mean {statistics.mean(values) * 1e3:.2f} ms",
        )
        for share in (0.5, 0.99)
    ]


async def _times(step: Step, count: int) -> list[float]:
    found = []
    for n in range(count):
        started = time.perf_counter()
        await step(n)
        found.append(time.perf_counter() - started)
    return found


async def _ask(connection: ClientConnection, request: dict[str, Any]) -> None:
    await connection.send(json.dumps(request))
    answer = await _until(connection, lambda message: message.get("id") == request["id"])
    if not answer.get("ok"):
        raise RuntimeError(f"{request['op']} was refused: {answer}")


async def _until(
    connection: ClientConnection, wanted: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            message: dict[str, Any] = json.loads(await connection.recv())
            if wanted(message):
                return message


async def _drain(connection: ClientConnection) -> None:
    """Read what has come in meanwhile."""
    await connection.send(json.dumps({"op": "ping", "id": "drain"}))
    await _until(connection, lambda message: message.get("id") == "drain")


@asynccontextmanager
async def _echo() -> AsyncIterator[ClientConnection]:
    async def handler(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    port = free_port()
    async with serve(handler, "127.0.0.1", port), connect(f"ws://127.0.0.1:{port}") as client:
        yield client
