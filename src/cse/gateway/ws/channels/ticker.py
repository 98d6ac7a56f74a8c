"""`ticker.M` and `tickers`: the last 24 hours of one market, or of all, at a pace.

Once a minute they are looked at although nothing happened: the 24 hours move on without a trade.
"""

from typing import Final

import msgspec

from cse.gateway.present_market import ticker_json
from cse.gateway.ws.channel import Subscriber
from cse.gateway.ws.channels.names import ChannelName
from cse.gateway.ws.channels.public import Interest, PublicChannel, Sources
from cse.gateway.ws.channels.whole import State, WholeChannel
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import Kind, TickerMessage, TickersMessage
from cse.market_data import TickerView
from cse.messages import events as e

TICKERS_PACE_MS: Final = 1_000


class TickerChannel(WholeChannel):
    """One market's ticker, whole."""

    conflates = True
    interests = Interest.MOVED | Interest.TIME

    def __init__(self, name: ChannelName, sources: Sources) -> None:
        """Begin with the present ticker."""
        market = sources.market(name)
        self._data: Final = sources.hub.market(market.market_id)
        self._seeded = self._data.seeded
        super().__init__(name, sources, market)
        self.pace_ms = sources.options.pace_ms

    def moved(self, market_id: int) -> None:  # noqa: ARG002  # there is one
        """Look when the pace says so."""
        self.due()

    def minute_passed(self) -> None:
        """Look when the pace says so."""
        self.due()

    def open(self, subscriber: Subscriber, since: int | None) -> bool:
        """Send what was sent last; with the trades from before the start once they are in."""
        if self._seeded != self._data.seeded:
            self._seeded = self._data.seeded
            self.flush()
        return super().open(subscriber, since)

    def look(self) -> State:
        """Return the ticker as of now."""
        view = self._data.ticker.view(self._sources.clock.now_ms())
        return State(view.sequence, view.time_ms, _content(view))

    def message(self, kind: Kind, previous: int | None, state: State) -> TickerMessage:
        """Return the ticker."""
        assert isinstance(state.content, TickerView), "made by look"
        view = msgspec.structs.replace(
            state.content, sequence=state.sequence, time_ms=state.time_ms
        )
        ticker = ticker_json(view, self.market)
        return TickerMessage(self.name, kind, state.sequence, previous, state.time_ms, ticker)


class TickersChannel(PublicChannel):
    """The tickers of all markets, then those that changed."""

    conflates = True
    interests = Interest.MOVED | Interest.LISTINGS | Interest.TIME

    def __init__(self, name: ChannelName, sources: Sources) -> None:
        """Begin with the present tickers."""
        super().__init__(name, sources, None, sources.hub.sequence)
        self.pace_ms = TICKERS_PACE_MS
        self._time_ms = sources.hub.time_ms
        self._sent: Final[dict[int, TickerView]] = {}
        self._changed: dict[int, None] = dict.fromkeys(sources.hub)
        self._look()
        self._snapshot: Outgoing | None = None

    def moved(self, market_id: int) -> None:
        """Look at this market when the pace says so."""
        self._changed[market_id] = None
        self.due()

    def listed(self, market_id: int, applied: e.Applied) -> None:  # noqa: ARG002  # it says which
        """Look at this market when the pace says so."""
        self.moved(market_id)

    def minute_passed(self) -> None:
        """Look at all markets when the pace says so."""
        for market_id in self._sources.hub:
            self.moved(market_id)

    def flush(self) -> None:
        """Send the tickers that changed, if any did."""
        changed = self._look()
        if changed:
            self._time_ms, self._snapshot = self._sources.hub.time_ms, None
            self.send(self._message("update", self._sources.hub.sequence, self.sequence, changed))

    def open(self, subscriber: Subscriber, since: int | None) -> bool:  # noqa: ARG002  # for user channels
        """Send all tickers as they were sent last."""
        if self._snapshot is None:
            views = list(self._sent.values())
            self._snapshot = Outgoing(self._message("snapshot", self.sequence, None, views))
        subscriber.push(self._snapshot)
        return True

    def _look(self) -> list[TickerView]:
        """Return the tickers that are others than those that were sent."""
        now_ms, hub = self._sources.clock.now_ms(), self._sources.hub
        looked_at, self._changed = self._changed, {}
        changed = []
        for market_id in looked_at:
            view = hub.ticker(market_id).view(now_ms)
            known = self._sent.get(market_id)
            if known is None or _content(known) != _content(view):
                self._sent[market_id] = view
                changed.append(view)
        return changed

    def _message(
        self, kind: Kind, sequence: int, previous: int | None, views: list[TickerView]
    ) -> TickersMessage:
        markets = self._sources.catalog.markets
        tickers = [ticker_json(view, markets[view.market_id]) for view in views]
        return TickersMessage(self.name, kind, sequence, previous, self._time_ms, tickers)


def _content(view: TickerView) -> TickerView:
    """Return a ticker without what changes with every change of a deep level."""
    return msgspec.structs.replace(view, sequence=0, time_ms=0)
