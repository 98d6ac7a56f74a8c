"""The fold: the state that the projections stand at, and what each further command changes.

Pure: no clock, no database. It starts from what the tables hold (adapters.sql reads it back) or, for an
empty database, from the records of a new venue, so that what it writes follows from the journal alone.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from cse.messages import events as e
from cse.messages import records as r
from cse.messages.catalog import Catalog
from cse.messages.events import Applied
from cse.messages.wire import AccountStatus, Event, Record, Side
from cse.projections.changes import AccountRow, Changes, TradeRow
from cse.projections.errors import ImpossibleEvent
from cse.projections.ledger import Ledger, movements
from cse.projections.orders import OpenOrders
from cse.projections.views import FillView, OrderView


class Fold:
    """Follows the commands from `sequence` on; `take` hands over what changed since the last time.

    Memory: the catalog, every account and balance, and the open orders; nothing of the past.
    """

    def __init__(self, sequence: int = 0, time_ms: int = 0) -> None:
        """Begin at a position, empty; `catalog`, `accounts`, `ledger` and `orders` are filled by the loader."""
        self.sequence = sequence
        """The last command that was taken in."""
        self.time_ms = time_ms
        self.catalog: Final = Catalog()
        self.accounts: Final[dict[int, AccountRow]] = {}
        self.ledger: Final = Ledger()
        self.orders: Final = OpenOrders()
        self._changes = Changes(sequence, sequence, time_ms)
        self._handlers: Final[dict[type[Event], Callable[[Any], None]]] = {
            e.AssetCreated: self._list,
            e.FeeTierSet: self._list,
            e.MarketCreated: self._list,
            e.MarketUpdated: self._list,
            e.MarketStatusChanged: self._list,
            e.AccountOpened: self._open_account,
            e.AccountStatusChanged: self._change_account,
            e.AccountFeeTierChanged: self._change_account,
            e.CancelAfterSet: self._change_account,
        }

    @classmethod
    def genesis(cls, records: Iterable[Record]) -> "Fold":
        """Return the fold of a venue that has seen no command yet; what it begins with is to be written.

        Args:
            records: of a new engine: its fee account and fee tier.
        """
        fold = cls()
        records = list(records)
        fold.catalog.load(records)
        fold._changes.fee_tiers.update(fold.catalog.fee_tiers)
        for record in records:
            if isinstance(record, r.AccountRecord):
                row = AccountRow(record.account_id, record.status, record.fee_tier, 0, 0, 0)
                fold.accounts[row.account_id] = fold._changes.accounts[row.account_id] = row
        return fold

    @property
    def pending(self) -> Changes:
        """What has changed since the last `take`."""
        return self._changes

    def take(self) -> Changes:
        """Return what has changed since the last time, and begin to gather anew."""
        taken = self._changes
        self._changes = Changes(self.sequence, self.sequence, self.time_ms)
        return taken

    def apply(self, applied: Applied) -> None:
        """Take in one command's events. After an error the fold is of no use any more.

        Raises:
            ImpossibleEvent: the command or an event of it does not fit what came before.
        """
        if applied.sequence != self.sequence + 1 or applied.time_ms < self.time_ms:
            raise ImpossibleEvent(
                f"command {applied.sequence} (time {applied.time_ms}) after command "
                f"{self.sequence} (time {self.time_ms})"
            )
        self.sequence, self.time_ms = applied.sequence, applied.time_ms
        self._changes.sequence, self._changes.time_ms = applied.sequence, applied.time_ms
        count = _Count()
        for event in applied.events:
            try:
                self._apply(event, count)
            except (ImpossibleEvent, KeyError) as error:
                raise ImpossibleEvent(
                    f"command {applied.sequence} ({type(applied.command).__name__}): {error!r} at {event}"
                ) from error

    def _apply(self, event: Event, count: "_Count") -> None:
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)
            return
        changes, sequence, time_ms = self._changes, self.sequence, self.time_ms
        for movement in movements(event, self.catalog.markets, self.orders.by_id):
            entries = self.ledger.post(movement, count.movements, count.legs, sequence, time_ms)
            count.movements += 1
            count.legs += len(entries)
            changes.ledger.extend(entries)
            for entry in entries:
                key = (entry.account_id, entry.asset_id)
                changes.balances[key] = self.ledger.balances[key]
        changed = self.orders.apply(event, sequence, time_ms)
        for order in changed:
            changes.orders[order.order_id] = order
        if isinstance(event, e.Trade):
            changes.trades.append(TradeRow(event, time_ms, sequence))
            for order in changed:
                changes.fills.append(self._fill(event, order, count.fills))
                count.fills += 1

    def _fill(self, trade: e.Trade, order: OrderView, position: int) -> FillView:
        market = self.catalog.markets[trade.market_id]
        is_taker = order.order_id == trade.taker_order_id
        return FillView(
            trade.market_id,
            trade.trade_id,
            order.order_id,
            order.account_id,
            order.side,
            trade.price,
            trade.quantity,
            trade.quote_amount,
            trade.taker_fee if is_taker else trade.maker_fee,
            (market.base if order.side is Side.BUY else market.quote).asset_id,
            is_taker,
            self.time_ms,
            self.sequence,
            position,
        )

    def _list(
        self,
        event: e.AssetCreated
        | e.FeeTierSet
        | e.MarketCreated
        | e.MarketUpdated
        | e.MarketStatusChanged,
    ) -> None:
        self.catalog.apply(event)
        changes = self._changes
        if isinstance(event, e.AssetCreated):
            changes.assets[event.asset_id] = self.catalog.assets[event.asset_id]
            changes.listed_at["asset", event.asset_id] = self.sequence
        elif isinstance(event, e.FeeTierSet):
            changes.fee_tiers[event.tier] = self.catalog.fee_tiers[event.tier]
            changes.listed_at["fee_tier", event.tier] = self.sequence
        else:
            changes.markets[event.market_id] = self.catalog.markets[event.market_id]
            changes.listed_at["market", event.market_id] = self.sequence

    def _open_account(self, event: e.AccountOpened) -> None:
        if event.account_id in self.accounts:
            raise ImpossibleEvent(f"account {event.account_id} is opened twice")
        row = AccountRow(
            event.account_id, AccountStatus.OPEN, event.fee_tier, self.time_ms, 0, self.sequence
        )
        self.accounts[row.account_id] = self._changes.accounts[row.account_id] = row

    def _change_account(
        self, event: e.AccountStatusChanged | e.AccountFeeTierChanged | e.CancelAfterSet
    ) -> None:
        row = self.accounts[event.account_id]
        if isinstance(event, e.AccountStatusChanged):
            row.status = event.status
            if event.status is AccountStatus.CLOSED:
                row.cancel_after = 0  # the engine disarms the switch of an account that closes
        elif isinstance(event, e.AccountFeeTierChanged):
            row.fee_tier = event.fee_tier
        else:
            row.cancel_after = event.deadline
        row.sequence = self.sequence
        self._changes.accounts[row.account_id] = row


class _Count:
    """How many movements, legs and fills a command has made so far."""

    __slots__ = ("fills", "legs", "movements")

    def __init__(self) -> None:
        self.fills = self.legs = self.movements = 0
