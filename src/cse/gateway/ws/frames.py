"""Messages on their way out: encoded once per encoding, however many clients get them."""

from enum import Enum
from typing import Any, Final

import msgspec

_JSON: Final = msgspec.json.Encoder()
_MSGPACK: Final = msgspec.msgpack.Encoder()
_FROM_JSON: Final = msgspec.json.Decoder()

Frame = str | bytes
"""A text frame or a binary one."""


class Encoding(Enum):
    """How a connection wants its messages."""

    JSON = "json"
    MSGPACK = "msgpack"

    __hash__ = object.__hash__  # Enum's own is Python, and every delivery looks one up


class Outgoing:
    """One message for any number of connections: a struct, or the JSON text of one from elsewhere."""

    __slots__ = ("_json", "_msgpack", "message")

    def __init__(self, message: msgspec.Struct | None, json: bytes | None = None) -> None:
        """Hold a message, its JSON, or both; nothing is encoded before somebody wants it."""
        assert message is not None or json is not None, "one of them says what to send"
        self.message: Final = message
        self._json = json
        self._msgpack: bytes | None = None

    def payload(self, encoding: Encoding) -> bytes:
        """Return the message in one encoding, made when first asked for."""
        if encoding is Encoding.JSON:
            if self._json is None:
                self._json = _JSON.encode(self.message)
            return self._json
        if self._msgpack is None:
            self._msgpack = _MSGPACK.encode(self._content())
        return self._msgpack

    def frame(self, encoding: Encoding) -> Frame:
        """Return the message as the frame of a WebSocket: text for JSON."""
        payload = self.payload(encoding)
        return payload.decode("utf-8") if encoding is Encoding.JSON else payload

    def _content(self) -> Any:
        if self.message is not None:
            return self.message
        assert self._json is not None, "it was given"
        return _FROM_JSON.decode(self._json)


def to_json(frame: bytes) -> bytes:
    """Return a client's MessagePack frame as the JSON text that means the same.

    Raises:
        msgspec.MsgspecError, TypeError, ValueError, RecursionError: it means nothing in JSON.
    """
    return _JSON.encode(msgspec.msgpack.decode(frame))
