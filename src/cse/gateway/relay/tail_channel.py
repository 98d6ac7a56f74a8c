"""Relayed channels that nobody can fold: private ones, and kinds to come. Openings are asked for, then gone on from."""

from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from cse.gateway.relay.asks import Asks
from cse.gateway.relay.protocol import Answer, Follow, Head, read_head
from cse.gateway.relay.relayed import NOTHING_YET, Relayed
from cse.gateway.ws.channel import Subscriber
from cse.gateway.ws.frames import Outgoing

MAX_TAIL: Final = 1_000
"""Updates that are kept."""
MAX_AFTER_SNAPSHOT: Final = 100
"""Updates that follow a snapshot in an opening; past that a new one is asked for."""
_MAX_OPENINGS: Final = 64
MAX_OPENINGS_BYTES: Final = 8_388_608
"""Openings that are kept, in all: what was missed since long ago can be 20,000 orders each time."""


class _Opening(NamedTuple):
    messages: Sequence[Outgoing]
    sequence: int
    """Of the channel, after these messages."""


class TailChannel(Relayed):
    """Keeps the latest updates, and openings by the `since` that they were asked with."""

    def __init__(self, follow: Follow, asks: Asks, *, conflates: bool) -> None:
        """Begin with nothing."""
        super().__init__(follow, asks)
        self.conflates = conflates
        self._tail: Final[deque[tuple[int, Outgoing]]] = deque()
        self._known_from = NOTHING_YET
        """All updates after this sequence are in the tail."""
        self._openings: Final[dict[int | None, _Opening]] = {}
        self._openings_bytes = 0
        self._asked: Final[dict[int | None, int]] = {}

    def send_opening(self, subscriber: Subscriber, since: int | None) -> bool:
        if since is not None and self._known_from <= since <= self.sequence:
            self._send_after(subscriber, since)
            return True
        opening = self._openings.get(since)
        if opening is None or not self._can_follow(opening):
            self._ask_for(since)
            return False
        for outgoing in opening.messages:
            subscriber.push(outgoing)
        self._send_after(subscriber, opening.sequence)
        return True

    def keep(self, head: Head, outgoing: Outgoing, payload: bytes) -> None:  # noqa: ARG002  # of a Relayed
        if head.is_snapshot:
            self._begin_with([outgoing], head.sequence)
            return
        self._tail.append((head.sequence, outgoing))
        if len(self._tail) > MAX_TAIL:
            self._known_from = self._tail.popleft()[0]

    def replace(self, messages: Sequence[bytes]) -> None:
        sequence = read_head(messages[-1]).sequence
        is_new = sequence != self.sequence
        outgoing = [Outgoing(None, payload) for payload in messages]
        had_subscribers = self.sequence != NOTHING_YET
        self.sequence = sequence
        self._begin_with(outgoing, sequence)
        if had_subscribers and is_new:
            for each in outgoing:
                self.publish(each)

    def forget(self) -> None:
        super().forget()
        for number in self._asked.values():
            self._asks.forget(number)
        self._asked.clear()

    def _begin_with(self, messages: Sequence[Outgoing], sequence: int) -> None:
        self._tail.clear()
        self._known_from = sequence
        self._openings.clear()
        self._openings_bytes = 0
        self._openings[None] = _Opening(messages, sequence)

    def _send_after(self, subscriber: Subscriber, sequence: int) -> None:
        for of_update, outgoing in self._tail:
            if of_update > sequence:
                subscriber.push(outgoing)

    def _can_follow(self, opening: _Opening) -> bool:
        """Tell whether what came after an opening is here, and not too much of it."""
        if not self._known_from <= opening.sequence <= self.sequence:
            return False
        behind = sum(of_update > opening.sequence for of_update, _ in self._tail)
        return behind <= MAX_AFTER_SNAPSHOT

    def _ask_for(self, since: int | None) -> None:
        if since not in self._asked:
            self._asked[since] = self._asks.ask(
                self.follow, since, lambda answer, _cached: self._opening_came(since, answer)
            )

    def _opening_came(self, since: int | None, answer: Answer) -> None:
        self._asked.pop(since, None)
        if answer.code:
            self.refused(answer)
            return
        self._make_room(sum(len(bytes(raw)) for raw in answer.messages))
        messages = [Outgoing(None, bytes(raw)) for raw in answer.messages]
        self._openings[since] = _Opening(messages, answer.sequence)
        if self.is_current:
            self.reopen_waiting()

    def _make_room(self, size: int) -> None:
        """Forget the openings so far when another one of this size is too much; who wants one asks again."""
        full = self._openings_bytes + size > MAX_OPENINGS_BYTES
        if full or len(self._openings) >= _MAX_OPENINGS:
            self._openings.clear()
            self._openings_bytes = 0
        self._openings_bytes += size
