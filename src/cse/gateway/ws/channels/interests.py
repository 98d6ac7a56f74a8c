"""Who is told of what: lists of channels per market, so that a change costs only those whom it concerns."""

from typing import Final

from cse.gateway.ws.channels.gathering import Gatherer
from cse.gateway.ws.channels.public import Interest, PublicChannel
from cse.market_data import TapeTrade
from cse.messages import events as e

MINUTE_MS: Final = 60_000
LISTINGS: Final = (e.MarketCreated, e.MarketUpdated, e.MarketStatusChanged)


class _Listening:
    """The channels of one market, or of all, by what they want to be told."""

    __slots__ = ("levels", "moved", "trades")

    def __init__(self) -> None:
        self.levels: Final[dict[PublicChannel, None]] = {}
        self.moved: Final[dict[PublicChannel, None]] = {}
        self.trades: Final[dict[PublicChannel, None]] = {}

    def __bool__(self) -> bool:
        return bool(self.levels or self.moved or self.trades)


class Interests:
    """Takes in commands and tells the channels that asked for it."""

    pace_ms = 0

    def __init__(self, gatherer: Gatherer) -> None:
        """Begin without channels."""
        self._gatherer: Final = gatherer
        self._markets: Final[dict[int, _Listening]] = {}
        self._every: Final = _Listening()
        self._listings: Final[dict[PublicChannel, None]] = {}
        self._timed: Final[dict[PublicChannel, None]] = {}
        self._moved: dict[int, None] = {}
        self._ticking = False

    def __len__(self) -> int:
        """Return how many markets somebody listens to."""
        return len(self._markets)

    def add(self, channel: PublicChannel) -> None:
        """Tell a channel from now on."""
        for wanting in self._wanting(channel):
            wanting[channel] = None
        if self._timed and not self._ticking:
            self._ticking = True
            self._gatherer.schedule.later(MINUTE_MS, self._tick)

    def remove(self, channel: PublicChannel) -> None:
        """Tell it no more."""
        for wanting in self._wanting(channel):
            del wanting[channel]
        if channel.market_id is not None and not self._markets[channel.market_id]:
            del self._markets[channel.market_id]

    def apply(self, applied: e.Applied) -> None:
        """Take in a command; the views have seen it."""
        if self._markets or self._every:
            for event in applied.events:
                kind = type(event)
                if kind is e.LevelChanged:
                    self._level_changed(event)  # type: ignore[arg-type]  # `is` does not narrow, isinstance costs more
                elif kind is e.Trade:
                    self._traded(event, applied)  # type: ignore[arg-type]  # as above
        if self._listings:
            for event in applied.events:
                if isinstance(event, LISTINGS):
                    for channel in list(self._listings):
                        channel.listed(event.market_id, applied)

    def flush(self) -> None:
        """Tell of the markets that moved in this turn."""
        moved, self._moved = self._moved, {}
        for market_id in moved:
            listening = self._markets.get(market_id)
            for channel in (*(listening.moved if listening else ()), *self._every.moved):
                channel.moved(market_id)

    def _level_changed(self, event: e.LevelChanged) -> None:
        listening = self._markets.get(event.market_id)
        if listening is not None:
            for channel in listening.levels:
                channel.level_changed(event)
        self._note(event.market_id, listening)

    def _traded(self, event: e.Trade, applied: e.Applied) -> None:
        listening = self._markets.get(event.market_id)
        if listening is not None and listening.trades:
            trade = TapeTrade.of_event(event, applied.sequence, applied.time_ms)
            for channel in listening.trades:
                channel.traded(trade)
        self._note(event.market_id, listening)

    def _note(self, market_id: int, listening: _Listening | None) -> None:
        if self._every.moved or (listening is not None and listening.moved):
            if not self._moved:
                self._gatherer.due(self)
            self._moved[market_id] = None

    def _wanting(self, channel: PublicChannel) -> list[dict[PublicChannel, None]]:
        market_id, own = channel.market_id, self._every
        if market_id is not None:
            own = self._markets.setdefault(market_id, _Listening())
        lists = {
            Interest.LEVELS: own.levels,
            Interest.TRADES: own.trades,
            Interest.MOVED: own.moved,
            Interest.LISTINGS: self._listings,
            Interest.TIME: self._timed,
        }
        return [lists[interest] for interest in channel.interests]

    def _tick(self) -> None:
        self._ticking = bool(self._timed)
        if self._timed:
            self._gatherer.schedule.later(MINUTE_MS, self._tick)
        for channel in list(self._timed):
            channel.minute_passed()
