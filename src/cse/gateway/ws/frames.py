"""Messages on their way out: encoded once per encoding, however many clients get them."""

from enum import Enum
from typing import Final

import msgspec

_JSON: Final = msgspec.json.Encoder()
_MSGPACK: Final = msgspec.msgpack.Encoder()

Frame = str | bytes
"""A text frame or a binary one."""


class Encoding(Enum):
    """How a connection wants its messages."""

    JSON = "json"
    MSGPACK = "msgpack"


class Outgoing:
    """One message for any number of connections."""

    __slots__ = ("_json", "_msgpack", "message")

    def __init__(self, message: msgspec.Struct) -> None:
        """Hold a message; nothing is encoded before somebody wants it."""
        self.message: Final = message
        self._json: str | None = None
        self._msgpack: bytes | None = None

    def frame(self, encoding: Encoding) -> Frame:
        """Return the message in one encoding, made when first asked for."""
        if encoding is Encoding.JSON:
            if self._json is None:
                self._json = _JSON.encode(self.message).decode("utf-8")
            return self._json
        if self._msgpack is None:
            self._msgpack = _MSGPACK.encode(self.message)
        return self._msgpack


def to_json(frame: bytes) -> bytes:
    """Return a client's MessagePack frame as the JSON text that means the same.

    Raises:
        msgspec.MsgspecError, TypeError, ValueError, RecursionError: it means nothing in JSON.
    """
    return _JSON.encode(msgspec.msgpack.decode(frame))
