"""All market data of a venue: one bundle per market, kept current from records and events."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from cse.market_data.candles import INTERVALS, Candle, CandleSeries, candle_of, open_time
from cse.market_data.depth import DepthBook
from cse.market_data.tape import TapeTrade, TradeLike, TradeTape
from cse.market_data.ticker import Ticker
from cse.messages import events as e
from cse.messages import records as r
from cse.messages.wire import Record

_SECOND_MS: Final = INTERVALS["1s"]


class MarketData:
    """One market's depth, trades, ticker and candles."""

    def __init__(self, market_id: int, last_price: int = 0, last_trade_id: int = 0) -> None:
        """Begin with an empty book; the last trade is known from the market's record (0: none yet)."""
        self.depth: Final = DepthBook()
        self.trades: Final = TradeTape()
        self.ticker: Final = Ticker(market_id, self.depth, last_price)
        self._series: Final = {name: CandleSeries(ms) for name, ms in INTERVALS.items()}
        self._second: Candle | None = None
        """What was traded in the second that goes on, and is in no series yet: a trade touches one candle."""
        self.trade_sequence = 0
        """The last command that traded here (after a start: the last command before it)."""
        self.seed_to: Final = last_trade_id
        """Trades up to this id come from history, those after it with events: none comes twice."""
        self.seeded = last_trade_id == 0
        """Whether the trades before the start are in."""

    def trade(self, event: e.Trade, sequence: int, time_ms: int) -> None:
        """Take in a trade."""
        trade = TapeTrade.of_event(event, sequence, time_ms)
        self.trade_sequence = sequence
        self.trades.add(trade)
        self.ticker.add(trade)
        second = self._second
        if second is None:
            self._second = candle_of(trade, open_time(time_ms, _SECOND_MS))
        elif time_ms < second.open_time_ms + _SECOND_MS:
            second.add(trade)
        else:
            self._end_second()
            self._second = candle_of(trade, open_time(time_ms, _SECOND_MS))

    def candles(self, interval: str) -> CandleSeries:
        """Return the candles of an interval ("1m") with every trade so far. Raises KeyError: no such interval."""
        self._end_second()
        return self._series[interval]

    def _end_second(self) -> None:
        if self._second is not None:
            for series in self._series.values():
                series.extend((self._second,), self.trade_sequence)
            self._second = None

    def seed(
        self, trades: Iterable[TradeLike], candles: Mapping[str, Sequence[Candle]] | None = None
    ) -> None:
        """Put trades from before the start (oldest first) in front of what events brought since.

        Trades that events bring are passed over, so giving too many is safe. `candles` by interval hold
        what was traded before the first of the trades; those of "1m" also feed the 24 hours. Only the
        first seed counts.
        """
        if self.seeded:
            return
        self._end_second()
        older = [trade for trade in trades if trade.trade_id <= self.seed_to]
        candles = candles or {}
        self.trades.seed(older)
        self.ticker.window.seed(candles.get("1m", ()), older)
        for name, series in self._series.items():
            series.seed(candles.get(name, ()), older, self.trade_sequence)
        self.seeded = True


class MarketDataHub:
    """Market data by market id. Every method is cheap; nothing here waits."""

    def __init__(self) -> None:
        """Begin without markets."""
        self.sequence = 0
        """The last command that was applied."""
        self.time_ms = 0
        self._markets: Final[dict[int, MarketData]] = {}

    def __iter__(self) -> Iterator[int]:
        return iter(self._markets)

    def __contains__(self, market_id: int) -> bool:
        return market_id in self._markets

    def market(self, market_id: int) -> MarketData:
        """Return all of a market's data. Raises KeyError when there is no such market."""
        return self._markets[market_id]

    def depth(self, market_id: int) -> DepthBook:
        """Return a market's book. Raises KeyError when there is no such market."""
        return self._markets[market_id].depth

    def trades(self, market_id: int) -> TradeTape:
        """Return a market's latest trades. Raises KeyError when there is no such market."""
        return self._markets[market_id].trades

    def ticker(self, market_id: int) -> Ticker:
        """Return a market's ticker; `view(now_ms)` reads it. Raises KeyError: no such market."""
        return self._markets[market_id].ticker

    def candles(self, market_id: int, interval: str) -> CandleSeries:
        """Return a market's candles of an interval ("1m"). Raises KeyError: no such market or interval."""
        return self._markets[market_id].candles(interval)

    def seed(
        self,
        market_id: int,
        trades: Iterable[TradeLike],
        candles: Mapping[str, Sequence[Candle]] | None = None,
    ) -> None:
        """Bring in a market's trades from before the start; see MarketData.seed."""
        self._markets[market_id].seed(trades, candles)

    def load(self, records: Iterable[Record]) -> None:
        """Take in a snapshot's records, in their canonical order; kinds of no interest are passed over."""
        for record in records:
            if isinstance(record, r.OrderRecord):
                if record.resting:
                    self._markets[record.market_id].depth.load(record)
            elif isinstance(record, r.MarketRecord):
                self._add(record.market_id, record.last_price, record.last_trade_id)
            elif isinstance(record, r.StateRecord):
                self.sequence, self.time_ms = record.sequence, record.time_ms

    def apply(self, batch: Sequence[e.Applied]) -> None:
        """Take in what was applied, in order; commands that are in already are passed over."""
        for applied in batch:
            sequence, time_ms = applied.sequence, applied.time_ms
            if sequence <= self.sequence:
                continue
            self.sequence, self.time_ms = sequence, time_ms
            for event in applied.events:
                kind = type(event)
                if kind is e.LevelChanged:
                    self._markets[event.market_id].depth.apply(event, sequence, time_ms)  # type: ignore[attr-defined,arg-type]  # `is` does not narrow, isinstance costs more
                elif kind is e.Trade:
                    self._markets[event.market_id].trade(event, sequence, time_ms)  # type: ignore[attr-defined,arg-type]  # as above
                elif kind is e.MarketCreated:
                    self._add(event.market_id)  # type: ignore[attr-defined]  # as above

    def _add(self, market_id: int, last_price: int = 0, last_trade_id: int = 0) -> None:
        market = self._markets[market_id] = MarketData(market_id, last_price, last_trade_id)
        market.depth.sequence = market.trade_sequence = self.sequence
        market.depth.time_ms = self.time_ms
