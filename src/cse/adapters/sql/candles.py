"""Candles as rows: one per market, interval and open time that traded, for each of the API's intervals.

All intervals are stored, so that a page of any of them is one walk along the key. A batch's trades are first
added up per second; each longer interval is added up from the next shorter one that divides it.

Volumes may be more than 64 bits hold, where a market turns over all there is many times an interval. They
are kept and added up in two halves: value // 2^32 and value % 2^32, each summed for itself; so a row
does not depend on how its trades were divided into batches.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Select, select

from cse.adapters.sql.tables import candle_positions, candles, trades
from cse.market_data.candles import INTERVALS, open_time

Row = tuple[int, ...]

Traded = tuple[int, int, int, int, int, int]
"""market_id, price (ticks), quantity (lots), quote_amount (quote units), time_ms, sequence."""

STORED: Final = frozenset(INTERVALS.values())
"""The lengths in milliseconds that have rows."""

_SECOND_MS: Final = INTERVALS["1s"]
_FINER: Final = tuple(
    (INTERVALS[name], INTERVALS[finer])
    for name, finer in (
        ("1m", "1s"),
        ("3m", "1m"),
        ("5m", "1m"),
        ("15m", "5m"),
        ("30m", "15m"),
        ("1h", "30m"),
        ("2h", "1h"),
        ("4h", "2h"),
        ("6h", "2h"),
        ("12h", "6h"),
        ("1d", "12h"),
        ("1w", "1d"),
    )
)
"""Each interval, and the longest one that divides it: what it is added up from."""

_HALF_BITS: Final = 32
_LOW: Final = 2**_HALF_BITS - 1


def candle_rows(traded: Iterable[Traded]) -> list[Row]:
    """Return what trades add to the table of candles, in the order of its key.

    Args:
        traded: in the order in which they were made, of any number of markets.
    """
    level = {_SECOND_MS: _by_second(traded)}
    for interval_ms, finer_ms in _FINER:
        level[interval_ms] = _merged(level[finer_ms], interval_ms)
    return sorted(
        (market_id, interval_ms, open_ms, *values)
        for interval_ms, found in level.items()
        for (market_id, open_ms), values in found.items()
    )


_Found = dict[tuple[int, int], list[int]]
"""(market_id, open_time_ms) -> the table's columns from `open` on."""


def _by_second(traded: Iterable[Traded]) -> _Found:
    found: _Found = {}
    for market_id, price, quantity, quote_amount, time_ms, sequence in traded:
        key = (market_id, time_ms - time_ms % _SECOND_MS)
        candle = found.get(key)
        if candle is None:
            candle = found[key] = [price, price, price, price, 0, 0, 0, 0, 0, sequence]
        elif price > candle[1]:
            candle[1] = price
        elif price < candle[2]:
            candle[2] = price
        candle[3] = price
        candle[4] += quantity >> _HALF_BITS
        candle[5] += quantity & _LOW
        candle[6] += quote_amount >> _HALF_BITS
        candle[7] += quote_amount & _LOW
        candle[8] += 1
        candle[9] = sequence
    return found


def _merged(finer: _Found, interval_ms: int) -> _Found:
    found: _Found = {}
    for (market_id, open_ms), values in finer.items():
        key = (market_id, open_time(open_ms, interval_ms))
        candle = found.get(key)
        if candle is None:
            found[key] = values.copy()
            continue
        candle[1] = max(candle[1], values[1])
        candle[2] = min(candle[2], values[2])
        candle[3] = values[3]
        for column in range(4, 9):
            candle[column] += values[column]
        candle[9] = values[9]
    return found


def candles_page(
    market_id: int, interval_ms: int, from_ms: int, to_ms: int, limit: int, *, newest: bool
) -> Select[Any]:
    """Return the candles that open in [from, to): the oldest `limit`, oldest first, or the newest, newest first."""
    c = candles.c
    query = select(candles).where(
        c.market_id == market_id,
        c.interval_ms == interval_ms,
        c.open_time_ms >= from_ms,
        c.open_time_ms < to_ms,
    )
    return query.order_by(c.open_time_ms.desc() if newest else c.open_time_ms).limit(limit)


def built_query(market_id: int) -> Select[Any]:
    """Return up to which trade candles hold a market (`built`), and its last trade (`last`); null: none."""
    p, t = candle_positions.c, trades.c
    built = select(p.trade_id).where(p.market_id == market_id).scalar_subquery()
    newest = select(t.trade_id).where(t.market_id == market_id).order_by(t.trade_id.desc()).limit(1)
    return select(built.label("built"), newest.scalar_subquery().label("last"))


def whole_sum(high: int, low: int) -> int:
    """Return a sum that was added up in halves."""
    return (high << _HALF_BITS) + low


def last_ids(ids: Iterable[tuple[int, int]]) -> Iterator[Row]:
    """Return a row of `candle_positions` per market, from (market_id, trade_id) in rising order."""
    yield from dict(ids).items()


def first_ids(ids: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Return each market's first trade id, from (market_id, trade_id) in rising order."""
    return dict(reversed(ids))
