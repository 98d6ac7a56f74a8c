"""Candles to compute from: without holes from a market's first trade on, memory and history as one."""

from typing import Final

from cse.gateway.candle_pages import CandlePages
from cse.gateway.market_history import MarketHistory
from cse.market_data import INTERVALS, Candle

_FINEST: Final = "1s"
_ALL_MS: Final = 2**53


class Candles:
    """Reads candles; errors are MarketHistory's."""

    def __init__(self, history: MarketHistory) -> None:
        """Take what reads candles."""
        self._history: Final = history
        self._pages: Final = CandlePages(history)
        self._first: Final[dict[int, int]] = {}

    async def first(self, market_id: int) -> int | None:
        """Return the second of a market's first trade (Unix ms); None: nothing has traded yet."""
        known = self._first.get(market_id)
        if known is None:
            found = await self._history.candles(market_id, _FINEST, 0, _ALL_MS, 1)
            if not found:
                return None
            known = self._first[market_id] = found[0].open_time_ms
        return known

    async def filled(self, market_id: int, interval: str, from_ms: int, to_ms: int) -> list[Candle]:
        """Return all candles that open in [from, to), flat ones where nothing traded, oldest first."""
        limit = -(-(to_ms - from_ms) // INTERVALS[interval])
        page = await self._pages.forward(market_id, interval, from_ms, to_ms, limit, fill=True)
        return page.candles
