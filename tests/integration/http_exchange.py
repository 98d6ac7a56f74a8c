"""A whole exchange inside the test's process: real engine, sequencer, views, SQLite history, user service, app.

Only the journal is in memory. Requests go through the ASGI application itself; no port is opened.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.bus.memory import MemoryBus
from cse.adapters.cache.memory import MemoryCache
from cse.adapters.clock import SystemClock
from cse.adapters.sql.api_keys import SqlApiKeyStore
from cse.adapters.sql.authority import sql_authority
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.factors import SqlFactorStore
from cse.adapters.sql.history import SqlHistoryReader
from cse.adapters.sql.mail import SqlMailOutbox, SqlResetStore
from cse.adapters.sql.projection_store import SqlProjectionStore
from cse.adapters.sql.sessions import SqlSessionStore
from cse.adapters.sql.users import SqlUserStore
from cse.core.errors import CseError, Unavailable
from cse.engine.backend import new_engine
from cse.gateway.app import create_app
from cse.gateway.auth import Authenticator
from cse.gateway.concerns import served
from cse.gateway.deps import GatewayDeps, GatewayOptions
from cse.gateway.http.edge import Edge
from cse.gateway.limits import RateLimiter, RouteClass, class_limits
from cse.gateway.order_to_trade import OrderToTrade, OrderToTradeRates
from cse.gateway.ws.options import WsOptions
from cse.messages.batch import Outcome
from cse.messages.events import Applied
from cse.messages.ports import Waiter
from cse.messages.wire import Command
from cse.projections.projector import Pace, Projector
from cse.sandbox.venue import bootstrap_commands
from cse.sequencer.sequencer import Sequencer
from cse.settings import Settings
from cse.users.assembly import Assembled, MailPorts, UserOptions, UserPorts, assemble
from cse.wiring.concerns import Ground, concerns
from cse.wiring.views import Views
from tests.servers.migrated import migrated
from tests.simulation.memory import MemoryJournal
from tests.unit.gateway.ws.venue import StandingTime
from tests.unit.users.stores import MemoryKeyStore

PASSWORD = "a long pass phrase of 9 words"
MARKET = "NOVA-USDC"
_PACE = Pace(max_commands=200, max_delay_s=0.01)


class FaultyQueue:
    """The sequencer, with failures on demand: `before` instead of applying, `after` instead of answering."""

    def __init__(self, sequencer: Sequencer) -> None:
        self.sequencer = sequencer
        self.before: CseError | None = None
        self.after: CseError | None = None

    async def submit(self, command: Command) -> Applied:
        return (await self.submit_batch([command]))[0]

    async def submit_batch(self, commands: Sequence[Command]) -> Sequence[Applied]:
        if self.before is not None:
            raise self.before
        applied = await self.sequencer.submit_batch(commands)
        if self.after is not None:
            raise self.after
        return applied

    def submit_to(self, waiter: Waiter, commands: Sequence[Command]) -> None:
        if self.before is not None:
            raise self.before
        self.sequencer.submit_to(_Losing(waiter, self.after) if self.after else waiter, commands)


class _Losing:
    """Tells a waiter of a failure in place of what became of its commands."""

    def __init__(self, waiter: Waiter, error: CseError) -> None:
        self._waiter = waiter
        self._error = error
        self.done, self.set_exception = waiter.done, waiter.set_exception

    def set_result(self, _result: Outcome, /) -> None:
        self._waiter.set_exception(self._error)


class Feed:
    """What the projector reads: every batch that is applied. `held` keeps them back, as an outage would."""

    def __init__(self) -> None:
        self._batches: asyncio.Queue[Sequence[Applied]] = asyncio.Queue()
        self.open = asyncio.Event()
        self.open.set()

    def take(self, batch: Sequence[Applied]) -> None:
        self._batches.put_nowait(list(batch))

    async def __call__(self) -> AsyncIterator[Sequence[Applied]]:
        while True:
            batch = await self._batches.get()
            await self.open.wait()
            yield batch


@dataclass
class HttpExchange:
    """The exchange and everything of it that a test may want to look at or break."""

    app: Edge
    deps: GatewayDeps
    queue: FaultyQueue
    feed: Feed
    people: Assembled
    engine: AsyncEngine
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self, **headers: str) -> httpx.AsyncClient:
        """A client without a login."""
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        made = httpx.AsyncClient(transport=transport, base_url="http://cse.test", headers=headers)
        self.clients.append(made)
        return made

    async def person(self, name: str) -> httpx.AsyncClient:
        """A client that is logged in as this new person."""
        client = self.client()
        who = {"email": f"{name}@example.com", "password": PASSWORD}
        good(await client.post("/api/auth/register", json={**who, "handle": name}), 201)
        token = good(await client.post("/api/auth/login", json=who))["access_token"]
        client.headers["authorization"] = f"Bearer {token}"
        return client

    async def trader(
        self, name: str, usdc: str = "100000", nova: str = "10000"
    ) -> httpx.AsyncClient:
        """A person with play money."""
        client = await self.person(name)
        await deposit(client, "USDC", usdc)
        await deposit(client, "NOVA", nova)
        return client


@asynccontextmanager
async def http_exchange(
    folder: Path,
    *,
    limits: Mapping[RouteClass, Any] | None = None,
    shared_limits: Any = None,
    order_to_trade: OrderToTradeRates | None = None,
    settings: Settings | None = None,
    **options: Any,
) -> AsyncIterator[HttpExchange]:
    """A running exchange with the sandbox's markets; everything of it ends with the context."""
    url = f"sqlite+aiosqlite:///{folder / 'cse.db'}"
    await migrated(url)
    engine, clock = make_engine(url, durable=False, pool_size=5), SystemClock()
    sequencer = Sequencer(new_engine(), MemoryJournal(), clock)
    feed, views = Feed(), Views(clock, WsOptions())
    views.follow(sequencer)
    sequencer.attach(feed.take)
    queue = FaultyQueue(sequencer)
    for command in bootstrap_commands():
        await queue.submit(command)
    projector = Projector(
        SqlProjectionStore(engine, b"the test's venue"), list(new_engine().records()), _PACE
    )
    projecting = asyncio.create_task(projector.run(feed()))
    people = assemble(
        _user_ports(engine, queue, clock)._replace(standing=views.standing),
        UserOptions(bcrypt_cost=4),
    )
    views.end_sessions(people.service.account_endings)
    await people.service.start(0)
    ending = asyncio.create_task(people.service.account_endings.run())
    deps = GatewayDeps(
        queue=queue,
        catalog=views.catalog,
        live=views.live,
        market_data=views.market_data,
        history=SqlHistoryReader(engine),
        users=people.service,
        authenticator=Authenticator(people.tokens, people.revocations, clock),
        limiter=_limiter(limits, shared_limits),
        order_to_trade=OrderToTrade(order_to_trade, now_ns=StandingTime()),
        clock=clock,
        authority=people.service.authority,
        session_uses=people.service.session_uses,
        options=GatewayOptions(**{"history_wait_ms": 60_000, **options}),
    )
    given = _with_mail(settings or Settings(data_dir=folder))
    ground = Ground(given, engine, people.core, deps)
    deps.concerns = concerns(ground)
    await served(deps.concerns.sub_accounts).ownership.read()
    exchange = HttpExchange(create_app(deps), deps, queue, feed, people, engine)
    try:
        yield exchange
    finally:
        for client in exchange.clients:
            await client.aclose()
        projecting.cancel()
        ending.cancel()
        await asyncio.gather(projecting, ending, return_exceptions=True)
        people.service.close()
        await sequencer.close()
        await engine.dispose()


def _with_mail(settings: Settings) -> Settings:
    """Name a mail server, which is never asked: a sandbox without one shows links of letters in its log."""
    mail = settings.mail.model_copy(update={"host": "mail.invalid"})
    return settings.model_copy(update={"mail": mail})


class NoMailer:
    """Sends nothing: letters wait in the outbox."""

    async def send(self, to: str, subject: str, text: str) -> None:
        raise Unavailable("no mail server here")


def _user_ports(engine: Any, queue: FaultyQueue, clock: SystemClock) -> UserPorts:
    return UserPorts(
        users=SqlUserStore(engine),
        sessions=SqlSessionStore(engine),
        api_keys=SqlApiKeyStore(engine),
        queue=queue,
        bus=MemoryBus(),
        cache=MemoryCache(now_ms=clock.now_ms),
        keys=MemoryKeyStore(),
        clock=clock,
        authority=sql_authority(engine, clock),
        factors=SqlFactorStore(engine),
        sealing_keys=MemoryKeyStore(),
        mail=MailPorts(NoMailer(), SqlMailOutbox(engine), SqlResetStore(engine), str),
    )


def _limiter(limits: Mapping[RouteClass, Any] | None, shared: Any) -> RateLimiter:
    """Wide, or as the test wants them: then nothing comes back while it goes on, however slow the machine."""
    if limits is not None:
        return RateLimiter(limits, shared=shared, now_ns=StandingTime())
    wide = (100_000, 1_000_000)
    return RateLimiter(
        class_limits(address=wide, account=wide, logins_per_minute=100_000), shared=shared
    )


def good(answer: httpx.Response, status: int = 200) -> Any:
    """The JSON of an answer that must have this status."""
    assert answer.status_code == status, f"{answer.request.url}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


def problem(answer: httpx.Response, status: int, code: str) -> Any:
    """The problem document of an answer that must be one, whole and of this kind."""
    assert answer.status_code == status, f"{answer.request.url}: {answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["code"] == code, document
    assert document["status"] == status
    assert document["type"] == f"/api/problems/{code}"
    assert document["request_id"] == answer.headers["x-request-id"]
    assert set(document) == {
        "type",
        "title",
        "status",
        "detail",
        "code",
        "request_id",
        "retryable",
        "fields",
    }
    return document


async def deposit(client: httpx.AsyncClient, asset: str, amount: str) -> Any:
    """Play money, with a key made of what it is."""
    headers = {"idempotency-key": f"seed-{asset}-{amount}"}
    body = {"asset": asset, "amount": amount}
    return good(await client.post("/api/sandbox/deposits", json=body, headers=headers), 201)


def order(side: str, price: str | None, quantity: str | None, **more: Any) -> dict[str, Any]:
    """The body of a limit order (or what `more` makes of it)."""
    body: dict[str, Any] = {"market": MARKET, "side": side, "type": "limit"}
    if price is not None:
        body["price"] = price
    if quantity is not None:
        body["quantity"] = quantity
    return {**body, **more}


async def place(
    client: httpx.AsyncClient, side: str, price: str, quantity: str, **more: Any
) -> dict[str, Any]:
    """A limit order that must be accepted; its answer."""
    made: dict[str, Any] = good(
        await client.post("/api/orders", json=order(side, price, quantity, **more)), 201
    )
    return made
