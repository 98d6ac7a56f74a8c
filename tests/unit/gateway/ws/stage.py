"""Streams on a real engine, with time by hand: no sockets, no server."""

from cse.gateway.ws.options import WsOptions
from cse.gateway.ws.streams import Follower, Streams
from cse.market_data import MarketDataHub
from cse.messages.catalog import Catalog
from cse.messages.events import Applied
from cse.messages.wire import Command, Event, Side
from cse.projections.live import LiveAccounts
from tests.unit.gateway.ws.listening import HandSchedule, Listener
from tests.unit.projections.live.streams import Venue, place


class Stage:
    """An exchange whose commands are applied at once, and which sends when the test says so."""

    def __init__(self, options: WsOptions | None = None) -> None:
        self.venue, self.schedule = Venue(), HandSchedule()
        self.catalog, self.live, self.hub = Catalog(), LiveAccounts(), MarketDataHub()
        self.streams = Streams(self.catalog, self.live, self.hub, self, options, self.schedule)
        self.follower = Follower(self.catalog, self.live, self.hub, self.streams)
        self.follower.load(self.venue.engine.records())
        self.follower.apply(self.venue.list_everything())
        self.ahead_ms = 0
        self._sequence = self.live.sequence

    def now_ms(self) -> int:
        """The clock: that of the last command, or so much later."""
        return self.venue.time_ms + self.ahead_ms

    def do(self, *commands: Command, after_ms: int = 1) -> None:
        """Apply commands."""
        self.follower.apply([self.venue.apply(command, after_ms) for command in commands])

    def tell(self, *events: Event, after_ms: int = 1) -> int:
        """Apply events without an engine (not together with `do`); returns their sequence."""
        self._sequence += 1
        self.venue.time_ms += after_ms
        command = place(1_000, Side.BUY, 1, 1)
        self.follower.apply([Applied(self._sequence, self.venue.time_ms, command, list(events))])
        return self._sequence

    def listen(self, name: str, account_id: int | None = None) -> Listener:
        """Subscribe somebody who wants updates alone."""
        listener = Listener()
        self.streams.subscribe(self.streams.find(name, account_id), listener)
        return listener
