"""What the events make of orders, checked on the way: an order that never was cannot change."""

from collections.abc import Callable
from typing import Any, Final

from cse.messages import events as e
from cse.messages.wire import Event, Side
from cse.projections.errors import ImpossibleEvent
from cse.projections.views import OrderView, accepted_order


class OpenOrders:
    """Every open order by id; those that close leave."""

    def __init__(self) -> None:
        """Begin with no order."""
        self.by_id: Final[dict[int, OrderView]] = {}
        self._handlers: Final[dict[type[Event], Callable[[Any, int, int], list[OrderView]]]] = {
            e.OrderAccepted: self._accept,
            e.OrderTriggered: self._trigger,
            e.OrderAmended: self._amend,
            e.OrderReduced: self._reduce,
            e.OrderClosed: self._close,
            e.Trade: self._trade,
        }

    def apply(self, event: Event, sequence: int, time_ms: int) -> list[OrderView]:
        """Take in an event and return the orders that it changed (a trade: maker, then taker).

        Raises:
            ImpossibleEvent: it does not fit what came before.
        """
        handler = self._handlers.get(type(event))
        return handler(event, sequence, time_ms) if handler else []

    def _accept(self, event: e.OrderAccepted, sequence: int, time_ms: int) -> list[OrderView]:
        if event.order_id in self.by_id:
            raise ImpossibleEvent(f"order {event.order_id} comes in twice")
        order = accepted_order(event, sequence, time_ms)
        self.by_id[event.order_id] = order
        return [order]

    def _touch(self, order_id: int, sequence: int, time_ms: int) -> OrderView:
        order = self.by_id.get(order_id)
        if order is None:
            raise ImpossibleEvent(f"order {order_id} is not open")
        order.sequence, order.updated_at = sequence, time_ms
        return order

    def _trigger(self, event: e.OrderTriggered, sequence: int, time_ms: int) -> list[OrderView]:
        order = self._touch(event.order_id, sequence, time_ms)
        order.triggered = True
        _change_hold(order, event.held_change)
        return [order]

    def _amend(self, event: e.OrderAmended, sequence: int, time_ms: int) -> list[OrderView]:
        order = self._touch(event.order_id, sequence, time_ms)
        order.price, order.trigger_price = event.price, event.trigger_price
        order.quantity = event.quantity
        _change_hold(order, event.held_change)
        return [order]

    def _reduce(self, event: e.OrderReduced, sequence: int, time_ms: int) -> list[OrderView]:
        order = self._touch(event.order_id, sequence, time_ms)
        order.quantity -= event.quantity
        order.quote_quantity -= event.quote_quantity
        _change_hold(order, -event.released)
        return [order]

    def _close(self, event: e.OrderClosed, sequence: int, time_ms: int) -> list[OrderView]:
        order = self._touch(event.order_id, sequence, time_ms)
        order.close_reason = event.reason
        _change_hold(order, -event.released)
        if order.held:
            raise ImpossibleEvent(f"order {order.order_id} is closed and still holds {order.held}")
        del self.by_id[event.order_id]
        return [order]

    def _trade(self, event: e.Trade, sequence: int, time_ms: int) -> list[OrderView]:
        maker = self._touch(event.maker_order_id, sequence, time_ms)
        taker = self._touch(event.taker_order_id, sequence, time_ms)
        if maker.side is taker.side or taker.side is not event.taker_side:
            raise ImpossibleEvent(
                f"trade {event.trade_id} of market {event.market_id} has no two sides"
            )
        for order in (maker, taker):
            order.filled_quantity += event.quantity
            order.quote_filled += event.quote_amount
            if not order.quote_quantity and order.filled_quantity > order.quantity:
                raise ImpossibleEvent(f"order {order.order_id} is filled beyond its quantity")
            buys = order.side is Side.BUY
            paid = event.quote_amount + event.buyer_released if buys else event.base_amount
            _change_hold(order, -paid)
        return [maker, taker]


def _change_hold(order: OrderView, change: int) -> None:
    order.held += change
    if order.held < 0:
        raise ImpossibleEvent(f"order {order.order_id} pays more than was held for it")
