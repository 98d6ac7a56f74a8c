"""Which channels a publisher publishes: some always, the others for as long as a streamer follows them."""

import time
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from cse.gateway.problems import edge_problem
from cse.gateway.relay.protocol import FOLLOW_S, Follow, bus_channel
from cse.gateway.ws.channel import Channel, ChannelSource, Subscriber
from cse.gateway.ws.channels.names import OF_AN_ACCOUNT

MAX_CHANNELS: Final = 5_000
"""Public channels that are followed at once, those that are published always included."""
MAX_ACCOUNT_CHANNELS: Final = 20_000
"""Private ones: two per account."""


class _Followed(msgspec.Struct, eq=False):
    channel: Channel
    until_s: float | None
    """Monotonic time; None: always."""


class Follows:
    """Subscriptions of one subscriber, each with its end."""

    def __init__(
        self,
        source: ChannelSource,
        subscriber: Subscriber,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Subscribe `subscriber` to channels of `source`."""
        self._source: Final = source
        self._subscriber: Final = subscriber
        self.now_s: Final = now_s
        self._followed: Final[dict[Follow, _Followed]] = {}
        self._names: Final[dict[Channel, tuple[Follow, str]]] = {}
        self._accounts = 0

    def __len__(self) -> int:
        return len(self._followed)

    def __contains__(self, follow: Follow) -> bool:
        return follow in self._followed

    def __iter__(self) -> Iterator[Channel]:
        return iter(self._names)

    def place(self, channel: Channel) -> str | None:
        """Return where a channel is published; None: nowhere any more."""
        named = self._names.get(channel)
        return None if named is None else named[1]

    def add(self, follow: Follow, *, always: bool = False) -> Channel:
        """Follow a channel from now on, or longer.

        Raises:
            ApiProblem: there is no such channel, or too many are followed.
        """
        known = self._followed.get(follow)
        until_s = None if always else self.now_s() + FOLLOW_S
        if known is None:
            _refuse_misnamed(follow)
            self._refuse_too_many(follow)
            found = self._source.find(*follow)
            channel = self._source.subscribe(found, self._subscriber)
            known = self._followed[follow] = _Followed(channel, until_s)
            self._names[channel] = follow, bus_channel(*follow)
            self._accounts += follow[1] is not None
        elif known.until_s is not None:
            known.until_s = until_s
        return known.channel

    def renew(self, follow: Follow) -> bool:
        """Follow a channel longer; False: it is not followed any more."""
        if follow in self._followed:
            self.add(follow)
            return True
        return False

    def forget(self, channel: Channel) -> None:
        """End following a channel."""
        named = self._names.pop(channel, None)
        if named is not None:
            follow, _ = named
            del self._followed[follow]
            self._accounts -= follow[1] is not None
            self._source.unsubscribe(channel, self._subscriber)

    def forget_expired(self, now_s: float) -> None:
        """End what nobody has renewed in time."""
        for followed in list(self._followed.values()):
            if followed.until_s is not None and followed.until_s < now_s:
                self.forget(followed.channel)

    def end(self) -> None:
        """End all of it."""
        for channel in list(self._names):
            self.forget(channel)

    def _refuse_too_many(self, follow: Follow) -> None:
        is_private = follow[1] is not None
        count = self._accounts if is_private else len(self._followed) - self._accounts
        if count >= (MAX_ACCOUNT_CHANNELS if is_private else MAX_CHANNELS):
            raise edge_problem("unavailable", "Too many channels are followed now; try again.")


def _refuse_misnamed(follow: Follow) -> None:
    """Refuse a public channel with an account: there is one of it, and its end would be everybody's."""
    name, account_id = follow
    if account_id is not None and name not in OF_AN_ACCOUNT:
        raise edge_problem("not_found", f"There is no channel {name!r} of an account.")
