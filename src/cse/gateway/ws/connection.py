"""One client's connection: what it listens to, and what it is sent, as long as it reads that."""

from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
import structlog

from cse.gateway.auth import Principal
from cse.gateway.order_entry import Answer
from cse.gateway.problems import ApiProblem, edge_problem
from cse.gateway.ws.channel import Channel, ChannelSource
from cse.gateway.ws.frames import Encoding, Format, Outgoing
from cse.gateway.ws.messages import ChannelClosed, Done
from cse.gateway.ws.openings import Openings
from cse.gateway.ws.options import CLOSE_SHUTDOWN, CLOSE_SLOW, WsOptions
from cse.gateway.ws.quotas import Quota
from cse.gateway.ws.turn import Turn
from cse.gateway.ws.user_channels import USER_CHANNELS
from cse.gateway.ws.wire import Wire
from cse.users.model import KeyPrincipal

log = structlog.get_logger(__name__)

MAX_PENDING_BYTES: Final = 65_536
"""What one turn of the loop gathers for a client before it is sent on."""


class Identity(NamedTuple):
    """Who is on the other end, and what proves it as long as it is good."""

    principal: Principal
    authorization: str
    """The header; empty when it was an API key."""
    key: KeyPrincipal | None = None
    """The holder of the API key that signed."""


class Common(NamedTuple):
    """What all connections share."""

    source: ChannelSource
    options: WsOptions
    openings: Openings
    turn: Turn


class Connection:
    """Subscriptions and the outgoing half of one WebSocket: a Subscriber. There may be ten thousand of these."""

    __slots__ = (
        "_channels",
        "_closing",
        "_common",
        "_congested",
        "_due",
        "_opening",
        "_pending",
        "_pending_bytes",
        "_wire",
        "format",
        "identity",
        "quota",
    )

    def __init__(self, wire: Wire, format_: Format, common: Common, quota: Quota) -> None:
        """Begin without subscriptions; `quota` counts them."""
        self.format: Final = format_
        self.identity: Identity | None = None
        self.quota: Final = quota
        self._wire: Final = wire
        self._common: Final = common
        self._channels: Final[dict[str, Channel]] = {}
        self._opening: Final[dict[Channel, int | None]] = {}
        """Channels whose snapshot (or replay since) is still to go out: their updates are passed over."""
        self._due: Final[deque[Channel]] = deque()
        """Those of them that can be tried now."""
        self._pending: list[bytes] = []
        """Frames of this turn of the loop."""
        self._pending_bytes = 0
        self._congested = False
        self._closing = False

    # --- subscriptions

    def subscribe(self, names: Sequence[str], since: int | None) -> None:
        """Begin channels, all or none; one that runs already begins anew.

        Raises:
            ApiProblem: a channel does not exist or is not for this client, or there are too many.
        """
        source, limit = self._common.source, self._common.options.max_subscriptions
        account_id = self.identity.principal.account_id if self.identity else None
        new = len(set(names) - self._channels.keys())  # a channel has one name
        if len(self._channels) + new > limit:
            raise edge_problem("rate_limited", f"A connection has at most {limit} subscriptions.")
        self.quota.subscribe(new)
        try:
            channels = [source.find(name, account_id) for name in dict.fromkeys(names)]
        except ApiProblem:
            self.quota.subscribe(-new)
            raise
        for found in channels:
            channel = self._channels[found.name] = source.subscribe(found, self)
            self._open(channel, since if channel.name in USER_CHANNELS else None)

    def unsubscribe(self, names: Sequence[str]) -> None:
        """End channels; those that are not subscribed are passed over."""
        for name in names:
            channel = self._channels.pop(name, None)
            if channel is not None:
                self.quota.subscribe(-1)
                if channel in self._opening:
                    del self._opening[channel]
                    if channel in self._due:  # or it stays as long as the client does not read
                        self._due.remove(channel)
                self._common.source.unsubscribe(channel, self)

    def resync(self, name: str) -> None:
        """Send a snapshot of a subscribed channel.

        Raises:
            ApiProblem: it is not subscribed.
        """
        channel = self._channels.get(name)
        if channel is None:
            raise edge_problem("not_found", f"{name} is not subscribed here.")
        self._open(channel, None)

    def end_user_channels(self, code: str, detail: str) -> None:
        """End the private channels and say why; the public ones go on."""
        for name in USER_CHANNELS:
            if name in self._channels:
                self.end(self._channels[name], code, detail)

    def end(self, channel: Channel, code: str, detail: str) -> None:
        """End a channel and say why."""
        self.unsubscribe([channel.name])
        self.answer(ChannelClosed(channel.name, "closed", code, detail))

    def leave(self) -> None:
        """End all channels, the client has gone."""
        self._closing = True
        self._pending.clear()
        self.unsubscribe(list(self._channels))

    @property
    def is_idle(self) -> bool:
        """Whether it listens to nothing and nobody has logged in on it, who may trade now and then."""
        return not self._channels and self.identity is None

    # --- outgoing

    def deliver(self, channel: Channel, outgoing: Outgoing) -> None:
        """Take an update, unless the channel's snapshot is yet to come and will hold it."""
        if self._opening and channel in self._opening:
            return
        if self._congested and channel.conflates:
            self._opening[channel] = None
            self._due.append(channel)
            return
        self.push(outgoing)

    def push(self, outgoing: Outgoing) -> None:
        """Send a message; a client that leaves too much waiting is disconnected."""
        frame = outgoing.frame(self.format)
        size = len(frame)
        if self._closing or not self.has_room(size):
            return
        if not self._pending:
            self._common.turn.add(self)
        self._pending.append(frame)
        self._pending_bytes += size
        if self._pending_bytes > MAX_PENDING_BYTES:
            self.flush()  # and know how much of it has to wait

    def flush(self) -> None:
        """Send the frames of this turn."""
        frames, self._pending = self._pending, []
        self._pending_bytes = 0
        if frames:
            self._wire.write(frames)

    def answer(self, message: msgspec.Struct) -> None:
        """Send a message to this client alone."""
        self.push(Outgoing(message))

    def answer_order(self, message_id: int | str | None, answer: Answer) -> None:
        """Send the answer to an order operation: what REST answers, as a part of ours."""
        body = msgspec.Raw(answer.body)
        if self.format & 1 == Encoding.MSGPACK:
            result: msgspec.Raw | dict[str, object] = msgspec.json.decode(
                body, type=dict[str, object]
            )
        else:
            result = body
        self.answer(Done(message_id, True, status=answer.status, result=result))

    def close(self, code: int, reason: str) -> None:
        """Have the connection ended; the first reason counts."""
        if not self._closing:
            self._closing = True
            if code != CLOSE_SHUTDOWN:  # everybody's: told once
                log.info("websocket_closing", code=code, reason=reason)
            self.flush()
            self._wire.close(code, reason)

    @property
    def closing(self) -> bool:
        """Whether the client has gone, or was told to."""
        return self._closing

    def pause(self) -> None:
        """Note that much waits: from now on what can be conflated is, and the rest is counted."""
        self._congested = True

    def resume(self) -> None:
        """Note that little waits again."""
        self._congested = False
        if self._due:
            self._common.openings.add(self)

    def has_room(self, size: int) -> bool:
        """Return whether so many bytes more may wait; False: the client is told goodbye for it."""
        if not self._congested:
            return True
        limit = self._common.options.buffer_bytes
        waiting = self._wire.waiting_bytes + self._pending_bytes
        if not waiting or waiting + size <= limit:
            return True
        self.close(CLOSE_SLOW, f"Too slow: more than {limit} bytes waited to be read.")
        return False

    # --- openings

    def reopen(self, channel: Channel) -> None:
        """Open a channel: what it lacked has come, or everybody is to begin anew."""
        if self._channels.get(channel.name) is channel:
            self._open(channel, self._opening.get(channel))

    def open_next(self) -> bool:
        """Open one channel whose turn has come; False: there is none now."""
        if self._congested or self._closing or not self._due:
            return False
        channel = self._due.popleft()
        if channel in self._opening and channel.open(self, self._opening[channel]):
            del self._opening[channel]  # what this flushed is in the snapshot: still opening
        return True

    def _open(self, channel: Channel, since: int | None) -> None:
        if channel not in self._due:
            self._due.append(channel)
        self._opening[channel] = since
        self._common.openings.add(self)
