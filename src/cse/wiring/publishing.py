"""What the process with the engine does for streamers: it publishes its views' channels to Redis."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from prometheus_client import CollectorRegistry, Gauge

from cse.adapters.sql.history import SqlHistoryReader
from cse.core.clock import Clock
from cse.gateway.history_gate import patient_gate
from cse.gateway.indicators.reading import Candles
from cse.gateway.indicators.service import IndicatorService
from cse.gateway.market_history import MarketHistory
from cse.gateway.relay.publisher import Publisher
from cse.gateway.ws.assembly import complete
from cse.messages.ports import EventFeed
from cse.projections.ports import HistoryReader
from cse.settings import Settings
from cse.wiring.background import Background
from cse.wiring.database import open_database
from cse.wiring.market_seed import seed_market_data
from cse.wiring.shared import Shared, shared_parts
from cse.wiring.views import Views
from cse.wiring.websockets import websocket_options


@asynccontextmanager
async def running_publisher(
    settings: Settings, feed: EventFeed, clock: Clock
) -> AsyncIterator[None]:
    """Publish what an engine in this process does, while the context is open; without Redis do nothing.

    Raises:
        SchemaMismatch: the database was migrated by newer software.
    """
    if not settings.redis.url.get_secret_value():
        yield
        return
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(shared_parts(settings))
        background = await stack.enter_async_context(Background())
        engine = await stack.enter_async_context(open_database(settings, background))
        stack.push_async_callback(background.stop)  # before the database goes
        views = Views(clock, websocket_options(settings))
        views.follow(feed)
        history = SqlHistoryReader(engine)
        gate = patient_gate(history, settings.http.history_wait_ms)
        candles = Candles(MarketHistory(views.market_data, history, gate))
        complete(views.streams, history, IndicatorService(views.market_data, clock, candles))
        follow_for_streamers(views, history, shared, background)
        yield


def follow_for_streamers(
    views: Views,
    history: HistoryReader,
    shared: Shared,
    background: Background,
    registry: CollectorRegistry | None = None,
) -> Publisher:
    """Publish from now on, and once more all that there is when history before the start has come in."""
    publisher = Publisher(views.streams, views.catalog, shared.bus, shared.cache)

    async def seed() -> None:
        await seed_market_data(views, history)
        publisher.begin_anew()

    background.start("market data", seed)
    background.start("publisher", publisher.run)
    if registry is not None:
        _count(registry, publisher)
    return publisher


def _count(registry: CollectorRegistry, publisher: Publisher) -> None:
    line = publisher.outbound
    gauges = {
        ("cse_publisher_published_messages", "Messages that Redis took since the start"): (
            lambda: line.published
        ),
        ("cse_publisher_dropped_messages", "Messages dropped: Redis was away or too slow"): (
            lambda: line.dropped
        ),
        ("cse_publisher_waiting_messages", "Messages that wait for Redis"): lambda: line.waiting,
        ("cse_publisher_channels", "Channels that are published"): (lambda: len(publisher.follows)),
    }
    for (name, text), read in gauges.items():
        Gauge(name, text, registry=registry).set_function(read)
