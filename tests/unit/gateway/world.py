"""A gateway on ports that tests control: a queue straight into a real engine, a history of lists, a stopped clock."""

from collections.abc import Sequence
from typing import Any

import httpx

from cse.core.errors import CseError
from cse.engine.backend import new_engine
from cse.gateway.app import create_app
from cse.gateway.auth import Principal
from cse.gateway.deps import GatewayDeps, GatewayOptions
from cse.gateway.http.edge import Edge
from cse.gateway.limits import RateLimiter, class_limits
from cse.gateway.problems import edge_problem
from cse.market_data import MarketDataHub
from cse.messages import commands as c
from cse.messages.catalog import Catalog
from cse.messages.events import Applied
from cse.messages.wire import Command
from cse.projections.live import LiveAccounts
from cse.projections.views import (
    CandleView,
    FillView,
    LedgerEntry,
    OrderView,
    PageKey,
    TradeView,
)
from cse.sandbox.venue import bootstrap_commands
from cse.users.audit import MemoryAuditTrail
from tests.unit.users.authorities import MemoryRoleStore, authority_of

START_MS = 1_700_000_000_000
ANN, BOB = 1001, 1002
MARKET = "NOVA-USDC"


class StoppedClock:
    """Time stands still until a test moves it."""

    def __init__(self) -> None:
        self.time_ms = START_MS

    def now_ms(self) -> int:
        return self.time_ms


class EngineQueue:
    """A CommandQueue that applies at once and keeps the views current; `failure` is raised instead."""

    def __init__(self, catalog: Catalog, live: LiveAccounts, hub: MarketDataHub) -> None:
        self.engine = new_engine()
        self.failure: CseError | None = None
        self._views = (catalog, live, hub)
        records = list(self.engine.records())
        for view in self._views:
            view.load(records)

    async def submit(self, command: Command) -> Applied:
        return (await self.submit_batch([command]))[0]

    async def submit_batch(self, commands: Sequence[Command]) -> list[Applied]:
        if self.failure is not None:
            raise self.failure
        return [self.apply(command) for command in commands]

    def apply(self, command: Command) -> Applied:
        sequence = self.engine.sequence + 1
        time_ms = START_MS + sequence
        applied = Applied(sequence, time_ms, command, self.engine.apply(sequence, time_ms, command))
        catalog, live, hub = self._views
        for event in applied.events:
            catalog.apply(event)
        live.apply([applied])
        hub.apply([applied])
        return applied


class ListedHistory:
    """A HistoryReader over lists that a test fills; `failure` is raised by every method."""

    def __init__(self) -> None:
        self.at = 2**53
        self.failure: CseError | None = None
        self.asked = 0
        self.trade_rows: list[TradeView] = []
        self.fill_rows: list[FillView] = []
        self.candle_rows: list[CandleView] = []
        self.order_rows: list[OrderView] = []

    async def position(self) -> int:
        self.asked += 1
        self._fail()
        return self.at

    async def order(self, order_id: int) -> OrderView | None:
        self._fail()
        return next((row for row in self.order_rows if row.order_id == order_id), None)

    async def order_by_client_id(self, account_id: int, client_order_id: str) -> OrderView | None:
        self._fail()
        wanted = (account_id, client_order_id)
        rows = self.order_rows
        return next((row for row in rows if (row.account_id, row.client_order_id) == wanted), None)

    async def orders(self, account_id: int, *, limit: int, **_: Any) -> Sequence[OrderView]:
        self._fail()
        return [row for row in self.order_rows if row.account_id == account_id][:limit]

    async def order_fills(self, order_id: int) -> Sequence[FillView]:
        self._fail()
        return [row for row in self.fill_rows if row.order_id == order_id]

    async def fills(
        self, account_id: int, *, before: PageKey | None, limit: int, **_: Any
    ) -> Sequence[FillView]:
        self._fail()
        rows = [row for row in self.fill_rows if before is None or row.key < before]
        return [row for row in rows if row.account_id == account_id][:limit]

    async def orders_changed(
        self, account_id: int, *, after: PageKey, until: int, limit: int
    ) -> Sequence[OrderView]:
        self._fail()
        rows = [row for row in self.order_rows if row.account_id == account_id]
        return [row for row in rows if after.sequence < row.sequence <= until][:limit]

    async def fills_after(
        self, account_id: int, *, after: PageKey, until: int, limit: int
    ) -> Sequence[FillView]:
        self._fail()
        rows = [row for row in self.fill_rows if row.account_id == account_id]
        return [row for row in rows if row.key > after and row.sequence <= until][:limit]

    async def ledger(self, *_: Any, **__: Any) -> Sequence[LedgerEntry]:
        self._fail()
        return []

    async def trades(
        self, market_id: int, *, before: int | None, after: int | None, limit: int
    ) -> Sequence[TradeView]:
        self._fail()
        rows = sorted(self.trade_rows, key=lambda row: -row.trade_id)
        return [row for row in rows if before is None or row.trade_id < before][:limit]

    async def trades_since(self, *_: Any) -> Sequence[TradeView]:
        self._fail()
        return []

    async def candles_since(
        self, market_id: int, interval_ms: int, from_ms: int, to_ms: int, limit: int
    ) -> Sequence[CandleView]:
        self._fail()
        rows = (row for row in self.candle_rows if row.interval_ms == interval_ms)
        return [row for row in rows if from_ms <= row.open_time_ms < to_ms][:limit]

    async def candles_until(
        self, market_id: int, interval_ms: int, from_ms: int, to_ms: int, limit: int
    ) -> Sequence[CandleView]:
        found = await self.candles_since(market_id, interval_ms, from_ms, to_ms, 2**53)
        return found[-limit:]

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure


class NamedAuthenticator:
    """Takes `Bearer <account id>` at its word; `scopes` are everybody's."""

    def __init__(self) -> None:
        self.scopes = frozenset({"read", "trade"})

    def authenticate(self, authorization: str | None) -> Principal:
        name = (authorization or "").removeprefix("Bearer ")
        if not name.isdigit():
            raise edge_problem("not_authenticated")
        return Principal(int(name), int(name), f"session-{name}", self.scopes)


class World:
    """The gateway and everything behind it."""

    def __init__(self, *, limits: tuple[int, int] = (100_000, 100_000), **options: Any) -> None:
        self.clock = StoppedClock()
        self.catalog, self.live, self.hub = Catalog(), LiveAccounts(), MarketDataHub()
        self.queue = EngineQueue(self.catalog, self.live, self.hub)
        self.history = ListedHistory()
        self.authenticator = NamedAuthenticator()
        self.trail = MemoryAuditTrail()
        self.roles = MemoryRoleStore(self.trail)
        self.authority = authority_of(self.trail, self.roles, self.clock)
        for command in bootstrap_commands():
            self.queue.apply(command)
        for account_id in (ANN, BOB):
            self.queue.apply(c.OpenAccount(account_id, 0))
            for asset_id in (1, 2):
                key = b"%015d%d" % (account_id, asset_id)
                self.queue.apply(c.CreditDeposit(account_id, asset_id, 10**12, key))
        table = class_limits(address=limits, account=limits, logins_per_minute=100_000)
        self.deps = GatewayDeps(
            queue=self.queue,
            catalog=self.catalog,
            live=self.live,
            market_data=self.hub,
            history=self.history,
            users=None,  # type: ignore[arg-type]  # nobody registers here
            authenticator=self.authenticator,  # type: ignore[arg-type]  # the one method that the gateway calls
            limiter=RateLimiter(table, now_ns=lambda: self.clock.time_ms * 1_000_000),
            clock=self.clock,
            authority=self.authority,
            options=GatewayOptions(**{"history_wait_ms": 40, **options}),
        )
        self.app: Edge = create_app(self.deps)

    def client(self, account_id: int | None = ANN, **headers: str) -> httpx.AsyncClient:
        """A client of this account, or of nobody."""
        if account_id is not None:
            headers["authorization"] = f"Bearer {account_id}"
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://cse.test", headers=headers)
