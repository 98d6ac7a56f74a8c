"""Orders in memory: every open one, and as many of those closed last as there is room for."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from cse.messages import events as e
from cse.messages import records as r
from cse.messages.wire import OrderType, Side
from cse.projections.views import FillView, OrderView, accepted_order

MAX_FILLS: Final = 1_000
"""Fills kept per order; the older ones are in the history."""

_UNTRIGGERED: Final = (OrderType.LIMIT, OrderType.MARKET)


class LiveOrders:
    """Order views by id, by owner and by client order id, with their fills.

    One view object per order is kept up to date: whoever needs it to stand still copies it.
    """

    def __init__(self, max_closed: int) -> None:
        """Begin empty; at most `max_closed` closed orders stay."""
        self._max_closed: Final = max_closed
        self._orders: Final[dict[int, OrderView]] = {}
        self._open: Final[dict[int, dict[int, OrderView]]] = {}
        self._by_client_id: Final[dict[tuple[int, str], OrderView]] = {}
        self._fills: Final[dict[int, tuple[FillView, ...]]] = {}
        """Tuples: the garbage collector takes no interest in them, and a container of its own for each
        order would make it stop the exchange for a tenth of a second now and then."""
        self._closed: Final[deque[int]] = deque()

    def get(self, order_id: int) -> OrderView | None:
        """Return an order, or None when it is unknown or was closed too long ago."""
        return self._orders.get(order_id)

    def by_client_id(self, account_id: int, client_order_id: str) -> OrderView | None:
        """Return the account's newest known order of this client order id."""
        return self._by_client_id.get((account_id, client_order_id))

    def open_of(self, account_id: int, market_id: int | None) -> list[OrderView]:
        """Return an account's open orders, newest first."""
        views = reversed(self._open.get(account_id, {}).values())
        return [view for view in views if market_id is None or view.market_id == market_id]

    def fills(self, order_id: int) -> Sequence[FillView]:
        """Return an order's fills that are in memory, oldest first."""
        return self._fills.get(order_id, ())

    def load(self, record: r.OrderRecord, sequence: int) -> None:
        """Take in an open order of a snapshot that was taken at `sequence`."""
        self._add(
            OrderView(
                order_id=record.order_id,
                account_id=record.account_id,
                market_id=record.market_id,
                side=record.side,
                type=record.type,
                time_in_force=record.time_in_force,
                stp=record.stp,
                post_only=record.post_only,
                price=record.price,
                trigger_price=record.trigger_price,
                quantity=record.quantity,
                quote_quantity=record.quote_quantity,
                expires_at=record.expires_at,
                held=record.held,
                client_order_id=record.client_order_id,
                created_at=record.created_at,
                updated_at=record.updated_at,
                sequence=sequence,
                filled_quantity=record.filled_quantity,
                quote_filled=record.quote_filled,
                triggered=record.resting and record.type not in _UNTRIGGERED,
            )
        )

    def accept(self, event: e.OrderAccepted, sequence: int, time_ms: int) -> None:
        """Add a new order."""
        self._add(accepted_order(event, sequence, time_ms))

    def touch(self, order_id: int, sequence: int, time_ms: int) -> OrderView:
        """Return an open order that an event changes now."""
        view = self._orders[order_id]
        view.sequence, view.updated_at = sequence, time_ms
        return view

    def trade(
        self, trade: e.Trade, base_id: int, quote_id: int, sequence: int, time_ms: int
    ) -> None:
        """Fill both orders of a trade."""
        for order_id, fee, is_taker in (
            (trade.maker_order_id, trade.maker_fee, False),
            (trade.taker_order_id, trade.taker_fee, True),
        ):
            view = self.touch(order_id, sequence, time_ms)
            view.filled_quantity += trade.quantity
            view.quote_filled += trade.quote_amount
            buys = view.side is Side.BUY
            view.held -= trade.quote_amount + trade.buyer_released if buys else trade.base_amount
            fill = FillView(
                trade.market_id,
                trade.trade_id,
                order_id,
                view.account_id,
                view.side,
                trade.price,
                trade.quantity,
                trade.quote_amount,
                fee,
                base_id if buys else quote_id,
                is_taker,
                time_ms,
                sequence,
            )
            fills = self._fills.get(order_id, ())
            self._fills[order_id] = (*fills[1 - MAX_FILLS :], fill)

    def close(self, event: e.OrderClosed, sequence: int, time_ms: int) -> OrderView:
        """Close an order and return it; the one that was closed longest ago may be forgotten for it."""
        view = self.touch(event.order_id, sequence, time_ms)
        view.close_reason = event.reason
        view.held -= event.released
        own = self._open[view.account_id]
        del own[view.order_id]
        if not own:
            del self._open[view.account_id]
        self._closed.append(view.order_id)
        if len(self._closed) > self._max_closed:
            self._forget(self._closed.popleft())
        return view

    def _add(self, view: OrderView) -> None:
        self._orders[view.order_id] = view
        self._open.setdefault(view.account_id, {})[view.order_id] = view
        if view.client_order_id:
            self._by_client_id[view.account_id, view.client_order_id] = view

    def _forget(self, order_id: int) -> None:
        view = self._orders.pop(order_id)
        self._fills.pop(order_id, None)
        named = (view.account_id, view.client_order_id)
        if self._by_client_id.get(named) is view:
            del self._by_client_id[named]
