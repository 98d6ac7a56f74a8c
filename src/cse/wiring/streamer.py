"""A streamer: channels from Redis, tokens checked with the key ring, orders sent on to a gateway."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, NamedTuple

import structlog
from prometheus_client import CollectorRegistry, Gauge, ProcessCollector
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.keys.file import FileKeyStore
from cse.adapters.sql.sessions import SqlSessionStore
from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.gateway.auth import Authenticator
from cse.gateway.client_address import ClientAddresses
from cse.gateway.deps import Dependency, HealthCheck
from cse.gateway.limits import RateLimiter
from cse.gateway.relay.app import streamer_app
from cse.gateway.relay.relay import Relay
from cse.gateway.relay.tunnel import Tunnel
from cse.gateway.ws.server import WebSocketServer
from cse.gateway.ws.session import SessionParts
from cse.settings import Settings
from cse.users.errors import DamagedKeys
from cse.users.keys import RELOAD_MS, Keys
from cse.users.revocations import Revocations
from cse.users.tokens import AccessTokens
from cse.wiring.background import Background
from cse.wiring.database import open_database
from cse.wiring.health import health_checks
from cse.wiring.places import key_ring
from cse.wiring.shared import Shared, shared_parts
from cse.wiring.websockets import route_limits, websocket_options

log: Final = structlog.get_logger(__name__)


class Streamer(NamedTuple):
    """A streamer that is ready to serve."""

    app: Any
    """The ASGI application."""
    websockets: WebSocketServer
    relay: Relay


@asynccontextmanager
async def running_streamer(settings: Settings, clock: Clock) -> AsyncIterator[Streamer]:
    """Relay what the exchange publishes while the context is open. Redis must be configured.

    The database is asked for nothing but ended sessions; while it is away those of other processes still come
    over Redis.

    Raises:
        DamagedKeys: the key ring in the data directory cannot be used.
        SchemaMismatch: the database was migrated by newer software.
    """
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(shared_parts(settings))
        background = await stack.enter_async_context(Background())
        engine = await stack.enter_async_context(open_database(settings, background))
        stack.push_async_callback(background.stop)  # before the database goes
        relay, registry = Relay(shared.bus, shared.cache), CollectorRegistry()
        authenticator = _authenticator(settings, engine, shared, clock, background)
        websockets = WebSocketServer(
            relay,
            SessionParts(
                authenticator,
                Tunnel(settings.streamer_gateway),
                clock,
                websocket_options(settings),
                time.monotonic_ns,
            ),
            RateLimiter(route_limits(settings), shared=shared.buckets),
            ClientAddresses(settings.http.trusted_proxies),
            settings.http.cors_origins,
            registry,
        )
        background.start("relay", relay.run)
        background.start("websockets", websockets.look_after)
        _count(registry, relay)
        checks = {**health_checks(engine, shared, background), "exchange": _exchange(relay)}
        yield Streamer(streamer_app(websockets, relay, checks, registry), websockets, relay)


def _authenticator(
    settings: Settings, engine: AsyncEngine, shared: Shared, clock: Clock, background: Background
) -> Authenticator:
    """Check tokens as a gateway does, without anything that could make one."""
    access_ms = settings.tokens.access_seconds * 1_000
    keys = Keys(FileKeyStore(key_ring(settings)), clock)
    tokens = AccessTokens(keys, clock, access_ms=access_ms)
    revocations = Revocations(SqlSessionStore(engine), shared.bus, clock, access_ms=access_ms)
    background.start("revocations", revocations.run)
    background.start("key ring", lambda: _read_keys(keys))
    return Authenticator(tokens, revocations, clock)


async def _read_keys(keys: Keys) -> None:
    while True:
        await asyncio.sleep(RELOAD_MS / 1_000)
        try:
            keys.reload()
        except (Unavailable, DamagedKeys) as error:
            log.warning("key_ring_not_read", error=str(error))


def _exchange(relay: Relay) -> HealthCheck:
    async def check() -> Dependency:
        if not relay.hears:
            return Dependency(ok=False, detail="nothing is heard of the exchange over Redis")
        if not relay.knows_markets:
            return Dependency(ok=False, detail="the exchange has not told its markets yet")
        return Dependency(ok=True)

    return check


def _count(registry: CollectorRegistry, relay: Relay) -> None:
    ProcessCollector(registry=registry)
    gauges = {
        ("cse_streamer_channels", "Channels that are relayed"): lambda: len(relay),
        ("cse_streamer_relayed_messages", "Messages taken from Redis since the start"): (
            lambda: relay.relayed
        ),
        ("cse_streamer_hears_exchange", "1: the exchange was heard a moment ago"): (
            lambda: relay.hears
        ),
    }
    for (name, text), read in gauges.items():
        Gauge(name, text, registry=registry).set_function(read)
