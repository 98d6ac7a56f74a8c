"""The 24-hour ticker: a rolling window of minute candles, never scanned.

Sums are kept by adding what comes and taking away what falls out; the highest and the lowest price by a
queue each of the minutes that can still become the extreme (the monotonic queue for sliding windows).
The window is exact to the minute: a trade falls out when its whole minute is older than 24 hours.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final

import msgspec

from cse.market_data.candles import Candle, candle_of, open_time
from cse.market_data.depth import DepthBook, Level
from cse.market_data.tape import TradeLike

WINDOW_MS: Final = 24 * 60 * 60 * 1_000
BUCKET_MS: Final = 60 * 1_000


class TickerView(msgspec.Struct, frozen=True, gc=False):
    """A market's last 24 hours. Ticks, lots, quote units; None where nothing traded or nobody quotes."""

    market_id: int
    sequence: int
    """The last command that changed book or trades."""
    time_ms: int
    last: int | None
    """The last trade's price, however old."""
    open: int | None
    high: int | None
    low: int | None
    volume: int
    quote_volume: int
    trades: int
    best_bid: Level | None
    best_ask: Level | None

    @property
    def change(self) -> int | None:
        """Ticks that the price moved within the window."""
        return None if self.last is None or self.open is None else self.last - self.open


class RollingWindow:
    """Open, high, low, volumes and count of the last 24 hours."""

    def __init__(self) -> None:
        """Begin empty."""
        self._minutes: Final[deque[Candle]] = deque()
        self._highs: Final[deque[Candle]] = deque()
        self._lows: Final[deque[Candle]] = deque()
        self.volume = 0
        self.quote_volume = 0
        self.trades = 0

    def add(self, trade: TradeLike) -> None:
        """Take in the newest trade."""
        self._take(candle_of(trade, open_time(trade.time_ms, BUCKET_MS)))

    def seed(self, candles: Iterable[Candle], trades: Iterable[TradeLike]) -> None:
        """Put what was traded before in front of what is here: minute candles first, trades after them."""
        present = list(self._minutes)
        for queue in (self._minutes, self._highs, self._lows):
            queue.clear()
        self.volume = self.quote_volume = self.trades = 0
        for candle in candles:
            self._take(msgspec.structs.replace(candle))
        for trade in trades:
            self.add(trade)
        for candle in present:
            self._take(candle)

    def expire(self, now_ms: int) -> None:
        """Let fall out what is older than 24 hours; amortised, each minute once."""
        horizon = now_ms - WINDOW_MS - BUCKET_MS
        while self._minutes and self._minutes[0].open_time_ms <= horizon:
            gone = self._minutes.popleft()
            self.volume -= gone.volume
            self.quote_volume -= gone.quote_volume
            self.trades -= gone.trades
            for queue in (self._highs, self._lows):
                if queue[0] is gone:
                    queue.popleft()

    @property
    def open(self) -> int | None:
        """The first price of the window."""
        return self._minutes[0].open if self._minutes else None

    @property
    def high(self) -> int | None:
        """The highest price of the window."""
        return self._highs[0].high if self._highs else None

    @property
    def low(self) -> int | None:
        """The lowest price of the window."""
        return self._lows[0].low if self._lows else None

    def _take(self, piece: Candle) -> None:
        """Add the newest trades, given as (part of) a minute's candle that is ours to keep."""
        self.volume += piece.volume
        self.quote_volume += piece.quote_volume
        self.trades += piece.trades
        minute = self._minutes[-1] if self._minutes else None
        if minute is not None and minute.open_time_ms >= piece.open_time_ms:
            minute.merge(piece)
            self._highs.pop()
            self._lows.pop()
        else:
            minute = piece
            self._minutes.append(minute)
        while self._highs and self._highs[-1].high <= minute.high:
            self._highs.pop()
        while self._lows and self._lows[-1].low >= minute.low:
            self._lows.pop()
        self._highs.append(minute)
        self._lows.append(minute)


class Ticker:
    """A market's ticker: its window, its last price, and the best of its book."""

    def __init__(self, market_id: int, book: DepthBook, last_price: int = 0) -> None:
        """Begin with an empty window; `last_price` (ticks) is known from before, 0: there was none."""
        self.window: Final = RollingWindow()
        self._market_id: Final = market_id
        self._book: Final = book
        self._last_price = last_price
        self._sequence = 0
        self._time_ms = 0

    def add(self, trade: TradeLike) -> None:
        """Take in the newest trade."""
        self._last_price = trade.price
        self._sequence, self._time_ms = trade.sequence, trade.time_ms
        self.window.expire(trade.time_ms)
        self.window.add(trade)

    def view(self, now_ms: int) -> TickerView:
        """Return the ticker as of now."""
        window, book = self.window, self._book
        time_ms = max(self._time_ms, book.time_ms)
        window.expire(max(now_ms, time_ms))
        return TickerView(
            self._market_id,
            max(self._sequence, book.sequence),
            time_ms,
            self._last_price or None,
            window.open,
            window.high,
            window.low,
            window.volume,
            window.quote_volume,
            window.trades,
            book.bids.best(),
            book.asks.best(),
        )
