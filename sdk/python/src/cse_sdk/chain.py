"""How messages of a channel follow each other: each names the `sequence` of the one before it as `previous`."""

from enum import Enum
from typing import Any, Final

Message = dict[str, Any]
"""A message as it came, decoded from JSON."""

OLD_IN_A_ROW: Final = 32
"""So many messages in a row that claim to be old are no duplicates: our own number is wrong."""


class Step(Enum):
    """What a message is to a client that knows the channel up to a sequence."""

    SNAPSHOT = "snapshot"
    NEXT = "next"
    OLD = "old"
    """Known already: a duplicate, or a late copy."""
    GAP = "gap"
    EARLY = "early"
    """An update that came before the snapshot it goes on from: to be passed over."""


class Chain:
    """The last sequence of a channel, and what a message is after it."""

    __slots__ = ("_old", "sequence")

    def __init__(self) -> None:
        """Begin without a snapshot."""
        self.sequence: int | None = None
        self._old = 0

    def step(self, message: Message) -> Step:
        """Say what a message is; changes nothing but the count of old ones."""
        if message["type"] == "snapshot":
            return Step.SNAPSHOT
        if self.sequence is None:
            return Step.EARLY
        if message["previous"] == self.sequence:
            return Step.NEXT
        if message["sequence"] > self.sequence:
            return Step.GAP
        self._old += 1
        return Step.OLD if self._old <= OLD_IN_A_ROW else Step.GAP

    def advance(self, message: Message) -> None:
        """Go on from this message."""
        self.sequence = message["sequence"]
        self._old = 0

    def forget(self) -> None:
        """Wait for a snapshot."""
        self.sequence = None
        self._old = 0
