"""Channels whose every message holds the whole state: an update goes out when that is another than was sent last.

What was sent last is also the snapshot, so that asking for one, however often, makes nobody else any work.
"""

from abc import abstractmethod
from collections.abc import Hashable
from typing import NamedTuple

from cse.gateway.ws.channel import Subscriber
from cse.gateway.ws.channels.names import ChannelName
from cse.gateway.ws.channels.public import PublicChannel, Sources
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import Data, Kind
from cse.messages.catalog import Market


class State(NamedTuple):
    """What there is to tell at one moment."""

    sequence: int
    time_ms: int
    content: Hashable
    """An update is due when this is another."""


class WholeChannel(PublicChannel):
    """A channel of whole states."""

    def __init__(self, name: ChannelName, sources: Sources, market: Market | None) -> None:
        """Begin with the present state."""
        super().__init__(name, sources, market, 0)
        self._state = self.look()
        self.sequence = self._state.sequence
        self._snapshot: Outgoing | None = None

    def flush(self) -> None:
        """Send the present state if it is another."""
        state = self.look()
        if state.content == self._state.content:
            return
        self._state, self._snapshot = state, None
        self.send(self.message("update", self.sequence, state))

    def open(self, subscriber: Subscriber, since: int | None) -> bool:  # noqa: ARG002  # for user channels
        """Send what was sent last."""
        if self._snapshot is None:
            self._snapshot = Outgoing(self.message("snapshot", None, self._state))
        subscriber.push(self._snapshot)
        return True

    @abstractmethod
    def look(self) -> State:
        """Return the present state; its sequence never goes backwards."""

    @abstractmethod
    def message(self, kind: Kind, previous: int | None, state: State) -> Data:
        """Return the message that tells a state."""
