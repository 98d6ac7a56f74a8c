"""The client's end of the stream: messages out of bytes, and the times that both sides keep."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple, cast

from cse.core.errors import CodecError
from cse.messages.codec import HEADER, HEADER_SIZE, LAYOUTS, decode_frame
from cse.messages.session import Answer, Executions, SessionMessage


class Incoming(NamedTuple):
    """One message of the server."""

    message: SessionMessage
    sequence: int
    time_ms: int
    payload: bytes
    """The event frames that follow an Answer or Executions."""


def take_message(data: bytearray) -> Incoming | None:
    """Take the first message off the data, None while it is not whole.

    Raises:
        CodecError: it is none.
    """
    if len(data) < HEADER_SIZE:
        return None
    length, _, number, *_ = HEADER.unpack_from(data)
    layout = LAYOUTS.get(number)
    if layout is None or not issubclass(layout.cls, SessionMessage):
        raise CodecError(f"message type {number} from the server")
    if len(data) < length:
        return None
    message, _, sequence, time_ms = decode_frame(bytes(data[:length]))
    end = length
    if isinstance(message, Answer | Executions):
        end += message.size
        if len(data) < end:
            return None
    payload = bytes(data[length:end])
    del data[:end]
    return Incoming(cast("SessionMessage", message), sequence, time_ms, payload)


class Stream(asyncio.Protocol):
    """One connection to the exchange."""

    def __init__(self, taken: Callable[[Incoming], None], lost: Callable[[], None]) -> None:
        """Call `taken` for every message, `lost` once at the end."""
        self._taken: Final = taken
        self._lost: Final = lost
        self._data = bytearray()
        self._over = False
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self.in_at = self.out_at = self._loop.time()
        """When something last came, and went."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        self.in_at = self._loop.time()
        self._data += data
        try:
            while not self._over and (incoming := take_message(self._data)) is not None:
                self._taken(incoming)
        except CodecError:
            if self._transport is not None:
                self._transport.abort()

    def connection_lost(self, _error: Exception | None) -> None:
        """It is over."""
        self._transport = None
        if not self._over:
            self._lost()

    def send(self, data: bytes) -> None:
        """Send bytes; after the end they go nowhere."""
        if self._transport is not None:
            self.out_at = self._loop.time()
            self._transport.write(data)

    def abort(self) -> None:
        """End it at once; nobody is called any more."""
        self._over = True
        if self._transport is not None:
            self._transport.abort()

    @classmethod
    async def open(
        cls,
        address: str,
        taken: Callable[[Incoming], None],
        lost: Callable[[], None],
    ) -> "Stream":
        """Connect to `tcp:host:port` or `unix:/path`.

        Raises:
            ValueError: the address is neither.
            OSError: nobody listens there.
        """
        loop = asyncio.get_running_loop()
        kind, _, rest = address.partition(":")
        if kind == "unix" and rest:
            _, stream = await loop.create_unix_connection(lambda: cls(taken, lost), str(Path(rest)))
            return stream
        host, _, port = rest.rpartition(":")
        if kind != "tcp" or not host or not port.isdigit():
            raise ValueError(f"{address!r} must be tcp:host:port or unix:/path")
        _, stream = await loop.create_connection(
            lambda: cls(taken, lost), host.strip("[]"), int(port)
        )
        return stream
