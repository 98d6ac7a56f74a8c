"""The engine's side of the socket: takes commands in, sends answers and everything that is applied."""

import asyncio
import os
import socket
import stat
from collections.abc import Iterable
from typing import Final, Protocol, cast

import structlog

from cse.adapters.queue.address import UnixAddress, parse_address
from cse.adapters.queue.wire import (
    ANSWER,
    MAX_SUBMIT,
    Envelope,
    Incoming,
    Kind,
    check_hello,
    encode_applied,
    encode_image,
    encode_refused,
    envelope,
)
from cse.core.errors import CodecError, Unavailable
from cse.messages.batch import AppliedBatch, Outcome
from cse.messages.ports import Listener, Waiter
from cse.messages.wire import Record

MAX_UNSENT: Final = 64 * 1024 * 1024
_log = structlog.get_logger(__name__)


class Source(Protocol):
    """What the server needs of a sequencer."""

    def submit_frames(self, frames: bytes, waiter: Waiter) -> int:
        """Hand in frames of commands for a waiter."""
        ...

    def attach(self, listener: Listener) -> Iterable[Record]:
        """Register a listener and return the state as of now."""
        ...

    def detach(self, listener: Listener) -> None:
        """Forget a listener."""
        ...


class QueueServer:
    """Listens for gateways. Runs on the sequencer's event loop."""

    def __init__(self, source: Source, *, max_unsent: int = MAX_UNSENT) -> None:
        """Serve `source`; a client that lets more than `max_unsent` bytes pile up is disconnected."""
        self.source = source
        self.max_unsent = max_unsent
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._encoded: tuple[AppliedBatch | None, bytes] = (None, b"")
        self._unix: UnixAddress | None = None

    async def start(self, address: str) -> str:
        """Listen, and return the address with the port that was taken.

        Only our own user can open a Unix socket; a TCP port asks nobody who they are.

        Raises:
            BadAddress: this names no socket.
            OSError: it cannot be listened on.
        """
        place = parse_address(address)
        loop = asyncio.get_running_loop()
        if isinstance(place, UnixAddress):
            self._unix = place
            server = await loop.create_unix_server(self._accept, sock=bind_unix(place))
            self._server = server
            return f"unix:{place.path}"
        self._server = await loop.create_server(self._accept, place.host, place.port)
        return f"tcp:{place.host}:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Stop listening and disconnect everybody."""
        if self._server is not None:
            self._server.close()
            for connection in list(self._connections):
                connection.drop()
            await self._server.wait_closed()
            self._server = None
        if self._unix is not None:
            self._unix.path.unlink(missing_ok=True)

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    def _accept(self) -> asyncio.Protocol:
        return _Connection(self)

    def add(self, connection: "_Connection") -> None:
        """Keep track of a connection."""
        self._connections.add(connection)

    def remove(self, connection: "_Connection") -> None:
        """Forget a connection."""
        self._connections.discard(connection)

    def encode(self, batch: AppliedBatch) -> bytes:
        """Encode what was applied, once for all connections."""
        if self._encoded[0] is not batch:
            self._encoded = (batch, encode_applied(batch))
        return self._encoded[1]


def bind_unix(address: UnixAddress) -> socket.socket:
    """Bind a socket file that only our user can open; one that a dead process left is replaced."""
    path = address.path
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
        path.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        bound.bind(str(path))
    except OSError:
        bound.close()
        raise
    finally:
        os.umask(before)
    return bound


class _Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, server: QueueServer) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._incoming = Incoming(MAX_SUBMIT)
        self._transport: asyncio.Transport | None = None
        self._greeted = False
        self._image: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._out: list[bytes] = []
        self._held = 0
        self._flush_planned = False

    @property
    def open(self) -> bool:
        """Whether somebody is at the other end."""
        return self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        _log.info("queue_client_gone", reason=str(exc or "closed"))
        self._transport = None
        self._server.remove(self)
        self._out.clear()
        if self._greeted:
            self._server.source.detach(self._applied)
        if self._image is not None:
            self._image.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._incoming.feed(data)
        try:
            for message in self._incoming.messages():
                self._take(message)
        except CodecError as error:
            _log.warning("queue_client_refused", reason=str(error))
            self._say_and_drop(encode_refused(0, error))

    def drop(self) -> None:
        """Disconnect, at once."""
        if self._transport is not None:
            self._transport.abort()

    def answer(self, number: int, outcome: Outcome) -> None:
        """Tell the client what became of its commands; their events were sent before."""
        payload = ANSWER.pack(outcome.first_sequence, len(outcome))
        self._send(envelope(Kind.ANSWER, number, payload))

    def refuse(self, number: int, error: BaseException) -> None:
        """Tell the client why there is no answer."""
        self._send(encode_refused(number, error))

    def _take(self, message: Envelope) -> None:
        if not self._greeted:
            check_hello(message)
            self._greeted = True
            records = self._server.source.attach(self._applied)
            self._image = self._loop.create_task(self._send_image(records))
        elif message.kind == Kind.SUBMIT:
            try:
                self._server.source.submit_frames(message.payload, _Answer(self, message.number))
            except (CodecError, Unavailable) as error:
                self.refuse(message.number, error)
        else:
            raise CodecError(f"a message of kind {message.kind} from a client")

    async def _send_image(self, records: Iterable[Record]) -> None:
        """Send the state in pieces; what is applied meanwhile waits its turn behind it."""
        try:
            for piece in encode_image(records):
                await self._writable.wait()
                if self._transport is None:
                    return
                self._transport.write(piece)
                await asyncio.sleep(0)
        except Exception:  # noqa: BLE001  # a task has nobody else to tell
            _log.error("queue_image_failed", exc_info=True)
            self.drop()
            return
        self._out.insert(0, envelope(Kind.READY, 0))
        self._image = None
        self._flush()

    def _applied(self, batch: AppliedBatch) -> None:
        self._send(self._server.encode(batch))

    def _send(self, data: bytes) -> None:
        """Send with everything else of this turn of the loop."""
        if self._transport is None:
            return
        self._out.append(data)
        self._held += len(data)
        if self._held > self._server.max_unsent:
            self._too_slow()
        elif not self._flush_planned and self._image is None:
            self._flush_planned = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_planned = False
        if self._transport is None or self._image is not None:
            return
        self._transport.write(b"".join(self._out))
        self._out.clear()
        self._held = 0
        if self._transport.get_write_buffer_size() > self._server.max_unsent:
            self._too_slow()

    def _too_slow(self) -> None:
        _log.error("queue_client_too_slow", unsent_limit=self._server.max_unsent)
        self.drop()

    def _say_and_drop(self, last_words: bytes) -> None:
        if self._transport is not None:
            self._transport.write(last_words)
            self._transport.close()


class _Answer:
    """Waits for commands on behalf of a client."""

    __slots__ = ("_connection", "_number")

    def __init__(self, connection: _Connection, number: int) -> None:
        self._connection = connection
        self._number = number

    def done(self) -> bool:
        return not self._connection.open

    def set_result(self, result: Outcome, /) -> None:
        self._connection.answer(self._number, result)

    def set_exception(self, exception: BaseException, /) -> None:
        self._connection.refuse(self._number, exception)
