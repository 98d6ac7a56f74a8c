"""A channel that comes over the bus: in order, without gaps, asked for again whenever something may be missing."""

import time
from abc import abstractmethod
from collections.abc import Sequence
from typing import Final

import structlog

from cse.gateway.relay.asks import Asks
from cse.gateway.relay.protocol import Answer, Follow, Head, read_head
from cse.gateway.ws.channel import Channel, Subscriber
from cse.gateway.ws.frames import Outgoing

log = structlog.get_logger(__name__)

_MAX_BUFFERED: Final = 1_000
"""Updates that may wait for an answer; more than that, and it is asked for again."""
NOTHING_YET: Final = -1


class Relayed(Channel):
    """Takes messages from the bus and passes them on; subclasses know what opens the channel."""

    uses_cache = False
    """Whether a whole message of it may lie in the cache."""

    def __init__(self, follow: Follow, asks: Asks) -> None:
        """Begin with nothing; `begin` asks for it."""
        super().__init__(follow[0], NOTHING_YET)
        self.follow: Final = follow
        self.idle_since_s: float | None = None
        """Since when nobody listens."""
        self._asks: Final = asks
        self._request: int | None = None
        self._buffer: list[tuple[Head, bytes]] = []
        """Updates that came while a question was open."""
        self._waiting: Final[dict[Subscriber, float]] = {}
        """Who is to be opened once that can be, and since when."""
        self._opened: Final[set[Subscriber]] = set()
        """Who was opened before: these wait for as long as it takes."""

    # --- what the relay tells

    def begin(self) -> None:
        """Ask for what is missing: the bus is read from here on, or something of it may be lost."""
        self._buffer.clear()
        self._ask()

    def take(self, head: Head, payload: bytes) -> None:
        """Take a message from the bus."""
        if self._request is not None:
            self._buffer.append((head, payload))
            if len(self._buffer) > _MAX_BUFFERED:
                self.begin()
        elif self.sequence != NOTHING_YET and not self.goes_on(head, payload):
            self._buffer = [(head, payload)]
            self._ask()

    def left(self, subscriber: Subscriber) -> None:
        """Forget somebody who listens no more."""
        self.subscribers.pop(subscriber, None)
        self._waiting.pop(subscriber, None)
        self._opened.discard(subscriber)
        if not self.subscribers:
            self.idle_since_s = time.monotonic()

    def end_waiting(self, since_s: float) -> None:
        """End the subscriptions that have waited since then or longer without ever having been opened."""
        for subscriber, waited_s in list(self._waiting.items()):
            if waited_s <= since_s and subscriber not in self._opened:
                subscriber.end(self, "unavailable", "The exchange does not answer now; try again.")

    def forget(self) -> None:
        """Want nothing any more."""
        if self._request is not None:
            self._asks.forget(self._request)
            self._request = None

    # --- opening

    @property
    def is_current(self) -> bool:
        """Whether all that was published is here."""
        return self._request is None and self.sequence != NOTHING_YET

    @property
    def is_unasked(self) -> bool:
        """Whether nothing is known and nothing asked: it was refused, or is to be begun."""
        return self._request is None and self.sequence == NOTHING_YET

    def open(self, subscriber: Subscriber, since: int | None) -> bool:
        if self.is_current and self.send_opening(subscriber, since):
            self._waiting.pop(subscriber, None)
            self._opened.add(subscriber)
            return True
        self._waiting.setdefault(subscriber, time.monotonic())
        return False

    def reopen_waiting(self) -> None:
        """Open those who wait."""
        for subscriber in list(self._waiting):
            subscriber.reopen(self)

    # --- the chain

    def goes_on(self, head: Head, payload: bytes) -> bool:
        """Pass a message on if it is the next one (one that was had is passed over); False: there is a gap."""
        if head.is_snapshot:
            if head.sequence < self.sequence or self.knows(payload):
                return True
        elif head.previous != self.sequence:
            return head.sequence <= self.sequence
        outgoing = Outgoing(None, payload)
        self.sequence = head.sequence
        self.keep(head, outgoing, payload)
        self.publish(outgoing)
        return True

    def _ask(self) -> None:
        self.forget()
        opened = self.sequence != NOTHING_YET
        self._request = self._asks.ask(
            self.follow,
            self.sequence if opened else None,
            self._answered,
            use_cache=self.uses_cache and not opened,
        )

    def _answered(self, answer: Answer, cached: bytes | None) -> None:
        self._request = None
        if answer.code:
            self.refused(answer)
            return
        messages = [bytes(raw) for raw in answer.messages]
        if cached is not None and not (messages and read_head(messages[0]).is_snapshot):
            messages.insert(0, cached)
        if not self._heal(messages):
            log.warning("relay_answer_has_gap", channel=self.name, sequence=answer.sequence)
            self.sequence = NOTHING_YET
            self.begin()
            return
        buffer, self._buffer = self._buffer, []
        for n, (head, payload) in enumerate(buffer):
            if not self.goes_on(head, payload):
                self._buffer = buffer[n:]
                self._ask()
                return
        self.reopen_waiting()

    def _heal(self, messages: Sequence[bytes]) -> bool:
        if messages and read_head(messages[0]).is_snapshot:
            self.replace(messages)
            return True
        return all(self.goes_on(read_head(payload), payload) for payload in messages)

    def refused(self, answer: Answer) -> None:
        """End the channel: there is none. What is known of it is not opened any more."""
        self.sequence = NOTHING_YET
        for subscriber in list(self.subscribers):
            subscriber.end(self, answer.code, answer.detail)

    # --- of each kind

    @abstractmethod
    def send_opening(self, subscriber: Subscriber, since: int | None) -> bool:
        """Send a subscriber what it needs to go on from here; False: that must be asked for."""

    def knows(self, payload: bytes) -> bool:  # noqa: ARG002  # for those that can tell
        """Tell whether a snapshot holds nothing new."""
        return False

    @abstractmethod
    def keep(self, head: Head, outgoing: Outgoing, payload: bytes) -> None:
        """Remember an update for openings."""

    @abstractmethod
    def replace(self, messages: Sequence[bytes]) -> None:
        """Begin anew with a snapshot and updates on it; tell subscribers what they missed, if anything."""
