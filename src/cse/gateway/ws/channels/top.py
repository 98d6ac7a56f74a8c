"""`orderbook.M.N@PACE` and `bbo.M`: the best of a book, whole in every message."""

from typing import Final, NamedTuple

from cse.gateway.present_market import levels_json
from cse.gateway.ws.channels.names import PACES_MS, ChannelName
from cse.gateway.ws.channels.public import Interest, Sources
from cse.gateway.ws.channels.whole import State, WholeChannel
from cse.gateway.ws.messages import BestMessage, Kind, TopMessage
from cse.market_data import book_checksum
from cse.market_data.checksum import DEPTH as CHECKSUM_DEPTH
from cse.market_data.depth import Level

_Levels = tuple[Level, ...]


class TopState(NamedTuple):
    """The best levels of each side, best first."""

    bids: _Levels
    asks: _Levels


class TopChannel(WholeChannel):
    """The best N levels of each side, at most once a pace and only when they changed."""

    conflates = True
    interests = Interest.MOVED

    def __init__(self, name: ChannelName, sources: Sources) -> None:
        """Begin with the present best."""
        market = sources.market(name)
        depth, pace = name.parameters
        self._depth: Final = int(depth)
        self._book: Final = sources.hub.depth(market.market_id)
        super().__init__(name, sources, market)
        self.pace_ms = PACES_MS[pace]

    def moved(self, market_id: int) -> None:  # noqa: ARG002  # there is one
        """Look when the pace says so."""
        self.due()

    def look(self) -> State:
        """Return the best levels; no more of the book is walked."""
        book = self._book
        bids, asks = book.bids.levels(self._depth), book.asks.levels(self._depth)
        return State(book.sequence, book.time_ms, TopState(tuple(bids), tuple(asks)))

    def message(self, kind: Kind, previous: int | None, state: State) -> TopMessage:
        """Return the levels with their checksum."""
        assert isinstance(state.content, TopState), "made by look"
        bids, asks = (levels_json(side, self.market) for side in state.content)
        checksum = book_checksum(bids[:CHECKSUM_DEPTH], asks[:CHECKSUM_DEPTH])
        return TopMessage(
            self.name, kind, state.sequence, previous, state.time_ms, bids, asks, checksum
        )


class BestState(NamedTuple):
    """The best level of each side."""

    bid: Level | None
    ask: Level | None


class BestChannel(WholeChannel):
    """Best bid and offer, at the end of each turn of the loop in which they changed."""

    conflates = True
    interests = Interest.MOVED

    def __init__(self, name: ChannelName, sources: Sources) -> None:
        """Begin with the present best."""
        market = sources.market(name)
        self._book: Final = sources.hub.depth(market.market_id)
        super().__init__(name, sources, market)

    def moved(self, market_id: int) -> None:  # noqa: ARG002  # there is one
        """Look at once: the turn is over."""
        self.flush()

    def look(self) -> State:
        """Return the best of each side."""
        book = self._book
        return State(book.sequence, book.time_ms, BestState(book.bids.best(), book.asks.best()))

    def message(self, kind: Kind, previous: int | None, state: State) -> BestMessage:
        """Return both."""
        assert isinstance(state.content, BestState), "made by look"
        bid, ask = (
            levels_json([level], self.market)[0] if level else None for level in state.content
        )
        return BestMessage(self.name, kind, state.sequence, previous, state.time_ms, bid, ask)
