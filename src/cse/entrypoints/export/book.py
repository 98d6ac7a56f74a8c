"""An order book from the data directory alone: the newest snapshot, and the journal after it.

No exchange need run, and one that runs is not held up; only what is durable is seen.
"""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from cse.adapters.journal.places import open_reader, open_snapshots
from cse.entrypoints.export.history import market_named
from cse.entrypoints.export.tables import Batch, Column, Kind, Row, Table
from cse.market_data import MarketDataHub
from cse.messages.catalog import Catalog
from cse.sequencer.recovery import Progress, recover
from cse.settings import Settings


class Venue(NamedTuple):
    """The state after one command, as everybody may see it."""

    sequence: int
    time_ms: int
    catalog: Catalog
    hub: MarketDataHub


def venue_at(settings: Settings, sequence: int | None, progress: Progress | None = None) -> Venue:
    """Return the state after command `sequence` (None: the last one that is durable).

    Raises:
        JournalError: there is no journal.
        JournalEnded: there is no such command.
        JournalDamaged: it cannot be read.
    """
    reader, snapshots = (
        open_reader(settings.data_dir, settings.engine),
        open_snapshots(settings.data_dir),
    )
    _ = reader.venue_id  # no journal is no venue without markets: most likely a wrong folder
    engine = recover(
        reader, snapshots, until=sequence, progress=progress, choice=settings.engine
    ).engine
    catalog, hub = Catalog(), MarketDataHub()
    catalog.load(engine.records())
    hub.load(engine.records())
    return Venue(hub.sequence, hub.time_ms, catalog, hub)


def book_table(venue: Venue, symbol: str) -> Table:
    """Return all levels of a market's book, bids first, best first on each side.

    Raises:
        CannotExport: there is no such market.
    """
    market = market_named(venue.catalog, symbol)
    book = venue.hub.depth(market.market_id).snapshot()
    columns = (
        Column("market", Kind.TEXT),
        Column("sequence", Kind.INTEGER),
        Column("time", Kind.TIME),
        Column("side", Kind.TEXT),
        Column("level", Kind.INTEGER),
        Column("price", Kind.DECIMAL, market.price_scale),
        Column("quantity", Kind.DECIMAL, market.quantity_scale),
    )
    rows: list[Row] = [
        (
            market.symbol,
            venue.sequence,
            venue.time_ms,
            side,
            level,
            price * market.tick_size,
            quantity * market.lot_step,
        )
        for side, levels in (("bid", book.bids), ("ask", book.asks))
        for level, (price, quantity) in enumerate(levels, 1)
    ]
    return Table(f"order book of {market.symbol}", columns, len(rows), _at_once(rows))


async def _at_once(rows: Sequence[Row]) -> AsyncIterator[Batch]:
    yield Batch(rows, len(rows))
