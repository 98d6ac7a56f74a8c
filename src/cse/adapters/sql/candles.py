"""Candles added up from trades by the database, along an index that holds all they need."""

from typing import Any, Final

from sqlalchemy import Select, func, select

from cse.adapters.sql.tables import trades

_DAY_MS: Final = 86_400_000
_WEEK_MS: Final = 7 * _DAY_MS
_MONDAY_MS: Final = 4 * _DAY_MS
"""1970-01-05; the Unix epoch began on a Thursday."""

_HALF: Final = 2**32
"""Sums are added up in two halves, since a week's turnover may be more than 64 bits hold."""


def whole_intervals(time_ms: int, interval_ms: int) -> int:
    """Return when the interval that a time lies in began."""
    shift = _shift(interval_ms)
    return (time_ms - shift) // interval_ms * interval_ms + shift


def candles_query(market_id: int, interval_ms: int, from_ms: int, to_ms: int) -> Select[Any]:
    """Return one row per interval with trades between two times that begin intervals, oldest first."""
    number = (trades.c.time_ms - from_ms) // interval_ms
    sums = (
        select(
            number.label("number"),
            func.min(trades.c.trade_id).label("first"),
            func.max(trades.c.trade_id).label("last"),
            func.max(trades.c.price).label("high"),
            func.min(trades.c.price).label("low"),
            *_halves(trades.c.quantity, "volume"),
            *_halves(trades.c.quote_amount, "quote_volume"),
            func.count().label("trades"),
        )
        .where(
            trades.c.market_id == market_id,
            trades.c.time_ms >= from_ms,
            trades.c.time_ms < to_ms,
        )
        .group_by(number)
        .subquery()
    )

    def price_of(trade_id: Any) -> Any:
        found = select(trades.c.price).where(
            trades.c.market_id == market_id, trades.c.trade_id == trade_id
        )
        return found.scalar_subquery()  # a look-up per candle, whatever a planner thinks of joins

    return select(
        (sums.c.number * interval_ms + from_ms).label("open_time_ms"),
        price_of(sums.c.first).label("open"),
        price_of(sums.c.last).label("close"),
        sums,
    ).order_by(sums.c.number)


def whole_sum(high: Any, low: Any) -> int:
    """Return a sum that was added up in halves (PostgreSQL's come as Decimals)."""
    return int(high) * _HALF + int(low)


def _halves(column: Any, name: str) -> tuple[Any, Any]:
    return (
        func.sum(column // _HALF).label(f"{name}_high"),
        func.sum(column % _HALF).label(f"{name}_low"),
    )


def _shift(interval_ms: int) -> int:
    return _MONDAY_MS if interval_ms % _WEEK_MS == 0 else 0
