"""The live view of accounts: orders, fills, balances and standing, from events alone.

It costs a few microseconds per event and is current before the submitter of a command has its answer,
so whoever writes and then reads finds what was written.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from cse.messages import events as e
from cse.messages import records as r
from cse.messages.wire import AccountStatus, Record, Side
from cse.projections.live.balances import LiveBalances
from cse.projections.live.orders import LiveOrders
from cse.projections.views import BalanceView, FillView, OrderView

MAX_CLOSED: Final = 100_000
"""Closed orders that stay in memory unless told otherwise."""


class AccountView(msgspec.Struct, frozen=True, gc=False):
    """An account's standing."""

    account_id: int
    status: AccountStatus
    fee_tier: int
    cancel_after: int = 0
    """When its dead-man switch fires (Unix ms); 0: not armed."""


class LiveAccounts:
    """What the engine knows of accounts, kept current from a snapshot's records and the events after it."""

    def __init__(self, max_closed: int = MAX_CLOSED) -> None:
        """Begin as an empty venue; at most `max_closed` closed orders stay."""
        self.sequence = 0
        """The last command that was applied."""
        self._time_ms = 0
        self._first_sequence = 0
        self._accounts: Final[dict[int, AccountView]] = {}
        self._touched: Final[dict[int, int]] = {}
        self._assets: Final[dict[int, tuple[int, int]]] = {}
        self._orders: Final = LiveOrders(max_closed)
        self._balances: Final = LiveBalances()
        self._status_watchers: Final[list[Callable[[int, AccountStatus], None]]] = []
        self._trade_watchers: Final[list[Callable[[int, int], None]]] = []
        self._handlers: Final[dict[type, Callable[[Any], None]]] = {
            e.OrderAccepted: self._on_accepted,
            e.Trade: self._on_trade,
            e.OrderClosed: self._on_closed,
            e.OrderAmended: self._on_amended,
            e.OrderReduced: self._on_reduced,
            e.OrderTriggered: self._on_triggered,
            e.DepositCredited: self._on_deposit,
            e.WithdrawalHeld: self._on_withdrawal_held,
            e.WithdrawalSettled: self._on_withdrawal_settled,
            e.WithdrawalReleased: self._on_withdrawal_released,
            e.Transferred: self._on_transferred,
            e.AccountOpened: self._on_opened,
            e.AccountStatusChanged: self._on_status,
            e.AccountFeeTierChanged: self._on_fee_tier,
            e.CancelAfterSet: self._on_cancel_after,
            e.MarketCreated: self._on_market,
        }

    # --- reading

    def order(self, order_id: int) -> OrderView | None:
        """Return an order: every open one is here, closed ones for a while."""
        return self._orders.get(order_id)

    def order_by_client_id(self, account_id: int, client_order_id: str) -> OrderView | None:
        """Return an account's newest order of this client order id, if it is still here."""
        return self._orders.by_client_id(account_id, client_order_id)

    def open_orders(self, account_id: int, market_id: int | None = None) -> list[OrderView]:
        """Return an account's open orders, of one market or all, newest first."""
        return self._orders.open_of(account_id, market_id)

    def fills(self, order_id: int) -> Sequence[FillView]:
        """Return an order's fills that are in memory, oldest first; see `has_all_fills`."""
        return self._orders.fills(order_id)

    def has_all_fills(self, order_id: int) -> bool:
        """Say whether `fills` is complete: those before the last start or beyond a bound are not here."""
        view = self._orders.get(order_id)
        known = sum(fill.quantity for fill in self._orders.fills(order_id))
        return view is not None and known == view.filled_quantity

    def balances(self, account_id: int) -> dict[int, BalanceView]:
        """Return an account's balances by asset id, without those that are zero."""
        return self._balances.of(account_id)

    def balance(self, account_id: int, asset_id: int) -> BalanceView:
        """Return what an account has of one asset, which may be nothing."""
        return self._balances.one(account_id, asset_id)

    def total(self, asset_id: int) -> int:
        """Return what all accounts together have of an asset (linear in the accounts: for checks)."""
        return self._balances.total(asset_id)

    def account(self, account_id: int) -> AccountView | None:
        """Return an account's standing, or None when it does not exist."""
        return self._accounts.get(account_id)

    def last_sequence(self, account_id: int) -> int:
        """Return a command after which nothing has happened to the account: history up to it is all of it."""
        return self._touched.get(account_id, self._first_sequence)

    # --- following

    def load(self, records: Iterable[Record]) -> None:
        """Take in a snapshot's records, in their canonical order; kinds of no interest are passed over."""
        for record in records:
            if isinstance(record, r.OrderRecord):
                self._orders.load(record, self._first_sequence)
            elif isinstance(record, r.BalanceRecord):
                self._balances.put(
                    record.account_id, record.asset_id, record.available, record.held
                )
            elif isinstance(record, r.AccountRecord):
                self._accounts[record.account_id] = AccountView(
                    record.account_id, record.status, record.fee_tier, record.cancel_after
                )
            elif isinstance(record, r.MarketRecord):
                self._assets[record.market_id] = (record.base_asset_id, record.quote_asset_id)
            elif isinstance(record, r.StateRecord):
                self.sequence = self._first_sequence = record.sequence

    def watch_status(self, watcher: Callable[[int, AccountStatus], None]) -> None:
        """Call `watcher` with every account whose status changes, once the view has it; it must not take long."""
        self._status_watchers.append(watcher)

    def watch_trades(self, watcher: Callable[[int, int], None]) -> None:
        """Call `watcher` with maker's and taker's account of every trade; it must not take long."""
        self._trade_watchers.append(watcher)

    def apply(self, batch: Sequence[e.Applied]) -> None:
        """Take in what was applied, in order; commands that are in already are passed over."""
        handlers = self._handlers
        for applied in batch:
            if applied.sequence <= self.sequence:
                continue
            self.sequence = applied.sequence
            self._time_ms = applied.time_ms
            for event in applied.events:
                handler = handlers.get(type(event))
                if handler is not None:
                    handler(event)

    def _on_accepted(self, event: e.OrderAccepted) -> None:
        self._orders.accept(event, self.sequence, self._time_ms)
        base_id, quote_id = self._assets[event.market_id]
        paying = quote_id if event.side is Side.BUY else base_id
        self._balances.hold(event.account_id, paying, event.held)
        self._touched[event.account_id] = self.sequence

    def _on_trade(self, event: e.Trade) -> None:
        base_id, quote_id = self._assets[event.market_id]
        self._orders.trade(event, base_id, quote_id, self.sequence, self._time_ms)
        self._balances.trade(event, base_id, quote_id)
        self._touched[event.maker_account_id] = self.sequence
        self._touched[event.taker_account_id] = self.sequence
        for watcher in self._trade_watchers:
            watcher(event.maker_account_id, event.taker_account_id)

    def _on_closed(self, event: e.OrderClosed) -> None:
        view = self._orders.close(event, self.sequence, self._time_ms)
        self._release(view, event.released)

    def _on_amended(self, event: e.OrderAmended) -> None:
        view = self._orders.touch(event.order_id, self.sequence, self._time_ms)
        view.price, view.trigger_price = event.price, event.trigger_price
        view.quantity = event.quantity
        view.held += event.held_change
        self._release(view, -event.held_change)

    def _on_reduced(self, event: e.OrderReduced) -> None:
        view = self._orders.touch(event.order_id, self.sequence, self._time_ms)
        view.quantity -= event.quantity
        view.quote_quantity -= event.quote_quantity
        view.held -= event.released
        self._release(view, event.released)

    def _on_triggered(self, event: e.OrderTriggered) -> None:
        view = self._orders.touch(event.order_id, self.sequence, self._time_ms)
        view.triggered = True
        view.held += event.held_change
        self._release(view, -event.held_change)

    def _release(self, view: OrderView, amount: int) -> None:
        """Give back what an order no longer holds (negative: take what it holds in addition)."""
        base_id, quote_id = self._assets[view.market_id]
        paying = quote_id if view.side is Side.BUY else base_id
        self._balances.hold(view.account_id, paying, -amount)
        self._touched[view.account_id] = self.sequence

    def _on_deposit(self, event: e.DepositCredited) -> None:
        self._balances.credit(event.account_id, event.asset_id, event.amount)
        self._touched[event.account_id] = self.sequence

    def _on_withdrawal_held(self, event: e.WithdrawalHeld) -> None:
        self._balances.hold(event.account_id, event.asset_id, event.amount)
        self._touched[event.account_id] = self.sequence

    def _on_withdrawal_settled(self, event: e.WithdrawalSettled) -> None:
        self._balances.settle(event.account_id, event.asset_id, event.amount)
        self._touched[event.account_id] = self.sequence

    def _on_withdrawal_released(self, event: e.WithdrawalReleased) -> None:
        self._balances.hold(event.account_id, event.asset_id, -event.amount)
        self._touched[event.account_id] = self.sequence

    def _on_transferred(self, event: e.Transferred) -> None:
        self._balances.credit(event.from_account_id, event.asset_id, -event.amount)
        self._balances.credit(event.to_account_id, event.asset_id, event.amount)
        self._touched[event.from_account_id] = self._touched[event.to_account_id] = self.sequence

    def _on_opened(self, event: e.AccountOpened) -> None:
        opened = AccountView(event.account_id, AccountStatus.OPEN, event.fee_tier)
        self._accounts[event.account_id] = opened
        self._touched[event.account_id] = self.sequence

    def _on_status(self, event: e.AccountStatusChanged) -> None:
        self._replace(event.account_id, status=event.status)
        for watcher in self._status_watchers:
            watcher(event.account_id, event.status)

    def _on_fee_tier(self, event: e.AccountFeeTierChanged) -> None:
        self._replace(event.account_id, fee_tier=event.fee_tier)

    def _on_cancel_after(self, event: e.CancelAfterSet) -> None:
        self._replace(event.account_id, cancel_after=event.deadline)

    def _replace(self, account_id: int, **changes: Any) -> None:
        self._accounts[account_id] = msgspec.structs.replace(self._accounts[account_id], **changes)
        self._touched[account_id] = self.sequence

    def _on_market(self, event: e.MarketCreated) -> None:
        self._assets[event.market_id] = (event.base_asset_id, event.quote_asset_id)
