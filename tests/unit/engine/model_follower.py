"""Somebody who knows only the events: what they tell must always be what the records say (messages/events.py)."""

from collections import Counter
from dataclasses import dataclass
from functools import singledispatchmethod

from cse.messages import events as e
from cse.messages import records as r
from cse.messages.wire import Event, Record, Side


@dataclass
class Followed:
    """An open order as the events tell it."""

    account: int
    market: int
    side: Side
    pays: int
    price: int
    quantity: int
    held: int
    filled: int = 0


class Follower:
    """Balances, holds and price levels, rebuilt from events alone."""

    def __init__(self) -> None:
        self.available: Counter[tuple[int, int]] = Counter()
        self.held: Counter[tuple[int, int]] = Counter()
        self.orders: dict[int, Followed] = {}
        self.levels: dict[tuple[int, Side, int], tuple[int, int]] = {}
        self.markets: dict[int, e.MarketCreated] = {}

    def check(self, events: list[Event], state: list[Record]) -> None:
        """Apply one command's events and compare with the engine's records.

        Raises:
            AssertionError: they tell different things.
        """
        for event in events:
            self.see(event)
        balances = [record for record in state if isinstance(record, r.BalanceRecord)]
        orders = [record for record in state if isinstance(record, r.OrderRecord)]
        said = {key: (self.available[key], self.held[key]) for key in self.available | self.held}
        known = {(b.account_id, b.asset_id): (b.available, b.held) for b in balances}
        assert {key: value for key, value in said.items() if any(value)} == known
        assert {
            number: (o.price, o.quantity, o.filled, o.held) for number, o in self.orders.items()
        } == {o.order_id: (o.price, o.quantity, o.filled_quantity, o.held) for o in orders}
        levels: dict[tuple[int, Side, int], tuple[int, int]] = {}
        for o in orders:
            if o.resting:
                lots, count = levels.get((o.market_id, o.side, o.price), (0, 0))
                lots += o.quantity - o.filled_quantity
                levels[o.market_id, o.side, o.price] = lots, count + 1
        assert self.levels == levels

    def _release(self, order: Followed, amount: int) -> None:
        order.held -= amount
        self.held[order.account, order.pays] -= amount
        self.available[order.account, order.pays] += amount

    @singledispatchmethod
    def see(self, event: Event) -> None:
        """Take note of an event; those that move nothing are ignored."""

    @see.register
    def _(self, event: e.MarketCreated) -> None:
        self.markets[event.market_id] = event

    @see.register
    def _(self, event: e.OrderAccepted) -> None:
        market = self.markets[event.market_id]
        pays = market.quote_asset_id if event.side is Side.BUY else market.base_asset_id
        order = Followed(
            event.account_id, event.market_id, event.side, pays, event.price, event.quantity, 0
        )
        self.orders[event.order_id] = order
        self._release(order, -event.held)

    @see.register
    def _(self, event: e.OrderTriggered) -> None:
        self._release(self.orders[event.order_id], -event.held_change)

    @see.register
    def _(self, event: e.Trade) -> None:
        market = self.markets[event.market_id]
        maker, taker = self.orders[event.maker_order_id], self.orders[event.taker_order_id]
        assert (maker.account, taker.account) == (event.maker_account_id, event.taker_account_id)
        for order, fee in ((maker, event.maker_fee), (taker, event.taker_fee)):
            buys = order.side is Side.BUY
            pays, gets = (
                (event.quote_amount, event.base_amount)
                if buys
                else (event.base_amount, event.quote_amount)
            )
            receives = market.base_asset_id if buys else market.quote_asset_id
            order.held -= pays
            order.filled += event.quantity
            self.held[order.account, order.pays] -= pays
            self.available[order.account, receives] += gets - fee
            self.available[1, receives] += fee
            if buys:
                self._release(order, event.buyer_released)
                better = (order.price - event.price) * event.quantity * market.unit_notional
                assert not order.price or event.buyer_released == better, "MATCH-061"

    @see.register
    def _(self, event: e.OrderReduced) -> None:
        self.orders[event.order_id].quantity -= event.quantity
        self._release(self.orders[event.order_id], event.released)

    @see.register
    def _(self, event: e.OrderAmended) -> None:
        order = self.orders[event.order_id]
        order.price, order.quantity = event.price, event.quantity
        self._release(order, -event.held_change)

    @see.register
    def _(self, event: e.OrderClosed) -> None:
        order = self.orders.pop(event.order_id)
        self._release(order, event.released)
        assert order.held == 0, "MATCH-061: nothing stays held when an order closes"
        if order.quantity:
            assert event.remaining == order.quantity - order.filled

    @see.register
    def _(self, event: e.LevelChanged) -> None:
        key = event.market_id, event.side, event.price
        self.levels.pop(key, None)
        if event.orders:
            self.levels[key] = event.quantity, event.orders

    @see.register
    def _(self, event: e.DepositCredited) -> None:
        self.available[event.account_id, event.asset_id] += event.amount

    @see.register
    def _(self, event: e.WithdrawalHeld) -> None:
        self.available[event.account_id, event.asset_id] -= event.amount
        self.held[event.account_id, event.asset_id] += event.amount

    @see.register
    def _(self, event: e.WithdrawalSettled) -> None:
        self.held[event.account_id, event.asset_id] -= event.amount

    @see.register
    def _(self, event: e.WithdrawalReleased) -> None:
        self.held[event.account_id, event.asset_id] -= event.amount
        self.available[event.account_id, event.asset_id] += event.amount

    @see.register
    def _(self, event: e.Transferred) -> None:
        self.available[event.from_account_id, event.asset_id] -= event.amount
        self.available[event.to_account_id, event.asset_id] += event.amount
