"""Messages on their way out: encoded, framed and compressed once each, however many clients get them.

A server's frames carry no mask (RFC 6455, 5.1), so the very same bytes go to everybody.
"""

from enum import IntEnum
from typing import Any, Final

import msgspec

from cse.gateway.ws.deflate import deflated

_JSON: Final = msgspec.json.Encoder()
_MSGPACK: Final = msgspec.msgpack.Encoder()
_FROM_JSON: Final = msgspec.json.Decoder()

_FINAL: Final = 0x80
_COMPRESSED: Final = 0x40
"""RSV1: RFC 7692, 6."""
_TEXT: Final = 0x1
_BINARY: Final = 0x2
_SHORT: Final = 126
_LONG: Final = 65_536
SMALL_BYTES: Final = 64
"""A message below this is not compressed: it would grow."""


class Encoding(IntEnum):
    """How a connection wants its messages."""

    JSON = 0
    MSGPACK = 1


class Format(IntEnum):
    """How a connection's frames are made: its encoding, compressed or not."""

    JSON = 0
    MSGPACK = 1
    JSON_DEFLATED = 2
    MSGPACK_DEFLATED = 3

    @classmethod
    def of(cls, encoding: Encoding, *, compressed: bool) -> "Format":
        """Return the format of an encoding."""
        return cls(encoding + 2 * compressed)


class Outgoing:
    """One message for any number of connections: a struct, or the JSON text of one from elsewhere."""

    __slots__ = ("_frames", "_json", "_msgpack", "message")

    def __init__(self, message: msgspec.Struct | None, json: bytes | None = None) -> None:
        """Hold a message, its JSON, or both; nothing is encoded before somebody wants it."""
        assert message is not None or json is not None, "one of them says what to send"
        self.message: Final = message
        self._json = json
        self._msgpack: bytes | None = None
        self._frames: Final[list[bytes | None]] = [None, None, None, None]

    def payload(self, encoding: Encoding) -> bytes:
        """Return the message in one encoding, made when first asked for."""
        if encoding is Encoding.JSON:
            if self._json is None:
                self._json = _JSON.encode(self.message)
            return self._json
        if self._msgpack is None:
            self._msgpack = _MSGPACK.encode(self._content())
        return self._msgpack

    def frame(self, format_: int) -> bytes:
        """Return the whole WebSocket frame of one Format, made when first asked for."""
        return self._frames[format_] or self._made(format_)

    def _made(self, format_: int) -> bytes:
        payload = self.payload(Encoding(format_ & 1))
        compressed = format_ >= Format.JSON_DEFLATED and len(payload) >= SMALL_BYTES
        if compressed:
            payload = deflated(payload)
        made = framed(payload, binary=bool(format_ & 1), compressed=compressed)
        self._frames[format_] = made
        return made

    def _content(self) -> Any:
        if self.message is not None:
            return self.message
        assert self._json is not None, "it was given"
        return _FROM_JSON.decode(self._json)


def framed(payload: bytes, *, binary: bool, compressed: bool = False) -> bytes:
    """Return a server's frame that is a whole message (RFC 6455, 5.2)."""
    first = _FINAL | (_COMPRESSED if compressed else 0) | (_BINARY if binary else _TEXT)
    size = len(payload)
    if size < _SHORT:
        head = bytes((first, size))
    elif size < _LONG:
        head = bytes((first, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 127)) + size.to_bytes(8, "big")
    return head + payload


def to_json(frame: bytes) -> bytes:
    """Return a client's MessagePack frame as the JSON text that means the same.

    Raises:
        msgspec.MsgspecError, TypeError, ValueError, RecursionError: it means nothing in JSON.
    """
    return _JSON.encode(msgspec.msgpack.decode(frame))
