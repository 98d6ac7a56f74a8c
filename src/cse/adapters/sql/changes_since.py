"""What happened to an account since a command, oldest first: for clients that come back and missed it."""

from typing import Any, Final

from sqlalchemy import Select, select, tuple_

from cse.adapters.sql import tables
from cse.projections.views import PageKey

_orders: Final = tables.orders.c
_fills: Final = tables.fills.c


def closed_orders_page(account_id: int, after: PageKey, until: int, limit: int) -> Select[Any]:
    """Closed orders by (sequence of the last change, order id), after that key."""
    return _changed(account_id, after, until, limit).where(tables.IS_CLOSED)


def open_orders_page(account_id: int, after: PageKey, until: int, limit: int) -> Select[Any]:
    """Open orders in the same order: all of an account's are looked at, which are few.

    SQLite is told so: it would rather go through all that the account ever had.
    """
    query = _changed(account_id, after, until, limit).where(tables.IS_OPEN)
    return query.with_hint(tables.orders, "INDEXED BY ix_orders_open", "sqlite")


def _changed(account_id: int, after: PageKey, until: int, limit: int) -> Select[Any]:
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
