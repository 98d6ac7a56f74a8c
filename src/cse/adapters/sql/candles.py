"""Candles: of one minute in a table of their own, longer ones added up from these, shorter ones from trades.

Volumes may be more than 64 bits hold, where a market turns over all there is many times a minute. They
are kept and added up in two halves: value // 2^32 and value % 2^32, each summed for itself.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, func, select

from cse.adapters.sql.tables import candles, trades
from cse.projections.changes import TradeRow

MINUTE_MS: Final = 60_000
_DAY_MS: Final = 86_400_000
_WEEK_MS: Final = 7 * _DAY_MS
_MONDAY_MS: Final = 4 * _DAY_MS
"""1970-01-05; the Unix epoch began on a Thursday."""

_HALF: Final = 2**32


def whole_intervals(time_ms: int, interval_ms: int) -> int:
    """Return when the interval that a time lies in began."""
    shift = _MONDAY_MS if interval_ms % _WEEK_MS == 0 else 0
    return (time_ms - shift) // interval_ms * interval_ms + shift


def minute_candles(rows: Sequence[TradeRow]) -> list[tuple[int, ...]]:
    """Return what trades, oldest first, add to the table of candles."""
    found: dict[tuple[int, int], list[int]] = {}
    for trade, time_ms, sequence in rows:
        key = (trade.market_id, whole_intervals(time_ms, MINUTE_MS))
        price = trade.price
        candle = found.get(key)
        if candle is None:
            candle = found[key] = [price, price, price, price, 0, 0, 0, 0, 0, sequence]
        candle[1] = max(candle[1], price)
        candle[2] = min(candle[2], price)
        candle[3] = price
        candle[4] += trade.quantity // _HALF
        candle[5] += trade.quantity % _HALF
        candle[6] += trade.quote_amount // _HALF
        candle[7] += trade.quote_amount % _HALF
        candle[8] += 1
        candle[9] = sequence
    return [(*key, *candle) for key, candle in found.items()]


def candles_query(market_id: int, interval_ms: int, from_ms: int, to_ms: int) -> Select[Any]:
    """Return one row per interval with trades between two times that begin intervals, oldest first."""
    if interval_ms % MINUTE_MS == 0:
        return _from_minutes(market_id, interval_ms, from_ms, to_ms)
    return _from_trades(market_id, interval_ms, from_ms, to_ms)


def whole_sum(high: Any, low: Any) -> int:
    """Return a sum that was added up in halves (PostgreSQL's come as Decimals)."""
    return int(high) * _HALF + int(low)


def _from_minutes(market_id: int, interval_ms: int, from_ms: int, to_ms: int) -> Select[Any]:
    c = candles.c
    number = (c.open_time_ms - from_ms) // interval_ms
    names = ("volume_high", "volume_low", "quote_volume_high", "quote_volume_low", "trades")
    sums = (
        select(
            number.label("number"),
            func.min(c.open_time_ms).label("first"),
            func.max(c.open_time_ms).label("last"),
            func.max(c.high).label("high"),
            func.min(c.low).label("low"),
            *(func.sum(c[name]).label(name) for name in names),
        )
        .where(c.market_id == market_id, c.open_time_ms >= from_ms, c.open_time_ms < to_ms)
        .group_by(number)
        .subquery()
    )
    ends = {
        name: select(c[name]).where(c.market_id == market_id, c.open_time_ms == sums.c[end])
        for name, end in (("open", "first"), ("close", "last"))
    }
    return _with_ends(sums, ends, interval_ms, from_ms)


def _from_trades(market_id: int, interval_ms: int, from_ms: int, to_ms: int) -> Select[Any]:
    c = trades.c
    number = (c.time_ms - from_ms) // interval_ms
    sums = (
        select(
            number.label("number"),
            func.min(c.trade_id).label("first"),
            func.max(c.trade_id).label("last"),
            func.max(c.price).label("high"),
            func.min(c.price).label("low"),
            func.sum(c.quantity // _HALF).label("volume_high"),
            func.sum(c.quantity % _HALF).label("volume_low"),
            func.sum(c.quote_amount // _HALF).label("quote_volume_high"),
            func.sum(c.quote_amount % _HALF).label("quote_volume_low"),
            func.count().label("trades"),
        )
        .where(c.market_id == market_id, c.time_ms >= from_ms, c.time_ms < to_ms)
        .group_by(number)
        .subquery()
    )
    ends = {
        name: select(c.price).where(c.market_id == market_id, c.trade_id == sums.c[end])
        for name, end in (("open", "first"), ("close", "last"))
    }
    return _with_ends(sums, ends, interval_ms, from_ms)


def _with_ends(
    sums: Any, ends: dict[str, Select[Any]], interval_ms: int, from_ms: int
) -> Select[Any]:
    """Add the first and the last price: by look-ups, whatever a planner thinks of joins."""
    return select(
        (sums.c.number * interval_ms + from_ms).label("open_time_ms"),
        *(query.scalar_subquery().label(name) for name, query in ends.items()),
        sums,
    ).order_by(sums.c.number)
