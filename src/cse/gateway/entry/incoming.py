"""Puts session messages together from the bytes of a stream."""

from typing import Final, NamedTuple

from cse.gateway.entry.tools import LARGEST_COMMAND
from cse.messages.codec import HEADER, HEADER_SIZE, LAYOUTS
from cse.messages.registry import CODEC_VERSION, TYPE_NUMBERS
from cse.messages.session import (
    Heartbeat,
    Login,
    Logout,
    Resend,
    SessionError,
    SessionMessage,
    Submit,
)

_TAKEN: Final = {
    TYPE_NUMBERS[cls]: (HEADER_SIZE + LAYOUTS[TYPE_NUMBERS[cls]].body.size)
    for cls in (Login, Heartbeat, Submit, Resend, Logout)
}
_SUBMIT: Final = TYPE_NUMBERS[Submit]


class StreamBroken(Exception):
    """What comes in is no conversation of this protocol; nothing after it can be made out."""

    def __init__(self, code: SessionError, words: str) -> None:
        """Take what the client is told."""
        super().__init__(words)
        self.code = code
        self.words = words


class Received(NamedTuple):
    """One message that is whole."""

    message: SessionMessage
    sequence: int
    frame: bytes
    """The message's own frame."""
    payload: bytes
    """The command frames of a Submit, not looked at yet."""


class Incoming:
    """The bytes of one connection that are not taken yet."""

    def __init__(self, max_commands: int) -> None:
        """Refuse a Submit that more bytes follow than so many commands can have."""
        self._largest = max_commands * LARGEST_COMMAND
        self._data = bytearray()

    def __len__(self) -> int:
        return len(self._data)

    def feed(self, data: bytes) -> None:
        """Take what came in."""
        self._data += data

    def next(self) -> Received | None:
        """Return the next message, None while it is not whole.

        Raises:
            StreamBroken: this will never be a message.
        """
        data = self._data
        if len(data) < HEADER_SIZE:
            return None
        length, version, number, index, sequence, _ = HEADER.unpack_from(data)
        if version != CODEC_VERSION:
            raise StreamBroken(SessionError.MALFORMED_FRAME, f"codec version {version}, not 1")
        if number not in _TAKEN:
            raise StreamBroken(
                SessionError.UNEXPECTED_MESSAGE, f"message type {number} from a client"
            )
        if length != _TAKEN[number] or index:
            raise StreamBroken(
                SessionError.MALFORMED_FRAME, f"length {length} for message type {number}"
            )
        if len(data) < length:
            return None
        layout = LAYOUTS[number]
        try:
            message = layout.decode(layout.body.unpack_from(data, HEADER_SIZE))
        except (KeyError, ValueError) as error:
            raise StreamBroken(
                SessionError.MALFORMED_FRAME, f"a foreign value in message type {number}"
            ) from error
        end = length
        if number == _SUBMIT:
            end += message.size
            if message.size > self._largest:
                raise StreamBroken(
                    SessionError.FRAME_TOO_LARGE, f"at most {self._largest} bytes may follow"
                )
            if len(data) < end:
                return None
        frame, payload = bytes(data[:length]), bytes(data[length:end])
        del data[:end]
        return Received(message, sequence, frame, payload)
