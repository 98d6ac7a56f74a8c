"""What all channels share: who listens, where channels come from, and how a message gets to who listens."""

from abc import ABC, abstractmethod
from typing import Protocol

from cse.gateway.ws.frames import Outgoing


class Subscriber(Protocol):
    """Somebody who listens to channels: a connection, or whoever carries them to other processes."""

    def deliver(self, channel: "Channel", outgoing: Outgoing) -> None:
        """Take an update; a subscriber that still waits for the channel's opening passes it over."""
        ...

    def push(self, outgoing: Outgoing) -> None:
        """Take a message that belongs to an opening."""
        ...

    def reopen(self, channel: "Channel") -> None:
        """Open the channel (again): what it lacked has come, or it must begin with a fresh snapshot."""
        ...

    def end(self, channel: "Channel", code: str, detail: str) -> None:
        """Lose the channel: the server ends the subscription, for a reason of problems.py."""
        ...


class Channel(ABC):
    """One stream of messages. `sequence` chains them: each names the one before as `previous`."""

    conflates = False
    """Whether a slow reader may get a fresh snapshot instead of every update."""

    def __init__(self, name: str, sequence: int) -> None:
        """Begin after the message of this sequence."""
        self.name = name
        self.sequence = sequence
        self.subscribers: dict[Subscriber, None] = {}

    @abstractmethod
    def open(self, subscriber: Subscriber, since: int | None) -> bool:
        """Send what a subscriber needs to go on with updates: a snapshot, or (`since`) what it missed.

        False: that is not known here yet, and nothing was sent; `subscriber.reopen` is called once it is.
        """

    def publish(self, outgoing: Outgoing) -> None:
        """Send an update to everybody who listens."""
        for subscriber in list(self.subscribers):
            subscriber.deliver(self, outgoing)


class ChannelSource(Protocol):
    """Where the WebSocket server gets its channels from: views of this process, or the bus."""

    def find(self, name: str, account_id: int | None) -> Channel:
        """Return a channel by name; `user.*` ones are those of the account.

        Raises:
            ApiProblem: 401 for `user.*` without an account, 404 for what is no channel.
        """
        ...

    def subscribe(self, found: Channel, subscriber: Subscriber) -> Channel:
        """Send the updates of a channel that was found to a subscriber from now on.

        Returns the channel to go on with: another one if the same name was subscribed since `find`.
        """
        ...

    def unsubscribe(self, channel: Channel, subscriber: Subscriber) -> None:
        """End that; a channel that nobody listens to any more may be forgotten."""
        ...
