"""Everything the gateway is given; whoever builds one (wiring, tests) fills this in."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry

from cse.core.clock import Clock
from cse.gateway.acting import ActingAccounts
from cse.gateway.auth import Authenticator
from cse.gateway.client_address import ClientAddresses
from cse.gateway.concerns import Concerns
from cse.gateway.history_gate import HistoryGate, patient_gate
from cse.gateway.indicators.reading import Candles
from cse.gateway.indicators.service import IndicatorService
from cse.gateway.limits import RateLimiter
from cse.gateway.market_history import MarketHistory
from cse.gateway.order_entry import OrderEntry
from cse.gateway.order_lookup import OrderLookup
from cse.gateway.order_to_trade import OrderToTrade
from cse.gateway.seen_signatures import SeenSignatures
from cse.gateway.signed import SignedRequests
from cse.market_data import MarketDataHub
from cse.messages.catalog import Catalog
from cse.messages.ports import CommandQueue
from cse.projections.live import LiveAccounts
from cse.projections.ports import HistoryReader
from cse.users.authority_parts import Authority
from cse.users.ports import Cache
from cse.users.service import UserService
from cse.users.session_uses import SessionUses


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """The gateway's own settings (cse.settings says what each means)."""

    sandbox: bool = True
    max_body_bytes: int = 262_144
    cors_origins: tuple[str, ...] = ()
    history_wait_ms: int = 1_000
    staff_second_factor: bool = False
    """Whether staff needs a second factor for every call but the kill switch."""
    public_url: str = ""
    """Where browsers find the web app, such as https://exchange.example; empty: where they say (Host)."""
    web_app: Path | None = None
    """Where the built web app is (`http.app_files.BUILT_APP`); without it, or None: plain pages."""


class Dependency(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one thing that the gateway needs is doing."""

    ok: bool
    required: bool = True
    """False: without it some calls answer 503, trading goes on."""
    detail: str = ""
    lag: int | None = None
    """Commands that a projection has yet to take in."""


HealthCheck = Callable[[], Awaitable[Dependency]]
"""Asks one dependency how it is; must not raise, and answers within a second."""


@dataclass(slots=True)
class GatewayDeps:
    """What the gateway works with. The views are kept current by their owner before answers resolve."""

    queue: CommandQueue
    catalog: Catalog
    live: LiveAccounts
    market_data: MarketDataHub
    history: HistoryReader
    users: UserService
    authenticator: Authenticator
    limiter: RateLimiter
    clock: Clock
    authority: Authority
    addresses: ClientAddresses = field(default_factory=ClientAddresses)
    options: GatewayOptions = field(default_factory=GatewayOptions)
    health: Mapping[str, HealthCheck] = field(default_factory=dict)
    """More checks by name (queue, database, redis, ...); how far history lags is asked by the gateway."""
    shared_cache: Cache | None = None
    """What all gateways share, where there are several; None: there is no other."""
    session_uses: SessionUses | None = None
    """Is told which sessions are used; None: nobody wants to know."""
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    """What GET /metrics shows; whoever has something to count registers here."""
    concerns: Concerns = field(default_factory=Concerns)
    """What is served about people besides."""
    order_to_trade: OrderToTrade = field(default_factory=OrderToTrade)
    """Counts what comes in by any way of this process; trades are told to it."""
    gate: HistoryGate = field(init=False)
    lookup: OrderLookup = field(init=False)
    order_entry: OrderEntry = field(init=False)
    indicators: IndicatorService = field(init=False)
    signed: SignedRequests = field(init=False)

    @property
    def accounts(self) -> ActingAccounts:
        """Whose account is whose."""
        sub_accounts = self.concerns.sub_accounts
        return ActingAccounts(sub_accounts.ownership if sub_accounts else None)

    def __post_init__(self) -> None:
        """Make the parts that several surfaces share."""
        self.live.watch_trades(self.order_to_trade.traded)
        self.gate = patient_gate(self.history, self.options.history_wait_ms)
        self.lookup = OrderLookup(self.live, self.history, self.gate)
        self.order_entry = OrderEntry(
            self.queue, self.catalog, self.live, self.lookup, self.order_to_trade
        )
        candles = Candles(MarketHistory(self.market_data, self.history, self.gate))
        seen = SeenSignatures(self.clock, self.shared_cache)
        self.signed = SignedRequests(lambda: self.users.api_keys, seen, self.clock)
        self.indicators = IndicatorService(self.market_data, self.clock, candles)
