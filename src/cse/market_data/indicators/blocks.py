"""Which candles a value is computed from: the same ones for the same candle, whatever page it is asked on.

A function with a running state (an EMA, an on-balance volume) gives a candle another value for every candle that the
computation may begin at. So it never begins where a page does. Time is cut into blocks, the same for everybody:

- `finite` and `fading` functions: blocks of BLOCK candles, counted from the epoch. The computation begins `warm_up`
  candles before the block, so that what came earlier weighs less than the precision of what is shown.
- `whole` functions (sums since a beginning) begin anew with each UTC hour, day, week or year, as an anchored VWAP does.

What was traded before the market's first trade is nothing: there the computation begins with the first candle.
"""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from cse.market_data.candles import INTERVALS, open_time
from cse.market_data.indicators.catalogue import Function

BLOCK: Final = 500
"""Candles."""
MAX_WARM_UP: Final = 5_000
"""Candles before a block: bounds what one value may cost, and which parameters can be asked for."""
_PER_LOOKBACK: Final = 25
_AT_LEAST: Final = 200
_HOUR_MS: Final = INTERVALS["1h"]
_DAY_MS: Final = INTERVALS["1d"]
_WEEK_MS: Final = INTERVALS["1w"]
SPANS: Final = {
    "1s": "hour",
    **dict.fromkeys(("1m", "3m", "5m"), "day"),
    **dict.fromkeys(("15m", "30m", "1h", "2h"), "week"),
    **dict.fromkeys(("4h", "6h", "12h", "1d", "1w"), "year"),
}
"""After which `whole` functions begin anew, by interval; at most 3,600 candles."""


class Block(NamedTuple):
    """Candles that open in [begin, end), computed together."""

    begin_ms: int
    end_ms: int


def warm_up(function: Function, lookback: int) -> int:
    """Return how many candles before a block the computation begins; `lookback` is that of its parameters.

    Smoothing over n candles as Wilder's forgets its start as (1 - 1/n)^k: after 25 n candles less than 2e-11 of it
    is left; an EMA (2 / (n + 1)) forgets twice as fast. At MAX_WARM_UP that still holds for n = 200.
    """
    if function.memory == "whole":
        return 0
    if function.memory == "finite":
        return lookback
    return max(lookback, min(MAX_WARM_UP, _PER_LOOKBACK * lookback + _AT_LEAST))


def blocks_of(function: Function, interval: str, from_ms: int, to_ms: int) -> list[Block]:
    """Return the blocks of all candles of an interval that open in [from, to), oldest first."""
    found: list[Block] = []
    at_ms = from_ms
    while at_ms < to_ms:
        found.append(_block(function, interval, at_ms))
        at_ms = found[-1].end_ms
    return found


def _block(function: Function, interval: str, at_ms: int) -> Block:
    if function.memory == "whole":
        return _span(SPANS[interval], INTERVALS[interval], at_ms)
    return block_at(interval, at_ms)


def block_at(interval: str, at_ms: int) -> Block:
    """Return the block of BLOCK candles that a moment falls into."""
    step_ms = INTERVALS[interval]
    first_ms = open_time(0, step_ms)  # weeks begin on Mondays, and the epoch was none
    size_ms = BLOCK * step_ms
    begin_ms = first_ms + (at_ms - first_ms) // size_ms * size_ms
    return Block(begin_ms, begin_ms + size_ms)


def _span(span: str, step_ms: int, at_ms: int) -> Block:
    if span == "year":
        year = datetime.fromtimestamp(at_ms / 1_000, UTC).year
        begin_ms, end_ms = (_first_of(year, step_ms), _first_of(year + 1, step_ms))
        if at_ms < begin_ms:
            return Block(_first_of(year - 1, step_ms), begin_ms)
        return Block(begin_ms, end_ms)
    size_ms = {"hour": _HOUR_MS, "day": _DAY_MS, "week": _WEEK_MS}[span]
    begin_ms = open_time(at_ms, size_ms)
    return Block(begin_ms, begin_ms + size_ms)


def _first_of(year: int, step_ms: int) -> int:
    """Return when a year's first candle opens: of weeks, that is its first Monday."""
    new_year_ms = int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000
    began_ms = open_time(new_year_ms, step_ms)
    return began_ms if began_ms == new_year_ms else began_ms + step_ms
