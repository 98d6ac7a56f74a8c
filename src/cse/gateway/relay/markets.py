"""Which markets there are, as a streamer learns it: from the channel `status`, which it always relays."""

from cse.gateway.problems import edge_problem
from cse.gateway.relay.fold_channel import FoldChannel
from cse.gateway.relay.folds import KeyedFold
from cse.gateway.ws.channel import Channel
from cse.gateway.ws.channels.names import ChannelName
from cse.gateway.ws.frames import Outgoing


class Markets:
    """A subscriber of `status` that never leaves."""

    def __init__(self) -> None:
        """Know nothing; `listen` begins."""
        self._status: FoldChannel | None = None

    def listen(self, channel: Channel) -> None:
        """Learn from this channel."""
        assert isinstance(channel, FoldChannel), "status is folded"
        self._status = channel

    @property
    def known(self) -> bool:
        """Whether the exchange has told."""
        return self._status is not None and self._status.is_current

    def refuse_unknown(self, name: ChannelName) -> None:
        """Return if a channel's market exists, or may exist: while that is not known the publisher is asked.

        Raises:
            ApiProblem: 404.
        """
        if not name.symbol or self._status is None or not self.known:
            return
        fold = self._status.fold
        assert isinstance(fold, KeyedFold), "status is a list of markets"
        if name.symbol not in fold:
            raise edge_problem("not_found", f"There is no channel {str(name)!r}: no such market.")

    def deliver(self, channel: Channel, outgoing: Outgoing) -> None:
        """The fold has it."""

    def push(self, outgoing: Outgoing) -> None:
        """The fold has it."""

    def reopen(self, channel: Channel) -> None:
        """The fold has it."""

    def end(self, channel: Channel, code: str, detail: str) -> None:  # noqa: ARG002  # of a Subscriber
        """Go on without: the publisher is asked for every name."""
        self._status = None
