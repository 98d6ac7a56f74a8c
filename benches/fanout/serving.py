"""The servers: the exchange's own around a real engine, publisher and streamer apart, or picows alone."""

import asyncio
import gc
import random
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import structlog
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server
from starlette.applications import Starlette

from benches.fanout.stamps import open_stamps
from benches.fanout.talk import Message, on_line, options, tell
from cse.adapters.bus.redis import RedisBus
from cse.adapters.cache.redis import RedisCache
from cse.adapters.cache.redis_client import RedisClient
from cse.engine.backend import new_engine
from cse.entrypoints.web import WebServer
from cse.gateway.client_address import ClientAddresses
from cse.gateway.limits import RateLimiter, class_limits
from cse.gateway.relay.publisher import Publisher
from cse.gateway.relay.relay import Relay
from cse.gateway.ws.channel import ChannelSource
from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.server import WebSocketServer
from cse.gateway.ws.session import SessionParts
from cse.gateway.ws.streams import Follower, Streams
from cse.market_data import MarketDataHub
from cse.messages import commands as c
from cse.messages.catalog import Catalog
from cse.messages.events import Applied
from cse.messages.wire import Command, OrderType, SelfTradePrevention, Side, TimeInForce
from cse.projections.live import LiveAccounts
from cse.sandbox.venue import bootstrap_commands
from cse.settings import Settings

_MAKER = 1_000
_MARKET = 1
_LEVELS = 50
_UNLIMITED = 10**9


class Clock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class Market:
    """An engine with one market whose book changes on demand: one level per command."""

    def __init__(self, stamps: memoryview, options: WsOptions) -> None:
        self.catalog, self.live, self.hub = Catalog(), LiveAccounts(), MarketDataHub()
        self.clock = Clock()
        self.streams = Streams(self.catalog, self.live, self.hub, self.clock, options)
        self.follower = Follower(self.catalog, self.live, self.hub, self.streams)
        self.engine = new_engine()
        self._stamps = stamps
        self._dice = random.Random(1)
        self._resting: list[int] = []
        self.follower.load(self.engine.records())
        for command in bootstrap_commands():
            self.apply(command)
        self.apply(c.OpenAccount(_MAKER, 0))
        market = self.catalog.markets[_MARKET]
        self._price = market.reference_price
        for asset in (market.base.asset_id, market.quote.asset_id):
            self.apply(c.CreditDeposit(_MAKER, asset, 10**15, asset.to_bytes(16)))
        for n in range(_LEVELS):
            self.apply(self._order(Side.BUY, n))
            self.apply(self._order(Side.SELL, n))

    def apply(self, command: Command) -> Applied:
        sequence = self.engine.sequence + 1
        now_ms = max(self.engine.time_ms, self.clock.now_ms())
        self._stamps[sequence] = time.monotonic_ns()
        events = self.engine.apply(sequence, now_ms, command)
        applied = Applied(sequence, now_ms, command, events)
        self.follower.apply([applied])
        return applied

    def change(self) -> None:
        """Change one level of the book."""
        if len(self._resting) >= 40:
            order_id = self._resting.pop(self._dice.randrange(len(self._resting)))
            self.apply(c.CancelOrder(_MAKER, order_id, ""))
            return
        side = self._dice.choice((Side.BUY, Side.SELL))
        applied = self.apply(self._order(side, self._dice.randrange(20)))
        self._resting.append(applied.events[0].order_id)  # type: ignore[attr-defined]  # it was accepted

    def _order(self, side: Side, away: int) -> c.PlaceOrder:
        price = self._price - 1 - away if side is Side.BUY else self._price + 1 + away
        return c.PlaceOrder(
            account_id=_MAKER, market_id=_MARKET, side=side, type=OrderType.LIMIT,
            time_in_force=TimeInForce.GTC, stp=SelfTradePrevention.EXPIRE_MAKER, post_only=False,
            price=price, trigger_price=0, quantity=1_000, quote_quantity=0, expires_at=0,
            client_order_id="",
        )  # fmt: skip


def ws_options(given: Message) -> WsOptions:
    """Return limits that let the load through."""
    return WsOptions(
        max_connections=20_000, address_connections=20_000, address_subscriptions=_UNLIMITED,
        address_messages=1_000_000, compression=given.get("compression", False),
    )  # fmt: skip


def websockets(source: ChannelSource, options: WsOptions) -> WebSocketServer:
    """Return our server for a source of channels; nobody logs in."""
    parts = SessionParts(None, None, Clock(), options, time.monotonic_ns)  # type: ignore[arg-type]  # as said
    limits = class_limits(address=(_UNLIMITED, _UNLIMITED), account=(1, 1), logins_per_minute=1)
    return WebSocketServer(source, parts, RateLimiter(limits), ClientAddresses())


async def serve(server: WebSocketServer, bound: socket.socket) -> WebServer:
    """Serve `/ws` as the exchange does."""
    app = Starlette()
    app.websockets = server  # type: ignore[attr-defined]  # as the gateway's application has
    web = WebServer(app, bound, Settings())
    await web.start()
    return web


async def change(market: Market, per_second: int, seconds: float) -> Message:
    """Change the book at a rate."""
    cpu, began, done = time.process_time(), time.perf_counter(), 0
    while (now := time.perf_counter() - began) < seconds:
        due = int(now * per_second)
        while done < due:
            market.change()
            done += 1
        next_s = (done + 1) / per_second - (time.perf_counter() - began)
        await asyncio.sleep(max(0.0, next_s))
    used = time.process_time() - cpu
    return {"changes": done, "cpu_s": used, "seconds": time.perf_counter() - began}


async def idle(seconds: float) -> Message:
    """Let others work."""
    cpu = time.process_time()
    await asyncio.sleep(seconds)
    return {"cpu_s": time.process_time() - cpu, "seconds": seconds}


class Exchange:
    """Our server around a market."""

    def __init__(self, given: Message) -> None:
        options = ws_options(given)
        self.market = Market(open_stamps(given["stamps"]), options)
        self._server = websockets(self.market.streams, options)

    async def serve(self, bound: socket.socket) -> None:
        self._web = await serve(self._server, bound)

    async def run(self, per_second: int, seconds: float) -> Message:
        return await change(self.market, per_second, seconds)


class Publishing:
    """A market whose channels are published for streamers; nobody connects here."""

    def __init__(self, given: Message) -> None:
        self.market = Market(open_stamps(given["stamps"]), ws_options(given))
        client = RedisClient(given["redis"])
        self._publisher = Publisher(
            self.market.streams, self.market.catalog, RedisBus(client), RedisCache(client)
        )

    async def serve(self, _bound: socket.socket) -> None:
        self._task = asyncio.create_task(self._publisher.run())

    async def run(self, per_second: int, seconds: float) -> Message:
        return await change(self.market, per_second, seconds)


class Streaming:
    """A streamer: relays what is published."""

    def __init__(self, given: Message) -> None:
        client = RedisClient(given["redis"])
        self._relay = Relay(RedisBus(client), RedisCache(client))
        self._server = websockets(self._relay, ws_options(given))

    async def serve(self, bound: socket.socket) -> None:
        self._task = asyncio.create_task(self._relay.run())
        while not self._relay.knows_markets:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.05)
        self._web = await serve(self._server, bound)

    async def run(self, _per_second: int, seconds: float) -> Message:
        return await idle(seconds)


class Echo(WSListener):
    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        transport.send(WSMsgType.TEXT, frame.get_payload_as_memoryview())


class Bare:
    """picows alone: echoes, or sends everybody the same bytes."""

    def __init__(self) -> None:
        self.transports: list[WSTransport] = []

    async def serve(self, bound: socket.socket) -> None:
        bare = self

        class Told(Echo):
            def on_ws_connected(self, transport: WSTransport) -> None:
                bare.transports.append(transport)

        await ws_create_server(lambda _: Told(), sock=bound, enable_auto_ping=False)

    async def run(self, _per_second: int, seconds: float) -> Message:
        return await idle(seconds)


KINDS: Final[dict[str, Callable[[Message], Any]]] = {
    "exchange": Exchange,
    "publisher": Publishing,
    "streamer": Streaming,
    "bare": lambda _: Bare(),
}


def rss_bytes() -> int:
    """Return the resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4_096


async def main() -> None:
    given = options()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    bound = socket.create_server(("127.0.0.1", 0), backlog=4_096)
    server = KINDS[given["kind"]](given)
    await server.serve(bound)
    loop, tasks = asyncio.get_running_loop(), []
    gc.collect()
    gc.freeze()

    async def run(asked: Message) -> None:
        tell(**await server.run(asked.get("per_second", 0), asked["seconds"]))

    def take(asked: Message) -> None:
        if asked["do"] == "run":
            tasks.append(loop.create_task(run(asked)))
        elif asked["do"] == "rss":
            gc.collect()
            tell(rss=rss_bytes())

    loop.add_reader(sys.stdin.fileno(), on_line(take))
    tell(url=f"ws://127.0.0.1:{bound.getsockname()[1]}/ws")
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
