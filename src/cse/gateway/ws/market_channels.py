"""The public channels of one market: order book, trades, ticker, candles.

Changes gather until `flush`, so that one message carries all of an event-loop turn, whatever the number of
commands. Before a snapshot is made its channel is flushed: what comes next always goes on from it.
"""

from abc import abstractmethod
from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import Final

from cse.core.clock import Clock
from cse.core.money import format_units
from cse.gateway.market_schemas import Level
from cse.gateway.present_market import candle_json, checksum_of, ticker_json, trade_json
from cse.gateway.ws.channel import Channel, Subscriber
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import (
    BookMessage,
    CandlesMessage,
    Data,
    Kind,
    TickerMessage,
    TradesMessage,
)
from cse.market_data import MarketData, open_time
from cse.market_data.checksum import DEPTH as CHECKSUM_DEPTH
from cse.market_data.tape import TradeLike
from cse.market_data.ticker import BUCKET_MS
from cse.messages.catalog import Catalog, Market
from cse.messages.wire import Side

SNAPSHOT_TRADES: Final = 50
SNAPSHOT_CANDLES: Final = 100
REUSE_PART: Final = 4
"""A book's snapshot is used again until this part (a quarter) of its levels has changed."""


_print: Final = lru_cache(maxsize=65_536)(format_units)
"""Prices and quantities of books recur all the time."""


class MarketChannel(Channel):
    """A channel that gathers changes and sends them together."""

    def __init__(
        self, name: str, market_id: int, data: MarketData, catalog: Catalog, sequence: int
    ) -> None:
        """Begin after what `data` holds now."""
        super().__init__(name, sequence)
        self.dirty = False
        self._market_id: Final = market_id
        self._data: Final = data
        self._catalog: Final = catalog
        self._snapshot: Outgoing | None = None
        self._made_of: Hashable = None
        """The state that the snapshot shows."""

    @property
    def market(self) -> Market:
        """The market as it is listed now."""
        return self._catalog.markets[self._market_id]

    def flush(self) -> None:
        """Send what has gathered, if anything has."""
        if not self.dirty:
            return
        self.dirty = False
        message = self._message("update", self.sequence)
        self.sequence = message.sequence
        self.publish(Outgoing(message))

    def open(self, subscriber: Subscriber, since: int | None) -> bool:  # noqa: ARG002  # for user channels
        """Send a snapshot; all who ask between two changes get the same one."""
        self.flush()
        state = self._state()
        if self._snapshot is None or self._made_of != state:
            self._made_of = state
            self._snapshot = Outgoing(self._message("snapshot", None))
        subscriber.push(self._snapshot)
        return True

    def _state(self) -> Hashable:
        """Return what a snapshot depends on: one of the same state is used again."""
        return self.sequence, self._data.seeded

    @abstractmethod
    def _message(self, kind: Kind, previous: int | None) -> Data:
        """Return what has gathered (and forget it), or everything."""


class BookChannel(MarketChannel):
    """`orderbook.M`: every level, then those that change, with a checksum."""

    conflates = True

    def __init__(self, name: str, market_id: int, data: MarketData, catalog: Catalog) -> None:
        """Begin after the present book."""
        super().__init__(name, market_id, data, catalog, data.depth.sequence)
        self._changed: Final[tuple[set[int], set[int]]] = (set(), set())
        self._since_snapshot: Final[list[Outgoing]] = []
        self._reusable_for = 0
        """How many more levels may change before a new snapshot is worth its cost."""

    def publish(self, outgoing: Outgoing) -> None:
        """Send an update, and keep it as long as it is cheaper than a new snapshot."""
        message = outgoing.message
        assert isinstance(message, BookMessage), "a book sends nothing else"
        self._reusable_for -= len(message.bids) + len(message.asks)
        if self._reusable_for >= 0:
            self._since_snapshot.append(outgoing)
        else:
            self._since_snapshot.clear()
        super().publish(outgoing)

    def open(self, subscriber: Subscriber, since: int | None) -> bool:  # noqa: ARG002  # for user channels
        """Send a snapshot of all levels, a recent one with the updates since if that is less work.

        A snapshot costs as much as the book is deep; it is made only after a quarter as many levels have
        changed, so that clients who ask again and again cannot keep the exchange busy.
        """
        self.flush()
        if self._snapshot is None or self._reusable_for < 0:
            message = self._message("snapshot", None)
            self._snapshot = Outgoing(message)
            self._since_snapshot.clear()
            self._reusable_for = (len(message.bids) + len(message.asks)) // REUSE_PART
        subscriber.push(self._snapshot)
        for update in self._since_snapshot:
            subscriber.push(update)
        return True

    def level_changed(self, side: Side, price: int) -> None:
        """Note a level that changed."""
        self._changed[side - 1].add(price)
        self.dirty = True

    def _message(self, kind: Kind, previous: int | None) -> BookMessage:
        depth, market = self._data.depth, self.market
        if kind == "snapshot":
            book = depth.snapshot()
            bids, asks = book.bids, book.asks
        else:
            bought, sold = self._changed
            bids = [(price, depth.bids.quantity(price)) for price in sorted(bought, reverse=True)]
            asks = [(price, depth.asks.quantity(price)) for price in sorted(sold)]
            bought.clear()
            sold.clear()
        return BookMessage(
            self.name,
            kind,
            depth.sequence,
            previous,
            depth.time_ms,
            _printed(bids, market),
            _printed(asks, market),
            checksum_of(depth.snapshot(CHECKSUM_DEPTH), market),
        )


def _printed(levels: Iterable[tuple[int, int]], market: Market) -> list[Level]:
    """Return levels as `present_market.levels_json` does, from memory where it can."""
    tick, price_scale = market.tick_size, market.price_scale
    lot, scale = market.lot_step, market.quantity_scale
    return [
        (_print(ticks * tick, price_scale), _print(lots * lot, scale)) for ticks, lots in levels
    ]


class TradesChannel(MarketChannel):
    """`trades.M`: the latest trades, then each new one; never conflated."""

    def __init__(self, name: str, market_id: int, data: MarketData, catalog: Catalog) -> None:
        """Begin after the trades so far."""
        super().__init__(name, market_id, data, catalog, data.trade_sequence)
        self._new: list[TradeLike] = []

    def traded(self, trade: TradeLike) -> None:
        """Note a new trade; kept here, since one turn may bring more than the tape keeps."""
        self._new.append(trade)
        self.dirty = True

    def _message(self, kind: Kind, previous: int | None) -> TradesMessage:
        market = self.market
        if kind == "snapshot":
            trades = list(self._data.trades.latest(SNAPSHOT_TRADES))[::-1]
        else:
            trades, self._new = self._new, []
        time_ms = trades[-1].time_ms if trades else self._data.depth.time_ms
        return TradesMessage(
            self.name,
            kind,
            self._data.trade_sequence,
            previous,
            time_ms,
            [trade_json(trade, market) for trade in trades],
        )


class TickerChannel(MarketChannel):
    """`ticker.M`: the whole ticker, at a pace."""

    conflates = True

    def __init__(
        self, name: str, market_id: int, data: MarketData, catalog: Catalog, clock: Clock
    ) -> None:
        """Begin after the present ticker; the clock says what falls out of its 24 hours."""
        self._clock: Final = clock
        sequence = data.ticker.view(clock.now_ms()).sequence
        super().__init__(name, market_id, data, catalog, sequence)

    def _state(self) -> Hashable:
        return super()._state(), self._clock.now_ms() // BUCKET_MS

    def _message(self, kind: Kind, previous: int | None) -> TickerMessage:
        view = self._data.ticker.view(self._clock.now_ms())
        ticker = ticker_json(view, self.market)
        return TickerMessage(self.name, kind, view.sequence, previous, view.time_ms, ticker)


class CandlesChannel(MarketChannel):
    """`candles.M.interval`: the latest candles, then those that change, at a pace."""

    conflates = True

    def __init__(
        self, name: str, market_id: int, data: MarketData, catalog: Catalog, interval: str
    ) -> None:
        """Begin after the candles so far."""
        super().__init__(name, market_id, data, catalog, data.trade_sequence)
        self._interval: Final = interval
        self._interval_ms: Final = data.candles(interval).interval_ms
        self._since_ms: int | None = None

    def traded(self, time_ms: int) -> None:
        """Note that the candle of this moment has changed."""
        if self._since_ms is None:
            self._since_ms = open_time(time_ms, self._interval_ms)
        self.dirty = True

    def _message(self, kind: Kind, previous: int | None) -> CandlesMessage:
        market = self.market
        series = self._data.candles(self._interval)
        candles = series.latest(SNAPSHOT_CANDLES)
        if kind == "update" and self._since_ms is not None:
            candles = series.since(self._since_ms)
            self._since_ms = None
        latest = self._data.trades.latest(1)
        time_ms = latest[0].time_ms if latest else self._data.depth.time_ms
        return CandlesMessage(
            self.name,
            kind,
            self._data.trade_sequence,
            previous,
            time_ms,
            self._interval,
            [candle_json(candle, market) for candle in candles],
        )
