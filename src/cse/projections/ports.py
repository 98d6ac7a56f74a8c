"""Ports of the read side: where history is written to and read from. Implemented in adapters.sql."""

from collections.abc import Sequence
from typing import Protocol

from cse.projections.changes import Changes
from cse.projections.fold import Fold
from cse.projections.views import CandleView, FillView, LedgerEntry, OrderView, PageKey, TradeView


class ProjectionStore(Protocol):
    """Where a projector writes. Every method raises cse.core.errors.Unavailable while the database is out of
    reach; after that a write may or may not have happened, and is to be repeated as it was.
    """

    async def load(self, genesis: Fold) -> Fold:
        """Return the fold of what is written; `genesis` itself while nothing is.

        Raises:
            WrongVenue: the database belongs to another venue.
        """
        ...

    async def write(self, changes: Changes) -> None:
        """Write all of the changes and move the position, in one transaction.

        Raises:
            PositionMoved: the position is beyond where the changes begin, and not because an earlier try of
                the same changes did succeed: somebody else writes here. Nothing was written.
            PositionLost: the position is before where the changes begin. Nothing was written.
        """
        ...

    async def checkpoint(self, sequence: int, state_hash: bytes) -> None:
        """Note that the engine's state was compared at this command, and agreed."""
        ...


class HistoryReader(Protocol):
    """History, newest first, in pages: pass the last item's key of one page as `before` of the next.

    Every method raises cse.core.errors.Unavailable while the database is out of reach.
    """

    async def position(self) -> int:
        """Return the sequence number up to which history is complete."""
        ...

    async def order(self, order_id: int) -> OrderView | None:
        """Return one order, open or closed."""
        ...

    async def order_by_client_id(self, account_id: int, client_order_id: str) -> OrderView | None:
        """Return an account's newest order of this client order id."""
        ...

    async def orders(
        self,
        account_id: int,
        *,
        closed: bool | None,
        market_id: int | None,
        before: int | None,
        limit: int,
    ) -> Sequence[OrderView]:
        """Return an account's orders by falling order id; `closed` None means both."""
        ...

    async def order_fills(self, order_id: int) -> Sequence[FillView]:
        """Return all fills of one order, oldest first."""
        ...

    async def fills(
        self, account_id: int, *, market_id: int | None, before: PageKey | None, limit: int
    ) -> Sequence[FillView]:
        """Return an account's fills by falling key (FillView.key)."""
        ...

    async def orders_changed(
        self, account_id: int, *, after: PageKey, until: int, limit: int
    ) -> Sequence[OrderView]:
        """Return an account's orders whose last change is after a key and not after the command `until`.

        By rising key: (OrderView.sequence, order id). An order that changed again after `until` is not in it.
        """
        ...

    async def fills_after(
        self, account_id: int, *, after: PageKey, until: int, limit: int
    ) -> Sequence[FillView]:
        """Return an account's fills after a key, up to the command `until`, by rising key (FillView.key)."""
        ...

    async def ledger(
        self, account_id: int, *, asset_id: int | None, before: PageKey | None, limit: int
    ) -> Sequence[LedgerEntry]:
        """Return an account's ledger entries by falling key (LedgerEntry.key)."""
        ...

    async def trades(
        self, market_id: int, *, before: int | None, after: int | None, limit: int
    ) -> Sequence[TradeView]:
        """Return a market's trades by falling trade id, between the two ids (both exclusive)."""
        ...

    async def trades_since(self, market_id: int, time_ms: int, limit: int) -> Sequence[TradeView]:
        """Return a market's trades from a time on, oldest first."""
        ...

    async def candles_since(
        self, market_id: int, interval_ms: int, from_ms: int, to_ms: int, limit: int
    ) -> Sequence[CandleView]:
        """Return the first `limit` of a market's candles that open in [from, to), oldest first.

        Intervals without a trade have none. `from_ms` is rounded down to a whole interval.

        Args:
            market_id: the market.
            interval_ms: one of cse.market_data.INTERVALS.
            from_ms: Unix ms.
            to_ms: Unix ms.
            limit: the most that are returned.

        Raises:
            Unavailable: also while the market's candles are being built anew.
        """
        ...

    async def candles_until(
        self, market_id: int, interval_ms: int, from_ms: int, to_ms: int, limit: int
    ) -> Sequence[CandleView]:
        """Return the last `limit` of the same candles, oldest first too."""
        ...
