"""What every fold has in common: messages of a channel in, the snapshot that the exchange would send out."""

from typing import Any, Final, Protocol

import msgspec

from cse.gateway.ws.frames import Outgoing

Fields = dict[str, Any]
"""A message as JSON says it, its fields in the order in which they came."""

decode: Final = msgspec.json.Decoder(Fields).decode
encode: Final = msgspec.json.Encoder().encode


class Fold(Protocol):
    """Holds what a channel's messages amount to. They come in order and without gaps, a snapshot first."""

    def take(self, payload: bytes) -> None:
        """Take in a message."""
        ...

    def snapshot(self) -> Outgoing:
        """Return the snapshot, the same one as long as nothing was taken in."""
        ...


def as_snapshot(last: Fields, **replaced: object) -> bytes:
    """Return the last message made a snapshot: its own time and sequence, no `previous`, other contents."""
    return encode({**last, "type": "snapshot", "previous": None, **replaced})


def the_list(message: Fields) -> str:
    """Return the name of a message's only list. Raises ValueError: it has none, or several."""
    (name,) = (name for name, value in message.items() if isinstance(value, list))
    return name
