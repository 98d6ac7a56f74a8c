"""`status`: whether each market trades, and its limits; each change at once."""

from cse.gateway.present_market import market_state_json
from cse.gateway.ws.channel import Subscriber
from cse.gateway.ws.channels.names import ChannelName
from cse.gateway.ws.channels.public import Interest, PublicChannel, Sources
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import Kind, StatusMessage
from cse.messages import events as e
from cse.messages.catalog import Market


class StatusChannel(PublicChannel):
    """All markets' listings; each command that changes one is a message."""

    interests = Interest.LISTINGS

    def __init__(self, name: ChannelName, sources: Sources) -> None:
        """Begin with the present listings."""
        super().__init__(name, sources, None, sources.hub.sequence)
        self._time_ms = sources.hub.time_ms
        self._snapshot: Outgoing | None = None

    def listed(self, market_id: int, applied: e.Applied) -> None:
        """Send the market as it is listed now."""
        self._time_ms, self._snapshot = applied.time_ms, None
        market = self._sources.catalog.markets[market_id]
        self.send(self._message("update", applied.sequence, self.sequence, [market]))

    def flush(self) -> None:
        """Send nothing: nothing gathers."""

    def open(self, subscriber: Subscriber, since: int | None) -> bool:  # noqa: ARG002  # for user channels
        """Send all markets."""
        if self._snapshot is None:
            markets = list(self._sources.catalog.markets.values())
            self._snapshot = Outgoing(self._message("snapshot", self.sequence, None, markets))
        subscriber.push(self._snapshot)
        return True

    def _message(
        self, kind: Kind, sequence: int, previous: int | None, markets: list[Market]
    ) -> StatusMessage:
        states = [market_state_json(market) for market in markets]
        return StatusMessage(self.name, kind, sequence, previous, self._time_ms, states)
