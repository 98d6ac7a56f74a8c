"""What all public channels share: what they may look at, what they are told of, and how a message goes out."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from enum import Flag, auto
from typing import ClassVar, Final

import msgspec

from cse.core.clock import Clock
from cse.gateway.ws.channel import Channel
from cse.gateway.ws.channels.gathering import Gatherer
from cse.gateway.ws.channels.names import ChannelKind, ChannelName, no_channel
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import Data
from cse.gateway.ws.options import WsOptions
from cse.market_data import MarketDataHub
from cse.market_data.tape import TradeLike
from cse.messages import events as e
from cse.messages.catalog import Catalog, Market


class Interest(Flag):
    """What a channel wants to be told of its market (or of all)."""

    LEVELS = auto()
    """`level_changed`: each change of a level."""
    TRADES = auto()
    """`traded`: each trade."""
    MOVED = auto()
    """`moved`: once in a turn of the event loop in which book or trades changed."""
    LISTINGS = auto()
    """`listed`: each change of a listing."""
    TIME = auto()
    """`minute_passed`: once a minute."""


_HOOKS: Final[Mapping[Interest, str]] = {
    Interest.LEVELS: "level_changed",
    Interest.TRADES: "traded",
    Interest.MOVED: "moved",
    Interest.LISTINGS: "listed",
    Interest.TIME: "minute_passed",
}


class Sources(msgspec.Struct, frozen=True):
    """What channels are made from."""

    catalog: Catalog
    hub: MarketDataHub
    clock: Clock
    options: WsOptions
    gatherer: Gatherer

    def market(self, name: ChannelName) -> Market:
        """Return the market that a channel is of. Raises ApiProblem: 404, there is none."""
        market = self.catalog.markets_by_symbol.get(name.symbol)
        if market is None or market.market_id not in self.hub:
            raise no_channel(str(name), "no market is called that")
        return market


class PublicChannel(Channel):
    """A channel that gathers changes and sends them together; it is told of what `interests` say."""

    interests: ClassVar[Interest]

    def __init_subclass__(cls) -> None:
        """Refuse a channel that asks for something and has no hook of its own for it."""
        wanted = getattr(cls, "interests", Interest(0))  # a class between has none of its own
        for interest, hook in _HOOKS.items():
            if interest in wanted and getattr(cls, hook) is getattr(PublicChannel, hook):
                raise TypeError(f"{cls.__name__} asks for {interest.name} and has no `{hook}`")

    def __init__(
        self, name: ChannelName, sources: Sources, market: Market | None, sequence: int
    ) -> None:
        """Begin after this sequence; `market` is None for channels of all markets."""
        super().__init__(str(name), sequence)
        self.pace_ms = 0
        self.market_id: Final = market.market_id if market else None
        self._sources: Final = sources

    @property
    def market(self) -> Market:
        """The market as it is listed now."""
        assert self.market_id is not None, "only channels of one market ask"
        return self._sources.catalog.markets[self.market_id]

    def due(self) -> None:
        """Have `flush` called when the pace says so."""
        self._sources.gatherer.due(self)

    @abstractmethod
    def flush(self) -> None:
        """Send what has gathered, if anything has."""

    def send(self, message: Data) -> None:
        """Send an update to everybody who listens."""
        self.sequence = message.sequence
        self.publish(Outgoing(message))

    # --- what interests bring; each channel has those it asks for

    def level_changed(self, event: e.LevelChanged) -> None:
        """Take note of a level that changed."""

    def traded(self, trade: TradeLike) -> None:
        """Take note of a trade."""

    def moved(self, market_id: int) -> None:
        """Take note that book or trades of this market changed in this turn."""

    def listed(self, market_id: int, applied: e.Applied) -> None:
        """Take note that a command changed this market's listing."""

    def minute_passed(self) -> None:
        """Take note that time goes on."""

    # --- life

    def begin(self) -> None:
        """The first listener has come; events come from now on."""

    def close(self) -> None:
        """The last listener has gone; nothing comes any more."""


Factory = Callable[[ChannelName, Sources], PublicChannel]
"""Makes a channel as things stand now; raises ApiProblem (404, or 429 `rate_limited`) if it cannot be had."""
Factories = Mapping[ChannelKind, Factory]
