"""One connection of a client: bytes to messages and back, and holding the stream still."""

import asyncio
from typing import Protocol, cast

import structlog

from cse.adapters.queue.wire import MAX_MESSAGE, Envelope, Incoming

_log = structlog.get_logger(__name__)


class LinkUser(Protocol):
    """Whose connection it is."""

    def opened(self, link: "Link") -> None:
        """Note that it is there."""
        ...

    def closed(self, reason: str) -> None:
        """Note that it is gone."""
        ...

    def take(self, message: Envelope) -> None:
        """Handle one message; raises when it makes no sense."""
        ...


class Link(asyncio.Protocol):
    """One connection."""

    def __init__(self, user: LinkUser) -> None:
        self._user = user
        self._loop = asyncio.get_running_loop()
        self._incoming = Incoming(MAX_MESSAGE)
        self._transport: asyncio.Transport | None = None
        self._holding = False
        self._reason = ""
        self._out: list[bytes] = []
        self.lost: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._user.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._user.closed(self._reason or str(exc or "closed by the other side"))
        if not self.lost.done():
            self.lost.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._incoming.feed(data)
        self._process()

    def send(self, data: bytes) -> None:
        """Send with everything else of this turn of the loop."""
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(data)

    def hold(self) -> None:
        """Take nothing more in for now."""
        self._holding = True
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Go on where `hold` stopped."""
        if self._holding and self._transport is not None:
            self._holding = False
            self._transport.resume_reading()
            self._loop.call_soon(self._process)

    def drop(self, reason: str = "") -> None:
        """Disconnect, at once."""
        self._reason = self._reason or reason
        if self._transport is not None:
            self._transport.abort()

    def _flush(self) -> None:
        if self._transport is not None:
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def _process(self) -> None:
        """Handle what is here; whatever goes wrong, only a fresh image can put it right."""
        try:
            for message in self._incoming.messages():
                self._user.take(message)
                if self._holding:
                    return
        except Exception as error:  # noqa: BLE001  # a listener may raise anything
            self._reason = str(error)
            _log.error("queue_connection_dropped", exc_info=True)
            self.drop()
