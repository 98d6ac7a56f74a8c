"""Binary order entry on the sequencer of this process, with native checks where the native module is used."""

import resource
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, Protocol

from cse.adapters.sql.api_keys import SqlApiKeyStore
from cse.core.clock import Clock
from cse.engine.backend import native_module
from cse.gateway.entry.counting import counting_trades
from cse.gateway.entry.desk import Desk
from cse.gateway.entry.keys import Keys
from cse.gateway.entry.options import MAX_COMMANDS, EntryOptions
from cse.gateway.entry.tools import PythonTools
from cse.gateway.order_to_trade import OrderToTrade, OrderToTradeRates
from cse.messages.ports import EventFeed, FrameQueue, Listener
from cse.settings import Settings
from cse.users.api_keys import ApiKeys
from cse.wiring.background import Background
from cse.wiring.database import open_database
from cse.wiring.shared import shared_parts

RESERVED_SHARE: Final = 32
"""Of the files that the process may open, connections of order entry never get more than one part in so many:
a quarter of what HTTP leaves to the journal, the database and snapshots.
"""


class FrameDoor(FrameQueue, EventFeed, Protocol):
    """The engine of this process as order entry sees it."""

    def detach(self, listener: Listener) -> None:
        """Forget a listener."""
        ...


@asynccontextmanager
async def running_desk(
    settings: Settings,
    door: FrameDoor,
    keys: Keys,
    clock: Clock,
    order_to_trade: OrderToTrade | None = None,
) -> AsyncIterator[Desk]:
    """Serve sessions while the context is open; then answer what is under way and end them all.

    Whoever listens for clients hands them to the desk, and stops listening before. Without an `order_to_trade` of a
    gateway in this process it counts orders itself, and reads the trades out of what the engine tells.
    """
    tools = native_module(settings.engine) or PythonTools()
    own = None if order_to_trade else OrderToTrade(order_to_trade_rates(settings))
    desk = Desk(door, keys, clock, _options(settings), tools, order_to_trade or own)
    listen = desk.submits.listen if own is None else counting_trades(own, desk.submits.listen)
    desk.start_from(door.attach(listen))
    try:
        yield desk
    finally:
        await desk.close()
        door.detach(listen)


@asynccontextmanager
async def running_keys(settings: Settings, clock: Clock) -> AsyncIterator[ApiKeys]:
    """Look up API keys in the configured database, for a process that has no user service.

    While the database is away, nobody new can log in.

    Raises:
        SchemaMismatch: the database was migrated by newer software.
    """
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(shared_parts(settings))
        background = await stack.enter_async_context(Background())
        engine = await stack.enter_async_context(open_database(settings, background))
        stack.push_async_callback(background.stop)  # before the database goes
        keys = ApiKeys(SqlApiKeyStore(engine), shared.bus, clock)
        background.start("api keys", keys.run)
        yield keys


def order_to_trade_rates(settings: Settings) -> OrderToTradeRates:
    """Return how many orders of an account may come to nothing."""
    limits = settings.limits
    return OrderToTradeRates(
        orders_10s=limits.orders_10s,
        orders_day=limits.orders_day,
        cancels_per_second=limits.cancels_per_second,
        cancel_burst=limits.cancel_burst,
        exempt=frozenset(limits.market_makers),
    )


def _options(settings: Settings) -> EntryOptions:
    entry = settings.entry
    connections = min(entry.connections, _connections_allowed())
    return EntryOptions(
        max_connections=connections,
        max_sessions=2 * connections,
        max_connections_per_address=entry.address_connections,
        max_commands=min(MAX_COMMANDS, settings.journal.max_batch, settings.journal.max_waiting),
        max_in_flight=entry.in_flight,
        max_under_way=max(1, settings.journal.max_waiting // 2),
        orders_per_second=entry.commands_per_second,
        order_burst=entry.command_burst,
        logins_per_minute=settings.limits.login_per_minute,
        heartbeat_ms=entry.heartbeat_ms,
        keep_session_ms=entry.keep_seconds * 1_000,
        replay_bytes=entry.replay_bytes,
        max_unsent_bytes=entry.buffer_bytes,
    )


def _connections_allowed() -> int:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return EntryOptions().max_connections if files < 0 else max(1, files // RESERVED_SHARE)
