"""What markets traded at, for many moments or many markets at once."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Select, column, select, values

from cse.adapters.sql import tables
from cse.portfolio.ports import Moment

_candles: Final = tables.candles.c
_trades: Final = tables.trades.c


def prices_query(market_id: int, moments: Sequence[Moment]) -> Select[Any]:
    """The last trade before each command: a walk along the index of times for each."""
    columns = column("sequence", BigInteger), column("time_ms", BigInteger)
    listed = values(*columns, name="moments").data([tuple(moment) for moment in moments])
    asked = listed.cte("asked")  # SQLite names the columns of VALUES nowhere else
    last = (
        select(_trades.price)
        .where(
            _trades.market_id == market_id,
            _trades.time_ms <= asked.c.time_ms,
            _trades.sequence < asked.c.sequence,
        )
        .order_by(_trades.time_ms.desc(), _trades.trade_id.desc())
        .limit(1)
        .correlate(asked)
        .scalar_subquery()
    )
    return select(asked.c.sequence, last.label("price"))


def window_closes(
    market_ids: Sequence[int], interval_ms: int, from_ms: int, to_ms: int
) -> Select[Any]:
    """Closes of the candles that open in [from, to)."""
    return select(_candles.market_id, _candles.open_time_ms, _candles.close).where(
        _candles.market_id.in_(market_ids),
        _candles.interval_ms == interval_ms,
        _candles.open_time_ms >= from_ms,
        _candles.open_time_ms < to_ms,
    )


def last_closes(market_ids: Sequence[int], interval_ms: int, before_ms: int) -> Select[Any]:
    """Each market's last candle that opened before a time."""
    inner = tables.candles.alias()
    listed = tables.markets.c
    last = (
        select(inner.c.open_time_ms)
        .where(
            inner.c.market_id == listed.market_id,
            inner.c.interval_ms == interval_ms,
            inner.c.open_time_ms < before_ms,
        )
        .order_by(inner.c.open_time_ms.desc())
        .limit(1)
        .correlate(tables.markets)
        .scalar_subquery()
    )
    return (
        select(_candles.market_id, _candles.open_time_ms, _candles.close)
        .select_from(tables.markets)
        .join(
            tables.candles,
            (_candles.market_id == listed.market_id)
            & (_candles.interval_ms == interval_ms)
            & (_candles.open_time_ms == last),
        )
        .where(listed.market_id.in_(market_ids))
    )
