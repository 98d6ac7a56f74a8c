"""Orders that wait for a price: which of them a trade sets off, and in which order.

Buy stop-losses and sell take-profits fire when the last trade is at or above their trigger price ("up"), sell
stop-losses and buy take-profits when it is at or below ("down"). A move sets them off in the order in which
it passes them: up by rising, down by falling trigger price, equal ones by order id.
"""

from typing import TYPE_CHECKING, Final

from sortedcontainers import SortedList

from cse.messages.wire import OrderType, Side

if TYPE_CHECKING:
    from cse.engine.model import Order

_STOPS: Final = frozenset({OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT})
_NEVER: Final = 2**64


def fires_upwards(side: Side, order_type: OrderType) -> bool:
    """Tell whether such an order fires at or above its trigger price (else at or below)."""
    return (side == Side.BUY) == (order_type in _STOPS)


class TriggerBook:
    """The waiting orders of one market."""

    __slots__ = ("_down", "_up", "next_down", "next_up", "orders")

    def __init__(self) -> None:
        """Begin empty."""
        self.orders: dict[int, Order] = {}
        self._up: SortedList[tuple[int, int]] = SortedList()
        self._down: SortedList[tuple[int, int]] = SortedList()
        self.next_up = _NEVER
        """The lowest price that fires an up order."""
        self.next_down = 0
        """The highest price that fires a down order."""

    def add(self, order: "Order") -> None:
        """Let an order wait."""
        self.orders[order.order_id] = order
        if fires_upwards(order.side, order.type):
            self._up.add((order.trigger_price, order.order_id))
        else:
            self._down.add((-order.trigger_price, order.order_id))
        self._refresh()

    def remove(self, order: "Order") -> None:
        """Take a waiting order out."""
        del self.orders[order.order_id]
        if fires_upwards(order.side, order.type):
            self._up.remove((order.trigger_price, order.order_id))
        else:
            self._down.remove((-order.trigger_price, order.order_id))
        self._refresh()

    def pop_fired(self, price: int) -> "list[Order]":
        """Take out and return the orders that a trade at `price` sets off, first to enter first."""
        fired: list[Order] = []
        while self._up and self._up[0][0] <= price:
            fired.append(self.orders.pop(self._up.pop(0)[1]))
        while self._down and -self._down[0][0] >= price:
            fired.append(self.orders.pop(self._down.pop(0)[1]))
        self._refresh()
        return fired

    def _refresh(self) -> None:
        self.next_up = self._up[0][0] if self._up else _NEVER
        self.next_down = -self._down[0][0] if self._down else 0
