"""The tax report: every disposal of a year, with what it cost, oldest first.

The account's whole history up to the year's end is folded anew while the file is sent, so that memory holds open lots
and a page, and never the disposals.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

from cse.gateway.portfolio.csv_lines import iso_utc, line
from cse.gateway.portfolio.happenings import BEGINNING, Happenings
from cse.gateway.portfolio.pricing import Venue
from cse.messages.catalog import Catalog
from cse.portfolio.book import Book
from cse.portfolio.model import Disposal, Method
from cse.projections.views import PageKey

COLUMNS: Final = (
    "asset",
    "kind",
    "acquired",
    "disposed",
    "quantity",
    "proceeds",
    "cost",
    "gain",
    "fee",
    "currency",
    "method",
    "basis",
    "sequence",
)


class TaxReport:
    """Makes the lines of one account's year after another."""

    def __init__(self, happenings: Happenings, catalog: Catalog) -> None:
        """Read these."""
        self._happenings: Final = happenings
        self._catalog: Final = catalog

    async def lines(
        self, venue: Venue, account_id: int, method: Method, year: int, until: int
    ) -> AsyncIterator[bytes]:
        """Yield the year's disposals up to the command `until`, a page of history at a time."""
        book = Book(method, venue.reference.asset_id)
        begin_ms, end_ms = _new_year_ms(year), _new_year_ms(year + 1)
        after: PageKey | None = BEGINNING
        while after is not None:
            page = await self._happenings.page(venue, account_id, after, until)
            told: list[str] = []
            for event, price in page.events:
                disposals = book.apply(event, price)
                if begin_ms <= event.time_ms < end_ms:
                    told += [self._line(venue, method, each) for each in disposals]
            yield "".join(told).encode()
            if page.events and page.events[-1][0].time_ms >= end_ms:
                return
            after = page.after

    def _line(self, venue: Venue, method: Method, gone: Disposal) -> str:
        asset, show = self._catalog.assets[gone.asset_id], venue.reference.format
        return line(
            (
                asset.symbol,
                gone.kind,
                None if gone.acquired_ms is None else iso_utc(gone.acquired_ms),
                iso_utc(gone.disposed_ms),
                asset.format(gone.quantity),
                show(gone.proceeds),
                show(gone.cost),
                show(gone.gain),
                show(gone.fee_value),
                venue.reference.symbol,
                method.value,
                gone.basis.name.lower(),
                gone.sequence,
            )
        )


def _new_year_ms(year: int) -> int:
    """Return when a calendar year begins in UTC."""
    if year > 9_999:  # datetime knows no later one
        return 2**53
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000
