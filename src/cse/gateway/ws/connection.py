"""One client's connection: what it listens to, what waits to be sent, and the one task that sends it."""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from cse.gateway.auth import Principal
from cse.gateway.order_entry import Answer
from cse.gateway.problems import edge_problem
from cse.gateway.ws.channel import Channel
from cse.gateway.ws.frames import Encoding, Outgoing
from cse.gateway.ws.messages import ChannelClosed, Done
from cse.gateway.ws.options import CLOSE_SLOW
from cse.gateway.ws.outbox import Outbox
from cse.gateway.ws.streams import Streams
from cse.gateway.ws.user_channels import USER_CHANNELS

log = structlog.get_logger(__name__)


class Identity(NamedTuple):
    """Who is on the other end, and the header that proves it as long as it is good."""

    principal: Principal
    authorization: str


class Closing(NamedTuple):
    """Why the server ends a connection."""

    code: int
    reason: str


class Connection:
    """Subscriptions and the outgoing half of one WebSocket."""

    def __init__(self, websocket: WebSocket, encoding: Encoding, streams: Streams) -> None:
        """Begin without subscriptions; `send_all` must run for anything to go out."""
        self.encoding: Final = encoding
        self.closing: Final[asyncio.Future[Closing]] = asyncio.get_running_loop().create_future()
        """Done when the server wants to end the connection."""
        self.identity: Identity | None = None
        self._websocket: Final = websocket
        self._streams: Final = streams
        self._outbox: Final = Outbox(streams.options)
        self._channels: Final[dict[str, Channel]] = {}
        self._opening: Final[dict[Channel, int | None]] = {}
        """Channels whose snapshot (or replay since) goes out when all that waits has gone."""

    # --- subscriptions

    def subscribe(self, names: Sequence[str], since: int | None) -> None:
        """Begin channels, all or none; one that runs already begins anew.

        Raises:
            ApiProblem: a channel does not exist or is not for this client, or there are too many.
        """
        account_id = self.identity.principal.account_id if self.identity else None
        channels = [self._streams.find(name, account_id) for name in dict.fromkeys(names)]
        limit = self._streams.options.max_subscriptions
        if len(self._channels.keys() | set(names)) > limit:
            raise edge_problem("rate_limited", f"A connection has at most {limit} subscriptions.")
        for found in channels:
            channel = self._channels[found.name] = self._streams.subscribe(found, self)
            self._open(channel, since if channel.name in USER_CHANNELS else None)

    def unsubscribe(self, names: Sequence[str]) -> None:
        """End channels; those that are not subscribed are passed over."""
        for name in names:
            channel = self._channels.pop(name, None)
            if channel is not None:
                self._opening.pop(channel, None)
                self._streams.unsubscribe(channel, self)

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
        own = [name for name in USER_CHANNELS if name in self._channels]
        self.unsubscribe(own)
        for name in own:
            self.answer(ChannelClosed(name, "closed", code, detail))

    def leave(self) -> None:
        """End all channels."""
        self.unsubscribe(list(self._channels))

    # --- outgoing

    def deliver(self, channel: Channel, outgoing: Outgoing) -> None:
        """Take an update, unless the channel's snapshot is yet to come and will hold it."""
        if channel in self._opening:
            return
        if channel.conflates and self._outbox.congested:
            self._opening[channel] = None
            return
        self.push(outgoing)

    def push(self, outgoing: Outgoing) -> None:
        """Queue a message; a client that leaves too much waiting is disconnected."""
        if not self._outbox.put(outgoing.frame(self.encoding)) and not self.closing.done():
            limit = self._streams.options.buffer_bytes
            self.close(CLOSE_SLOW, f"Too slow: more than {limit} bytes waited to be read.")

    def reopen(self, channel: Channel) -> None:
        """Begin a channel anew."""
        self._open(channel, None)

    def end(self, channel: Channel, code: str, detail: str) -> None:
        """End a channel and say why."""
        self.unsubscribe([channel.name])
        self.answer(ChannelClosed(channel.name, "closed", code, detail))

    def answer(self, message: msgspec.Struct) -> None:
        """Queue a message for this client alone."""
        self.push(Outgoing(message))

    def answer_order(self, message_id: int | str | None, answer: Answer) -> None:
        """Queue the answer to an order operation: what REST answers, as a part of ours."""
        body = msgspec.Raw(answer.body)
        if self.encoding is Encoding.MSGPACK:
            result: msgspec.Raw | dict[str, object] = msgspec.json.decode(
                body, type=dict[str, object]
            )
        else:
            result = body
        self.answer(Done(message_id, True, status=answer.status, result=result))

    def close(self, code: int, reason: str) -> None:
        """Have the connection ended; the first reason counts."""
        if not self.closing.done():
            log.info("websocket_closing", code=code, reason=reason)
            self.closing.set_result(Closing(code, reason))

    async def send_all(self) -> None:
        """Send what waits, as fast as the client reads, until cancelled.

        Raises:
            WebSocketDisconnect: the client has gone.
        """
        while True:
            while (frame := self._outbox.take()) is not None:
                if isinstance(frame, str):
                    await self._websocket.send_text(frame)
                else:
                    await self._websocket.send_bytes(frame)
            if self._opening:
                channel, since = next(iter(self._opening.items()))
                if not channel.open(self, since):
                    raise RuntimeError("the channels of this process are always ready")
                del self._opening[channel]  # what this flushed is in the snapshot: still opening
                await asyncio.sleep(0)  # many channels open one by one, others have their turn
            else:
                await self._outbox.wait()

    async def finish(self, closing: Closing, timeout_ms: int) -> None:
        """Send the close frame, as long as the client reads within the timeout."""
        try:
            async with asyncio.timeout(timeout_ms / 1_000):
                await self._websocket.close(closing.code, closing.reason)
        except (TimeoutError, WebSocketDisconnect, RuntimeError) as error:
            log.info("websocket_gone", reason=closing.reason, error=repr(error))

    def _open(self, channel: Channel, since: int | None) -> None:
        self._opening[channel] = since
        self._outbox.wake()
