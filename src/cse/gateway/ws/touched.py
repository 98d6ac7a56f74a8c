"""Which accounts a command touched, and what of theirs: only of accounts that somebody follows."""

from collections.abc import Callable, Container
from typing import Any, Final

from cse.messages import events as e
from cse.messages.catalog import Catalog


class Touched:
    """What one command did to one account."""

    __slots__ = ("assets", "fills", "orders")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.orders: dict[int, None] = {}
        """Order ids, in the order in which they were touched."""
        self.fills: list[tuple[int, int]] = []
        """(order id, trade id)"""
        self.assets: dict[int, None] = {}


class _Gathering:
    def __init__(self, followed: Container[int], catalog: Catalog) -> None:
        self.followed: Final = followed
        self.catalog: Final = catalog
        self.found: Final[dict[int, Touched]] = {}

    def of(self, account_id: int) -> Touched | None:
        """Return what to fill in for an account, None when nobody follows it."""
        if account_id not in self.followed:
            return None
        return self.found.setdefault(account_id, Touched())

    def order(self, account_id: int, order_id: int, market_id: int, trade_id: int = 0) -> None:
        """Note an order of an account, and both assets that it may have moved."""
        own = self.of(account_id)
        if own is None:
            return
        own.orders[order_id] = None
        if trade_id:
            own.fills.append((order_id, trade_id))
        market = self.catalog.markets[market_id]
        own.assets[market.base.asset_id] = own.assets[market.quote.asset_id] = None

    def money(self, account_id: int, asset_id: int) -> None:
        """Note an asset of an account."""
        if (own := self.of(account_id)) is not None:
            own.assets[asset_id] = None


def _order(event: Any, to: _Gathering) -> None:
    to.order(event.account_id, event.order_id, event.market_id)


def _trade(event: e.Trade, to: _Gathering) -> None:
    to.order(event.maker_account_id, event.maker_order_id, event.market_id, event.trade_id)
    to.order(event.taker_account_id, event.taker_order_id, event.market_id, event.trade_id)


def _money(event: Any, to: _Gathering) -> None:
    to.money(event.account_id, event.asset_id)


def _transfer(event: e.Transferred, to: _Gathering) -> None:
    to.money(event.from_account_id, event.asset_id)
    to.money(event.to_account_id, event.asset_id)


_GATHER: Final[dict[type, Callable[[Any, _Gathering], None]]] = {
    e.OrderAccepted: _order,
    e.OrderTriggered: _order,
    e.OrderReduced: _order,
    e.OrderAmended: _order,
    e.OrderClosed: _order,
    e.Trade: _trade,
    e.DepositCredited: _money,
    e.WithdrawalHeld: _money,
    e.WithdrawalSettled: _money,
    e.WithdrawalReleased: _money,
    e.Transferred: _transfer,
}


def touched_by(
    applied: e.Applied, followed: Container[int], catalog: Catalog
) -> dict[int, Touched]:
    """Return what a command did to each followed account. The fee account gets no message per trade."""
    gathering = _Gathering(followed, catalog)
    for event in applied.events:
        gather = _GATHER.get(type(event))
        if gather is not None:
            gather(event, gathering)
    return gathering.found
