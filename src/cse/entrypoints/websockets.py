"""The sockets of `/ws`: connections that the HTTP server hands over are picows's from then on (decision 0037)."""

import asyncio
import logging
import socket
from typing import Any, Final

from picows import (
    WSAutoPingStrategy,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # the stub leaves it out

from cse.gateway.ws.client import Client
from cse.gateway.ws.options import CLOSE_TOO_BIG
from cse.gateway.ws.server import Admission, WebSocketServer

_HEAD: Final = (
    b"GET /ws HTTP/1.1\r\nhost: cse\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: %b\r\n\r\n"
)
"""What picows gets to see of the handshake: everything else of it has been looked at."""
_READ_BYTES: Final = 2_048
"""A client's messages are small; the buffer grows for the few that are not."""
_MAX_REASON_BYTES: Final = 123
"""RFC 6455, 5.5: a control frame has at most 125 bytes, two of them the code."""
_NORMAL: Final = 1000
_PROTOCOL_ERROR: Final = 1002
_FIRST_CODE: Final = 1_000
_LAST_CODE: Final = 5_000
_NEVER_SENT: Final = frozenset({1004, 1005, 1006, 1015})
_MESSAGES: Final = frozenset((WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION))


class _Quiet:
    """picows tells of every connection and disconnection; we do so where it is unusual."""

    def isEnabledFor(self, _level: int) -> bool:  # noqa: N802  # as logging names it
        return False

    def info(self, *_: object) -> None:
        """Nothing that we do not know."""

    log = warning = info

    def error(self, message: str, *arguments: object) -> None:
        _log.info(message, *arguments)

    def exception(self, message: str, *arguments: object) -> None:
        _log.exception(message, *arguments)


_log: Final = logging.getLogger("picows")
_QUIET: Final = _Quiet()


class Socket(WSListener):
    """One connection: a Wire to us, a listener to picows."""

    __slots__ = (
        "_admission",
        "_client",
        "_cut_off",
        "_server",
        "_sockets",
        "_transport",
        "_whole",
        "_ws",
    )

    def __init__(self, server: WebSocketServer, admission: Admission, sockets: set[Any]) -> None:
        """Begin with somebody who was let in; `sockets` are all connections of the web server."""
        self._server: Final = server
        self._admission: Final = admission
        self._sockets: Final = sockets
        self._client: Client | None = None
        self._cut_off: asyncio.TimerHandle | None = None
        self._whole: _Message | None = None
        """A message of which more is to come."""

    # --- what picows tells

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Begin."""
        self._ws: WSTransport = transport
        self._transport: asyncio.Transport = transport.underlying_transport
        options = self._server.options
        self._transport.set_write_buffer_limits(options.conflate_from, options.conflate_from // 4)
        sock: socket.socket = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, options.socket_bytes)
        self._sockets.add(self)
        self._client = self._server.connected(self, self._admission)

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002  # as picows calls it
        """End."""
        self._sockets.discard(self)
        if self._cut_off is not None:
            self._cut_off.cancel()
        if self._client is not None:
            self._server.gone(self._client)

    def pause_writing(self) -> None:
        """Much waits to be sent."""
        if self._client is not None:
            self._client.connection.pause()

    def resume_writing(self) -> None:
        """Little waits again."""
        if self._client is not None:
            self._client.connection.resume()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take a frame."""
        client = self._client
        if client is None:
            return
        client.heard_ms, client.pinged_ms = self._server.now_ms(), 0
        kind = frame.msg_type
        if kind in _MESSAGES:
            self._take_data(client, frame)
        elif kind == WSMsgType.CLOSE:
            self._take_close(frame)
        elif client.session.took_control_frame() and kind == WSMsgType.PING:
            payload = frame.get_payload_as_bytes()
            if client.connection.has_room(len(payload)):  # who pings and does not read is too slow
                transport.send_pong(payload)

    def _take_data(self, client: Client, frame: WSFrame) -> None:
        """Take a message, or a piece of one (RFC 6455, 5.4)."""
        payload, kind = frame.get_payload_as_bytes(), frame.msg_type
        if kind == WSMsgType.CONTINUATION:
            if self._whole is None:
                client.connection.close(_PROTOCOL_ERROR, "A continuation of nothing.")
                return
            self._whole.add(payload)
        elif self._whole is not None:
            client.connection.close(_PROTOCOL_ERROR, "A message within another.")
            return
        else:
            self._whole = _Message(payload, kind == WSMsgType.TEXT, frame.rsv1)
        limit = self._server.options.max_frame_bytes
        if self._whole.size > limit:
            client.connection.close(CLOSE_TOO_BIG, f"A message has at most {limit} bytes.")
        elif frame.fin:
            whole, self._whole = self._whole, None
            client.spoke_ms = client.heard_ms
            client.session.take(
                whole.payload, is_text=whole.is_text, is_compressed=whole.is_compressed
            )
        elif not client.session.took_control_frame():  # pieces cost as much as messages
            self._whole = None

    def _take_close(self, frame: WSFrame) -> None:
        """Answer a goodbye, or go after the answer to ours."""
        if not self._ws.is_close_frame_sent:
            code: Any = frame.get_close_code()  # a whole number, whatever the stub says
            self._ws.send_close(_answer_to(int(code)))
        if self._cut_off is None:
            self._cut_off_later()
        self._transport.close()

    # --- what the server asks

    def write(self, frames: list[bytes]) -> None:
        """Send whole frames in one system call, as far as the kernel takes them."""
        if len(frames) == 1:
            self._transport.write(frames[0])
        else:
            self._transport.writelines(frames)

    @property
    def waiting_bytes(self) -> int:
        """How much has not been taken by the kernel."""
        return self._transport.get_write_buffer_size()

    def ping(self) -> None:
        """Ask whether somebody is there."""
        self._ws.send_ping()

    def close(self, code: int, reason: str) -> None:
        """Say goodbye; cut off who does not answer that in time."""
        if self._transport.is_closing() or self._ws.is_close_frame_sent:
            return
        self.resume_reading()  # or the answer would never be seen
        self._ws.send_close(code, reason.encode("utf-8")[:_MAX_REASON_BYTES])  # type: ignore[arg-type]  # any code is fine
        self._cut_off_later()

    def pause_reading(self) -> None:
        """Leave what the client sends in the kernel."""
        if not self._transport.is_closing() and self._transport.is_reading():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        if not self._transport.is_closing() and not self._transport.is_reading():
            self._transport.resume_reading()

    def shutdown(self) -> None:
        """End, as the web server asks of all its connections when it stops."""
        if self._client is not None:
            self._server.send_away(self._client)

    def _cut_off_later(self) -> None:
        delay_s = self._server.options.send_timeout_ms / 1_000
        loop = asyncio.get_running_loop()
        self._cut_off = loop.call_later(delay_s, self._transport.abort)


class _Message:
    """A message that comes in pieces."""

    __slots__ = ("_pieces", "is_compressed", "is_text", "size")

    def __init__(self, payload: bytes, is_text: bool, is_compressed: bool) -> None:  # noqa: FBT001  # of one place
        self.is_text: Final = is_text
        self.is_compressed: Final = is_compressed
        self.size = len(payload)
        self._pieces: Final = [payload]

    def add(self, payload: bytes) -> None:
        self.size += len(payload)
        self._pieces.append(payload)

    @property
    def payload(self) -> bytes:
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)


def _answer_to(code: int) -> Any:
    """Return the code that answers a goodbye: the same, where one may be sent (RFC 6455, 7.4)."""
    return code if _FIRST_CODE <= code < _LAST_CODE and code not in _NEVER_SENT else _NORMAL


def hand_over(
    transport: asyncio.Transport, server: WebSocketServer, admission: Admission, sockets: set[Any]
) -> None:
    """Give a connection whose handshake was let in to picows, which answers it with 101.

    `sockets` are all connections of the web server: the new one is among them as long as it lasts.
    """
    listener = Socket(server, admission, sockets)
    headers = {"X-Request-Id": admission.peer.session_id}
    if admission.asked.extensions:
        headers["Sec-WebSocket-Extensions"] = admission.asked.extensions

    def accept(_request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        return WSUpgradeResponseWithListener(
            WSUpgradeResponse.create_101_response(headers), listener
        )

    protocol = WSProtocol(
        None,
        None,
        False,
        accept,
        _QUIET,
        True,
        None,
        False,
        None,
        None,
        WSAutoPingStrategy.PING_WHEN_IDLE,
        False,
        server.options.max_frame_bytes,
        None,
        _READ_BYTES,
    )
    protocol.connection_made(transport)
    transport.set_protocol(protocol)
    head = _HEAD % admission.key
    protocol.get_buffer(-1)[: len(head)] = head
    protocol.buffer_updated(len(head))
    if not transport.is_closing():
        transport.resume_reading()  # it was paused; from here on into picows's own buffer
