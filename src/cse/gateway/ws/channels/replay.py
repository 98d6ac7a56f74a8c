"""What private channels share: every message goes out, and the latest stay for who lost the connection."""

from abc import ABC, abstractmethod
from collections import deque
from typing import Final, NamedTuple

from cse.gateway.ws.channel import Channel, Subscriber
from cse.gateway.ws.frames import Outgoing
from cse.gateway.ws.messages import BalancesMessage, OrdersMessage


class _Sent(NamedTuple):
    sequence: int
    outgoing: Outgoing


class Replay:
    """Bounds what all private channels together keep: past the total the oldest message of all goes."""

    def __init__(self, per_channel: int, total: int) -> None:
        """Keep so many messages per channel, and so many in all."""
        self.per_channel: Final = per_channel
        self._total: Final = total
        self._order: Final[deque[UserChannel]] = deque()

    def added(self, channel: "UserChannel") -> None:
        """Note that a channel keeps one more message."""
        self._order.append(channel)
        if len(self._order) > self._total:
            self._order.popleft().forget_oldest()


class UserChannel(Channel, ABC):
    """One private channel of one account, with its latest messages."""

    def __init__(self, name: str, account_id: int, sequence: int, replay: Replay) -> None:
        """Begin after `sequence`; `replay` says how much stays."""
        super().__init__(name, sequence)
        self.account_id: Final = account_id
        self._sent: Final[deque[_Sent]] = deque()
        self._replay: Final = replay
        self._known_from = sequence
        """What came after this sequence can be sent again."""
        self._forgotten_early = 0

    def send(self, message: OrdersMessage | BalancesMessage) -> None:
        """Send an update and keep it for a while."""
        outgoing = Outgoing(message)
        self.sequence = message.sequence
        self._sent.append(_Sent(message.sequence, outgoing))
        if len(self._sent) > self._replay.per_channel:
            self._known_from = self._sent.popleft().sequence
            self._forgotten_early += 1
        self._replay.added(self)
        self.publish(outgoing)

    def forget_oldest(self) -> None:
        """Forget the message that is the oldest of all channels', if it is still here."""
        if self._forgotten_early:
            self._forgotten_early -= 1
        else:
            self._known_from = self._sent.popleft().sequence

    def open(self, subscriber: Subscriber, since: int | None) -> bool:
        """Send what came after `since`, from memory or made up; a snapshot when that cannot be known."""
        if since is None or since > self.sequence:
            subscriber.push(Outgoing(self.snapshot()))
        elif since >= self._known_from:
            self._send_again(subscriber, since)
        else:
            return self._make_up(subscriber, since)
        return True

    def _send_again(self, subscriber: Subscriber, since: int) -> None:
        for sent in self._sent:
            if sent.sequence > since:
                subscriber.push(sent.outgoing)

    def _knows_from(self, sequence: int) -> bool:
        return sequence >= self._known_from

    @abstractmethod
    def _make_up(self, subscriber: Subscriber, since: int) -> bool:
        """Send what came after `since` although memory does not go back that far; see Channel.open."""

    @abstractmethod
    def snapshot(self) -> OrdersMessage | BalancesMessage:
        """Return everything as it stands."""
