"""What happened to an account since a command, oldest first: for clients that come back and missed it."""

from typing import Any, Final

from sqlalchemy import Select, select, tuple_

from cse.adapters.sql import tables
from cse.projections.views import PageKey

_orders: Final = tables.orders.c
_fills: Final = tables.fills.c


def orders_changed_page(account_id: int, after: PageKey, until: int, limit: int) -> Select[Any]:
    """Orders by (sequence of the last change, order id), after that key."""
    return (
        select(tables.orders)
        .where(
            _orders.account_id == account_id,
            tuple_(_orders.sequence, _orders.order_id) > tuple_(*after),
            _orders.sequence <= until,
        )
        .order_by(_orders.sequence, _orders.order_id)
        .limit(limit)
    )


def fills_after_page(account_id: int, after: PageKey, until: int, limit: int) -> Select[Any]:
    """Fills by (sequence, position), after that key."""
    return (
        select(tables.fills)
        .where(
            _fills.account_id == account_id,
            tuple_(_fills.sequence, _fills.position) > tuple_(*after),
            _fills.sequence <= until,
        )
        .order_by(_fills.sequence, _fills.position)
        .limit(limit)
    )
