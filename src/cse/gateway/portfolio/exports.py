"""An account's history as pieces of CSV, a page at a time: memory holds a page, however long it is."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, NamedTuple, TypeVar

from cse.gateway.portfolio.csv_lines import lines
from cse.gateway.present import account_fill_json, ledger_json, order_json
from cse.messages.catalog import Catalog
from cse.portfolio.ports import PortfolioReader
from cse.projections.ports import HistoryReader
from cse.projections.views import FillView, LedgerEntry, OrderView, PageKey

PAGE: Final = 500
T = TypeVar("T")
Read = Callable[[PageKey | None], Awaitable[Sequence[T]]]


class Period(NamedTuple):
    """From (inclusive) and to (exclusive), Unix ms; None: no bound."""

    from_ms: int | None
    to_ms: int | None

    def has(self, time_ms: int) -> bool:
        """Tell whether a time is within."""
        return (self.from_ms or 0) <= time_ms and (self.to_ms is None or time_ms < self.to_ms)


class Exports:
    """Reads an account's fills, ledger and orders, newest first."""

    def __init__(self, history: HistoryReader, reader: PortfolioReader, catalog: Catalog) -> None:
        """Read these."""
        self._history: Final = history
        self._reader: Final = reader
        self._catalog: Final = catalog

    async def fills(
        self, account_id: int, market_id: int | None, period: Period
    ) -> AsyncIterator[bytes]:
        """Yield the account's fills."""
        markets = self._catalog.markets

        async def read(before: PageKey | None) -> Sequence[FillView]:
            return await self._history.fills(
                account_id, market_id=market_id, before=before, limit=PAGE
            )

        async for page in self._pages(account_id, read, period):
            yield lines(page, lambda fill: account_fill_json(fill, markets[fill.market_id]))

    async def ledger(
        self, account_id: int, asset_id: int | None, period: Period
    ) -> AsyncIterator[bytes]:
        """Yield the account's ledger."""

        async def read(before: PageKey | None) -> Sequence[LedgerEntry]:
            return await self._history.ledger(
                account_id, asset_id=asset_id, before=before, limit=PAGE
            )

        async for page in self._pages(account_id, read, period):
            yield lines(page, lambda entry: ledger_json(entry, self._catalog))

    async def orders(
        self, account_id: int, market_id: int | None, period: Period
    ) -> AsyncIterator[bytes]:
        """Yield the account's orders by when they were created, open ones included."""
        markets, before = self._catalog.markets, None
        while True:
            page: Sequence[OrderView] = await self._history.orders(
                account_id, closed=None, market_id=market_id, before=before, limit=PAGE
            )
            within = [order for order in page if period.has(order.created_at)]
            yield lines(within, lambda order: order_json(order, markets[order.market_id]))
            if len(page) < PAGE or page[-1].created_at < (period.from_ms or 0):
                return
            before = page[-1].order_id

    async def _pages(
        self, account_id: int, read: Read[T], period: Period
    ) -> AsyncIterator[Sequence[T]]:
        """Yield pages of what is within the period, from its newest on."""
        before: PageKey | None = None
        if period.to_ms is not None:
            before = PageKey(await self._reader.sequence_at(account_id, period.to_ms), 0)
        first = 0
        if period.from_ms is not None:
            first = await self._reader.sequence_at(account_id, period.from_ms)
        while True:
            page = await read(before)
            keys = [PageKey(*item.key) for item in page]  # type: ignore[attr-defined]  # fills and entries
            within = [item for item, key in zip(page, keys, strict=True) if key.sequence >= first]
            yield within
            if len(page) < PAGE or len(within) < len(page):
                return
            before = keys[-1]
