"""Market data in memory: depth, trades, ticker and candles per market, from events alone. Integers only."""

from cse.market_data.candles import INTERVALS, Candle, CandleSeries, open_time
from cse.market_data.checksum import book_checksum
from cse.market_data.depth import DepthBook, DepthSnapshot
from cse.market_data.hub import MarketData, MarketDataHub
from cse.market_data.tape import TapeTrade, TradeTape
from cse.market_data.ticker import TickerView

__all__ = [
    "INTERVALS",
    "Candle",
    "CandleSeries",
    "DepthBook",
    "DepthSnapshot",
    "MarketData",
    "MarketDataHub",
    "TapeTrade",
    "TickerView",
    "TradeTape",
    "book_checksum",
    "open_time",
]
