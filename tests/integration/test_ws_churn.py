"""Clients that come and go: nothing of them stays, in objects, counts and bytes."""

import asyncio
import gc
import json
import multiprocessing
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median

import pytest
import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from cse.entrypoints.websockets import Socket
from cse.gateway.ws.connection import Connection
from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.session import Session
from cse.messages import commands as c
from cse.messages.wire import Side
from tests.unit.gateway.ws.client import client
from tests.unit.gateway.ws.venue import ALICE, WsVenue
from tests.unit.projections.live.streams import place
from tests.waiting import wait_until_async

CHANNELS = [
    "orderbook.GOLD-USD1", "trades.GOLD-USD1", "ticker.GOLD-USD2", "candles.GOLD-USD1.1m",
    "orderbook.GOLD-USD1.10@100ms", "orderbook.GOLD-USD2.step=0.01", "bbo.GOLD-USD1", "tickers",
]  # fmt: skip
SOAK_S = 600
AT_ONCE = 200
GROWTH = 1.05
MOVE_S = 0.005


def left_over(kind: type) -> int:
    """How many objects of a kind there are."""
    gc.collect()
    return sum(1 for each in gc.get_objects() if isinstance(each, kind))


async def test_nothing_stays_of_clients_that_have_gone() -> None:
    """Goodbyes, cuts and refused handshakes: no object, no count and no channel is left of 60 clients."""
    options = WsOptions(address_connections=50)
    async with WsVenue(options).serve() as venue:
        dice = random.Random(4)
        for _ in range(3):
            async with asyncio.TaskGroup() as tasks:
                for _ in range(20):
                    tasks.create_task(visit(venue.url, venue.token(ALICE), dice))
        await wait_until_async(lambda: not len(venue.server), what="all of them to be gone")
        quotas = venue.server._quotas
        assert not quotas.connections
        assert not quotas.subscriptions
        assert not venue.streams._channels
        for kind in (Connection, Session, Socket):
            await wait_until_async(lambda kind=kind: not left_over(kind), what=f"no {kind} is left")


async def visit(url: str, token: str | None, dice: random.Random) -> None:
    """Connect, subscribe to this and that, listen a little, and go, politely or not."""
    async with client(url, token if dice.random() < 0.5 else None) as one:
        await one.ask("subscribe", channels=dice.sample(CHANNELS, 3))
        if dice.random() < 0.5:
            one.socket.transport.abort()


@pytest.mark.soak
@pytest.mark.timeout(SOAK_S + 120)
def test_memory_stays_flat_while_clients_come_and_go() -> None:
    """Ten minutes of 200 clients at any time, each staying a moment: resident memory ends where it was
    after the first minute, within 5 %.
    """
    with served_elsewhere() as (url, pid):
        samples = asyncio.run(churn(url, pid))
    early, late = samples[len(samples) // 10 : len(samples) // 5], samples[-len(samples) // 10 :]
    assert median(late) <= GROWTH * median(early), f"{early[0]} ... {late[-1]} bytes"


async def churn(url: str, pid: int) -> list[int]:
    """Keep clients coming and going; return the server's memory, a sample a second."""
    loop = asyncio.get_running_loop()
    ends_at, samples = loop.time() + SOAK_S, []

    async def come_and_go(seed: int) -> None:
        dice = random.Random(seed)
        while loop.time() < ends_at:
            with suppress(ConnectionClosed, OSError):
                async with connect(url, compression=None) as socket:
                    names = dice.sample(CHANNELS, 3)
                    await socket.send(json.dumps({"op": "subscribe", "channels": names}))
                    await listen(socket, dice.random())

    clients = {asyncio.create_task(come_and_go(seed)) for seed in range(AT_ONCE)}
    while clients:
        samples.append(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4_096)
        done, clients = await asyncio.wait(clients, timeout=1)
        for each in done:
            each.result()
    return samples


async def listen(socket: ClientConnection, seconds: float) -> None:
    """Read what comes for a while."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                await socket.recv()


@contextmanager
def served_elsewhere() -> Iterator[tuple[str, int]]:
    """A venue whose book moves all the time, in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,))
    process.start()
    try:
        yield ours.recv(), process.pid or 0
    finally:
        process.kill()
        process.join()


def _serve(pipe: Pipe) -> None:
    uvloop.run(_serve_for_ever(pipe))


async def _serve_for_ever(pipe: Pipe) -> None:
    async with WsVenue().serve() as venue:
        pipe.send(venue.url)
        (placed,) = venue.queue.apply(place(ALICE, Side.BUY, 900, 1))
        order_id, price = placed.events[0].order_id, 900  # type: ignore[attr-defined]  # it was accepted

        def move() -> None:
            nonlocal price
            price = 900 + (price + 1) % 50
            venue.queue.apply(c.AmendOrder(ALICE, order_id, "", price, 0, 1))
            loop.call_later(MOVE_S, move)

        loop = asyncio.get_running_loop()
        move()
        await loop.create_future()  # until the process is killed
