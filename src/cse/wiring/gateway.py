"""The gateway: views, user service, limits, history and the HTTP application around them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.mail.mailbox import Mailbox
from cse.adapters.sql.history import SqlHistoryReader
from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.gateway.app import create_app
from cse.gateway.auth import Authenticator
from cse.gateway.client_address import ClientAddresses
from cse.gateway.concerns import served
from cse.gateway.deps import GatewayDeps, GatewayOptions, HealthCheck
from cse.gateway.entry.desk import Desk
from cse.gateway.entry.websocket import EntrySocket
from cse.gateway.http.app_files import BUILT_APP
from cse.gateway.http.mailbox_page import mailbox_routes
from cse.gateway.limits import RateLimiter
from cse.gateway.order_to_trade import OrderToTrade
from cse.gateway.ws.assembly import gateway_websockets
from cse.gateway.ws.server import WebSocketServer
from cse.messages.ports import CommandQueue, EventFeed
from cse.settings import Settings
from cse.users.assembly import Assembled
from cse.wiring.background import Background
from cse.wiring.concerns import Ground, concerns
from cse.wiring.database import open_database
from cse.wiring.health import health_checks
from cse.wiring.market_seed import seed_market_data
from cse.wiring.order_entry import FrameDoor, order_to_trade_rates, running_desk
from cse.wiring.people import user_service
from cse.wiring.places import mailbox_file
from cse.wiring.publishing import follow_for_streamers
from cse.wiring.shared import Shared, shared_parts
from cse.wiring.views import Views
from cse.wiring.websockets import route_limits, websocket_options

log = structlog.get_logger(__name__)


class Door(CommandQueue, EventFeed, Protocol):
    """The engine as a gateway sees it: commands in, events out."""


class Gateway(NamedTuple):
    """A gateway that is ready to serve."""

    app: Any
    """The ASGI application."""
    deps: GatewayDeps
    websockets: WebSocketServer
    views: Views
    people: Assembled
    engine: AsyncEngine
    desk: Desk | None
    """Binary order entry, where it is served."""


@asynccontextmanager
async def running_gateway(
    settings: Settings,
    door: Door,
    clock: Clock,
    health: Mapping[str, HealthCheck],
    frames: FrameDoor | None = None,
) -> AsyncIterator[Gateway]:
    """Follow the engine and keep everything that the gateway needs running while the context is open.

    With `frames`, the door of an engine in this process, it serves binary order entry, too, and publishes
    for streamers where Redis is configured.

    Migrates the database; while that is out of reach, calls that need it answer 503.

    Raises:
        SchemaMismatch: the database was migrated by newer software.
    """
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(shared_parts(settings))
        background = await stack.enter_async_context(Background())
        engine = await stack.enter_async_context(open_database(settings, background))
        stack.push_async_callback(background.stop)  # before the database goes
        views = Views(clock, websocket_options(settings))
        views.follow(door)
        people = user_service(settings, engine, door, shared, clock, views.standing)
        views.end_sessions(people.service.account_endings)
        stack.callback(people.service.close)
        deps = _deps(settings, door, clock, views, people, shared, engine)
        deps.concerns = concerns(Ground(settings, engine, people.core, deps))
        deps.health = {**health_checks(engine, shared, background), **health}
        await _open_registration(people, views)
        background.start("users", people.service.run)
        background.start("closures", served(deps.concerns.closures).run)
        background.start("notices", served(deps.concerns.teller).run)
        background.start("approvals", served(deps.concerns.approvals).run)
        background.start("sub-accounts", served(deps.concerns.sub_accounts).run)
        background.start("identity checks", served(deps.concerns.identity_checks).run)
        background.start("registrations", served(deps.concerns.registration).run)
        if frames is not None and shared.in_redis:
            follow_for_streamers(views, deps.history, shared, background, deps.registry)
        else:
            background.start("market data", lambda: seed_market_data(views, deps.history))
        websockets = gateway_websockets(deps, views.streams)
        background.start("websockets", websockets.look_after)
        routes: list[Any] = []
        desk = None
        if frames is not None and settings.entry.enabled:
            keys = people.service.api_keys
            desk = await stack.enter_async_context(
                running_desk(settings, frames, keys, clock, deps.order_to_trade)
            )
            desk.submits.may_trade = deps.order_entry.may_trade
            routes = EntrySocket(desk, deps.addresses, settings.http.cors_origins).routes()
        if settings.sandbox and not settings.mail.host:
            routes += mailbox_routes(Mailbox(mailbox_file(settings)).letters)
        app = create_app(deps, routes=routes, websockets=websockets)
        yield Gateway(app, deps, websockets, views, people, engine, desk)


async def _open_registration(people: Assembled, views: Views) -> None:
    try:
        await people.service.start(views.highest_account_id)
    except Unavailable as error:
        log.warning("registration_opens_later", reason=str(error))  # `run` goes on trying


def _deps(
    settings: Settings,
    door: Door,
    clock: Clock,
    views: Views,
    people: Assembled,
    shared: Shared,
    engine: AsyncEngine,
) -> GatewayDeps:
    http = settings.http
    return GatewayDeps(
        queue=door,
        catalog=views.catalog,
        live=views.live,
        market_data=views.market_data,
        history=SqlHistoryReader(engine),
        users=people.service,
        authenticator=Authenticator(people.tokens, people.revocations, clock),
        limiter=RateLimiter(route_limits(settings), shared=shared.buckets),
        order_to_trade=OrderToTrade(order_to_trade_rates(settings)),
        clock=clock,
        authority=people.service.authority,
        session_uses=people.service.session_uses,
        addresses=ClientAddresses(http.trusted_proxies),
        shared_cache=shared.cache if shared.in_redis else None,
        options=GatewayOptions(
            sandbox=settings.sandbox,
            max_body_bytes=http.max_body_bytes,
            cors_origins=http.cors_origins,
            history_wait_ms=http.history_wait_ms,
            staff_second_factor=settings.staff_second_factor,
            public_url=settings.public_url,
            web_app=BUILT_APP,
        ),
    )
