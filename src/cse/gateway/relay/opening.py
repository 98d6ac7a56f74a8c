"""Subscribers that want nothing but what opens a channel: to answer a question, or to tell everybody anew."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from cse.gateway.relay.protocol import Ask
from cse.gateway.ws.channel import Channel
from cse.gateway.ws.frames import Outgoing


class Opening:
    """Collects what opens a channel for one question."""

    def __init__(
        self,
        ask: Ask,
        channel: Channel,
        on_open: Callable[["Opening", Sequence[Outgoing]], None],
        on_end: Callable[["Opening", str, str], None],
    ) -> None:
        """Tell `on_open` when it is known, or `on_end` the code and detail of why it never will be."""
        self.ask: Final = ask
        self.channel: Final = channel
        self.since_s: Final = time.monotonic()
        self._on_open: Final = on_open
        self._on_end: Final = on_end
        self._messages: list[Outgoing] = []

    def deliver(self, channel: Channel, outgoing: Outgoing) -> None:
        """Updates are published for all."""

    def push(self, outgoing: Outgoing) -> None:
        """Take a part of it."""
        self._messages.append(outgoing)

    def reopen(self, channel: Channel) -> None:
        """Open the channel if that is possible now."""
        self._messages = []
        if channel.open(self, self.ask.since):
            self._on_open(self, self._messages)

    def end(self, channel: Channel, code: str, detail: str) -> None:  # noqa: ARG002  # of a Subscriber
        """Learn that there is no such channel."""
        self._on_end(self, code, detail)


class Anew:
    """Hands on what opens a channel."""

    def __init__(self, put: Callable[[Outgoing], None]) -> None:
        """Give each part to `put`."""
        self._put: Final = put

    def deliver(self, channel: Channel, outgoing: Outgoing) -> None:
        """Updates are published already."""

    def push(self, outgoing: Outgoing) -> None:
        """Hand on a part of it."""
        self._put(outgoing)

    def reopen(self, channel: Channel) -> None:
        """Open the channel if that is possible now."""
        channel.open(self, None)

    def end(self, channel: Channel, code: str, detail: str) -> None:
        """It is not subscribed."""
