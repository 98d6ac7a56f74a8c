"""What happened to an account's money, in order and with the prices of then: fills and moves as one."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from cse.gateway.portfolio.pricing import PastPrices, Venue
from cse.messages.catalog import Catalog
from cse.messages.wire import Side
from cse.portfolio.book import asset_to_price
from cse.portfolio.model import Happened, Price, Traded
from cse.portfolio.ports import Moment, PortfolioReader
from cse.projections.ports import HistoryReader
from cse.projections.views import FillView, PageKey

PAGE: Final = 250
"""How many fills, and how many moves, are read at once: adding them up holds others up for a few ms."""
BEGINNING: Final = PageKey(0, 0)


class Page(NamedTuple):
    """What happened next."""

    events: Sequence[tuple[Happened, Price | None]]
    after: PageKey | None
    """Where the next page goes on; None: this is all."""


class Happenings:
    """Reads them page by page, oldest first."""

    def __init__(
        self,
        history: HistoryReader,
        reader: PortfolioReader,
        prices: PastPrices,
        catalog: Catalog,
    ) -> None:
        """Read these."""
        self._history: Final = history
        self._reader: Final = reader
        self._prices: Final = prices
        self._catalog: Final = catalog

    async def page(self, venue: Venue, account_id: int, after: PageKey, until: int) -> Page:
        """Return what follows a key, up to the command `until`.

        Raises:
            Unavailable: the database is out of reach.
        """
        fills = await self._history.fills_after(account_id, after=after, until=until, limit=PAGE)
        moves = await self._reader.moves_after(account_id, after.sequence, until, PAGE)
        events: list[Happened] = [*map(self._traded, fills), *moves]
        events.sort(key=_key)
        # A page that is full may go on: what the other one has after its end waits for it.
        full = [_key(page[-1]) for page in (fills, moves) if len(page) == PAGE]
        last = min(full, default=None)
        if last is not None:
            events = [event for event in events if _key(event) <= last]
        return Page(await self._priced(venue, events), last)

    async def _priced(
        self, venue: Venue, events: Sequence[Happened]
    ) -> Sequence[tuple[Happened, Price | None]]:
        wanted = [asset_to_price(event, venue.reference.asset_id) for event in events]
        moments: dict[int, list[Moment]] = {}
        for event, asset_id in zip(events, wanted, strict=True):
            if asset_id is not None:
                moments.setdefault(asset_id, []).append(Moment(event.sequence, event.time_ms))
        prices = {
            asset_id: await self._prices.before(venue, asset_id, asked)
            for asset_id, asked in moments.items()
        }
        return [
            (event, None if asset_id is None else prices[asset_id].get(event.sequence))
            for event, asset_id in zip(events, wanted, strict=True)
        ]

    def _traded(self, fill: FillView) -> Traded:
        market = self._catalog.markets[fill.market_id]
        return Traded(
            fill.sequence,
            fill.position,
            fill.time_ms,
            fill.side is Side.BUY,
            market.base.asset_id,
            market.quote.asset_id,
            fill.quantity * market.lot_size,
            fill.quote_amount,
            fill.fee,
        )


def _key(event: Happened | FillView) -> PageKey:
    """Return its place. A command trades or moves, never both, so that one key serves for both pages."""
    return PageKey(event.sequence, event.position)
