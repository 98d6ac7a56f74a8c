"""Candles: what a market traded in each minute, hour, ... ; an interval without a trade has no candle.

Times are UTC: every interval begins at a whole multiple of itself since 1970-01-01, weeks on Mondays.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice, takewhile
from typing import Final

import msgspec

from cse.market_data.tape import TradeLike

_SECOND: Final = 1_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_WEEK: Final = 7 * _DAY
_FIRST_MONDAY: Final = 4 * _DAY
"""1970-01-05; the epoch itself was a Thursday."""

INTERVALS: Final[dict[str, int]] = {
    "1s": _SECOND,
    "1m": _MINUTE,
    "3m": 3 * _MINUTE,
    "5m": 5 * _MINUTE,
    "15m": 15 * _MINUTE,
    "30m": 30 * _MINUTE,
    "1h": _HOUR,
    "2h": 2 * _HOUR,
    "4h": 4 * _HOUR,
    "6h": 6 * _HOUR,
    "12h": 12 * _HOUR,
    "1d": _DAY,
    "1w": _WEEK,
}
"""Length in milliseconds by the API's name."""

MAX_CANDLES: Final = 1_000
"""Candles kept per market and interval; older ones are made from history."""


def open_time(time_ms: int, interval_ms: int) -> int:
    """Return when the interval began that a moment falls into (Unix ms)."""
    shift = _FIRST_MONDAY if interval_ms == _WEEK else 0
    return (time_ms - shift) // interval_ms * interval_ms + shift


def next_open(time_ms: int, interval_ms: int) -> int:
    """Return when the first interval begins that does not begin before a moment (Unix ms)."""
    return open_time(time_ms - 1, interval_ms) + interval_ms


class Candle(msgspec.Struct, gc=False):
    """One interval's trades: ticks, lots, quote units. The current one is mutable and still grows."""

    open_time_ms: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    quote_volume: int
    trades: int

    def add(self, trade: TradeLike) -> None:
        """Take in the newest trade, which falls into this interval."""
        price = trade.price
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.close = price
        self.volume += trade.quantity
        self.quote_volume += trade.quote_amount
        self.trades += 1

    def merge(self, later: "Candle") -> None:
        """Take in what was traded later within the same interval."""
        self.high = max(self.high, later.high)
        self.low = min(self.low, later.low)
        self.close = later.close
        self.volume += later.volume
        self.quote_volume += later.quote_volume
        self.trades += later.trades


def candle_of(trade: TradeLike, open_time_ms: int) -> Candle:
    """Return the candle that one trade alone makes."""
    price = trade.price
    return Candle(open_time_ms, price, price, price, price, trade.quantity, trade.quote_amount, 1)


class CandleSeries:
    """One market's candles of one interval, oldest first, the last one current."""

    def __init__(self, interval_ms: int, max_candles: int = MAX_CANDLES) -> None:
        """Begin empty; at most `max_candles` stay."""
        self.interval_ms: Final = interval_ms
        self._candles: deque[Candle] = deque(maxlen=max_candles)
        self._end_ms = 0
        self.dropped_to: int | None = None
        """The candles that no longer stay hold no trade of a later command than this; None: none was dropped."""

    def __len__(self) -> int:
        return len(self._candles)

    def add(self, trade: TradeLike) -> None:
        """Take in the newest trade."""
        if trade.time_ms >= self._end_ms:
            began = open_time(trade.time_ms, self.interval_ms)
            self._append(candle_of(trade, began), trade.sequence)
            return
        self._candles[-1].add(trade)

    def extend(self, candles: Iterable[Candle], sequence: int = 0) -> None:
        """Take in candles of this or of a finer interval that dividing this one gives, oldest first.

        Args:
            candles: what was traded since.
            sequence: the last command that traded until now.
        """
        for given in candles:
            began = open_time(given.open_time_ms, self.interval_ms)
            if began < self._end_ms:
                self._candles[-1].merge(given)
            else:
                self._append(msgspec.structs.replace(given, open_time_ms=began), sequence)

    def seed(
        self, candles: Iterable[Candle], trades: Iterable[TradeLike], sequence: int = 0
    ) -> None:
        """Put what was traded before in front of what is here: candles first, trades after them."""
        present = list(self._candles)
        self._candles.clear()
        self._end_ms = 0
        self.extend(candles, sequence)
        for trade in trades:
            self.add(trade)
        self.extend(present, sequence)

    def latest(self, limit: int | None = None) -> Sequence[Candle]:
        """Return the latest candles, oldest of them first, at most `limit`."""
        newest_first = list(islice(reversed(self._candles), limit))
        return newest_first[::-1]

    def since(self, from_ms: int) -> Sequence[Candle]:
        """Return the candles that open at `from_ms` or later, oldest first."""
        found = takewhile(lambda candle: candle.open_time_ms >= from_ms, reversed(self._candles))
        return list(found)[::-1]

    def between(self, from_ms: int, to_ms: int, limit: int) -> Sequence[Candle]:
        """Return the latest `limit` candles that open in [from, to), oldest first."""
        found = (
            candle for candle in reversed(self._candles) if from_ms <= candle.open_time_ms < to_ms
        )
        return list(islice(found, limit))[::-1]

    def _append(self, candle: Candle, sequence: int) -> None:
        if len(self._candles) == self._candles.maxlen:
            self.dropped_to = max(self.dropped_to or 0, sequence)
        self._candles.append(candle)
        self._end_ms = candle.open_time_ms + self.interval_ms
