"""A small exchange in memory behind a real WebSocket server: real engine, views, tokens; no database."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec
import uvicorn
from starlette.applications import Starlette

from cse.core.errors import CseError, Unavailable
from cse.entrypoints.http_protocol import GuardedProtocol
from cse.gateway.auth import Authenticator
from cse.gateway.deps import GatewayDeps
from cse.gateway.limits import ClassLimits, RateLimiter, RouteClass, class_limits
from cse.gateway.ws.assembly import gateway_websockets
from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.streams import Follower, Streams
from cse.market_data import MarketDataHub
from cse.messages.catalog import Catalog
from cse.messages.events import Applied
from cse.messages.wire import Command
from cse.projections.live import LiveAccounts
from cse.users.audit import MemoryAuditTrail
from cse.users.keys import Keys
from cse.users.model import ALL_SCOPES, Claims
from cse.users.tokens import AccessTokens
from tests.unit.projections.live.streams import ACCOUNTS, Venue
from tests.unit.users.authorities import MemoryRoleStore, authority_of
from tests.unit.users.stores import MemoryKeyStore

ALICE, BOB, CAROL = ACCOUNTS[:3]
ACCESS_MS = 900_000
SMALL_BUFFER = 4_096
"""Of the kernel, in bytes: so that a client that does not read is soon noticed."""


class VenueClock:
    """The venue's own time: it moves with its commands."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self.ahead_ms = 0

    def now_ms(self) -> int:
        return self._venue.time_ms + self.ahead_ms


class StandingTime:
    """A monotonic clock whose time passes when a test says so: a busy machine uses none of it up."""

    def __init__(self) -> None:
        self._ns = 1_000_000_000_000

    def __call__(self) -> int:
        return self._ns

    def let_pass(self, milliseconds: int) -> None:
        self._ns += milliseconds * 1_000_000


class DirectQueue:
    """Straight into the engine; listeners see a command before its submitter has the answer.

    `failure` is raised instead of applying, `lost` after it, `gate` holds commands back until it is set.
    """

    def __init__(self, venue: Venue, follower: Follower) -> None:
        self.venue = venue
        self.follower = follower
        self.failure: CseError | None = None
        self.lost: CseError | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.waiting = 0

    async def submit(self, command: Command) -> Applied:
        return (await self.submit_batch([command]))[0]

    async def submit_batch(self, commands: Sequence[Command]) -> list[Applied]:
        self.waiting += 1
        await self.gate.wait()
        self.waiting -= 1
        if self.failure is not None:
            raise self.failure
        applied = self.apply(*commands)
        if self.lost is not None:
            raise self.lost
        return applied

    def apply(self, *commands: Command) -> list[Applied]:
        """As `submit_batch`, at once: for what others do while a test listens."""
        applied = [self.venue.apply(command) for command in commands]
        self.follower.apply(applied)
        return applied


class NoHistory:
    """A database that is away."""

    async def position(self) -> int:
        raise Unavailable("there is no database here")


class WsVenue:
    """The exchange of a test; `url` once it is served."""

    def __init__(
        self,
        options: WsOptions | None = None,
        *,
        socket_bytes: int = SMALL_BUFFER,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._monotonic_ns = monotonic_ns
        self.venue = Venue()
        self.clock = VenueClock(self.venue)
        self.catalog, self.live, self.hub = Catalog(), LiveAccounts(), MarketDataHub()
        options = msgspec.structs.replace(options or WsOptions(), socket_bytes=socket_bytes)
        self.streams = Streams(self.catalog, self.live, self.hub, self.clock, options)
        self.follower = Follower(self.catalog, self.live, self.hub, self.streams)
        self.follower.load(self.venue.engine.records())
        self.queue = DirectQueue(self.venue, self.follower)
        self.follower.apply(self.venue.list_everything())
        self.revoked: set[str] = set()
        self.tokens = AccessTokens(
            Keys(MemoryKeyStore(), self.clock), self.clock, access_ms=ACCESS_MS
        )
        self.limits = class_limits(
            address=(100_000, 100_000), account=(100_000, 100_000), logins_per_minute=100
        )
        self._assemble()
        self.url = ""

    def _assemble(self) -> None:
        self.deps = self._deps()
        self.server = gateway_websockets(self.deps, self.streams)
        self.server._parts = msgspec.structs.replace(
            self.server._parts, monotonic_ns=self._monotonic_ns
        )

    def _deps(self) -> GatewayDeps:
        trail = MemoryAuditTrail()
        return GatewayDeps(
            queue=self.queue,
            catalog=self.catalog,
            live=self.live,
            market_data=self.hub,
            history=NoHistory(),  # type: ignore[arg-type]  # asked for nothing but its position
            users=None,  # type: ignore[arg-type]  # the WebSocket has no calls about people
            authenticator=Authenticator(self.tokens, self.revoked, self.clock),
            limiter=RateLimiter(self.limits, now_ns=self._monotonic_ns),
            clock=self.clock,
            authority=authority_of(trail, MemoryRoleStore(trail), self.clock),
        )

    def token(self, account_id: int, *, scopes: frozenset[str] = ALL_SCOPES) -> str:
        """An access token of this account's only session (`s1000`)."""
        expires_at = self.clock.now_ms() + ACCESS_MS
        return self.tokens.issue(
            Claims(account_id, account_id, f"s{account_id}", scopes, expires_at)
        )

    def few_orders(self, burst: int) -> None:
        """Let an account send only so many orders (before serving)."""
        tight = class_limits(address=(1_000, 1_000), account=(1, burst), logins_per_minute=1)
        self._limit(RouteClass.ORDERS, tight[RouteClass.ORDERS])

    def few_handshakes(self, burst: int) -> None:
        """Let an address connect only so many times (before serving)."""
        tight = class_limits(address=(1, burst), account=(1, burst), logins_per_minute=1)
        self._limit(RouteClass.PUBLIC, tight[RouteClass.PUBLIC])

    def _limit(self, route_class: RouteClass, limits: ClassLimits) -> None:
        self.limits[route_class] = limits
        self._monotonic_ns = StandingTime()
        self._assemble()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["WsVenue"]:
        """Serve `/ws` with uvicorn on a free port of this machine while the context is open."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            host, port = listening.getsockname()
            self.url = f"ws://{host}:{port}/ws"
            app = Starlette(routes=self.server.routes())
            app.websockets = self.server  # type: ignore[attr-defined]  # as the gateway's has
            config = uvicorn.Config(app, http=GuardedProtocol, ws="websockets-sansio", lifespan="off",
                log_config=None, timeout_graceful_shutdown=5,
            )  # fmt: skip
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            caring = asyncio.create_task(self.server.look_after())
            try:
                yield self
            finally:
                self.queue.gate.set()
                caring.cancel()
                server.should_exit = True
                await serving
                await asyncio.wait_for(self.server.drained(), 30)
