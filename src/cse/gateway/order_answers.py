"""What came of a place command, from the events of that command alone.

The live views may be further by the time the answer is written; the answer of a placing shows the order
exactly as its own command left it.
"""

from cse.messages.catalog import Market
from cse.messages.events import (
    Applied,
    OrderAccepted,
    OrderClosed,
    OrderReduced,
    OrderTriggered,
    Trade,
)
from cse.messages.wire import Side
from cse.projections.views import FillView, OrderView


def placed_order(
    applied: Applied, accepted: OrderAccepted, market: Market
) -> tuple[OrderView, list[FillView]]:
    """Return the order that `accepted` brought in, after its own command, with its fills."""
    view = _accepted_view(applied, accepted)
    fills: list[FillView] = []
    for event in applied.events:
        if isinstance(event, Trade):
            _take_trade(view, fills, event, market, applied)
        elif isinstance(event, OrderClosed):
            if event.order_id == view.order_id:
                view.close_reason = event.reason
        elif isinstance(event, OrderReduced):
            if event.order_id == view.order_id:
                view.quantity -= event.quantity
                view.quote_quantity -= event.quote_quantity
        elif isinstance(event, OrderTriggered) and event.order_id == view.order_id:
            view.triggered = True
    return view, fills


def _accepted_view(applied: Applied, accepted: OrderAccepted) -> OrderView:
    return OrderView(
        accepted.order_id,
        accepted.account_id,
        accepted.market_id,
        accepted.side,
        accepted.type,
        accepted.time_in_force,
        accepted.stp,
        accepted.post_only,
        accepted.price,
        accepted.trigger_price,
        accepted.quantity,
        accepted.quote_quantity,
        accepted.expires_at,
        accepted.held,
        accepted.client_order_id,
        applied.time_ms,
        applied.time_ms,
        applied.sequence,
    )


def _take_trade(
    view: OrderView, fills: list[FillView], trade: Trade, market: Market, applied: Applied
) -> None:
    """Add a trade to the order if it is one of its two parties, as taker or (after resting) as maker."""
    is_taker = trade.taker_order_id == view.order_id
    if not is_taker and trade.maker_order_id != view.order_id:
        return
    view.filled_quantity += trade.quantity
    view.quote_filled += trade.quote_amount
    received = market.base if view.side is Side.BUY else market.quote
    fills.append(
        FillView(
            trade.market_id,
            trade.trade_id,
            view.order_id,
            view.account_id,
            view.side,
            trade.price,
            trade.quantity,
            trade.quote_amount,
            trade.taker_fee if is_taker else trade.maker_fee,
            received.asset_id,
            is_taker,
            applied.time_ms,
            applied.sequence,
        )
    )
