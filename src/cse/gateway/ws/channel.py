"""What all channels share: who listens, and how a message gets to them."""

from abc import ABC, abstractmethod
from typing import Protocol

from cse.gateway.ws.frames import Outgoing


class Subscriber(Protocol):
    """Somebody who listens to channels: a connection, or the mirror to the bus."""

    def deliver(self, channel: "Channel", outgoing: Outgoing) -> None:
        """Take an update; a subscriber that still waits for the channel's opening passes it over."""
        ...

    def push(self, outgoing: Outgoing) -> None:
        """Take a message that belongs to an opening."""
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
    def open(self, subscriber: Subscriber, since: int | None) -> None:
        """Send what a subscriber needs to go on with updates: a snapshot, or (`since`) what it missed."""

    def publish(self, outgoing: Outgoing) -> None:
        """Send an update to everybody who listens."""
        for subscriber in list(self.subscribers):
            subscriber.deliver(self, outgoing)
