"""Compression of WebSocket messages, each for itself (permessage-deflate without context, RFC 7692).

Without context takeover a message is compressed once and sent to everybody who wants it so; with it every
connection would need a compressor (up to 300 kB each) and all messages compressed anew.
"""

import zlib
from typing import Final

from cse.core.errors import CseError

EXTENSION: Final = "permessage-deflate"
ANSWER: Final = f"{EXTENSION}; server_no_context_takeover; client_no_context_takeover"
"""What a handshake that offers it is answered."""

_WINDOW_BITS: Final = 15
_RAW: Final = -_WINDOW_BITS
_LEVEL: Final = 1
"""Book messages shrink to a third at the lowest level already; the highest saves little and costs thrice."""
_TAIL: Final = b"\x00\x00\xff\xff"
"""Ends every flush and is left out on the wire (RFC 7692, 7.2.1)."""
_KNOWN: Final = frozenset(
    {
        "server_no_context_takeover",
        "client_no_context_takeover",
        "client_max_window_bits",
        "server_max_window_bits",
    }
)


class BadCompression(CseError):
    """A client's message cannot be decompressed."""


class TooBig(CseError):
    """A client's message is too big once decompressed."""


def is_offered(header: str) -> bool:
    """Tell whether a Sec-WebSocket-Extensions header holds an offer that we can take as it is.

    One that asks for a smaller window of ours is passed over: a message is compressed once for all.
    """
    return any(_suits(offer) for offer in header.split(","))


def _suits(offer: str) -> bool:
    name, *parameters = (part.strip() for part in offer.split(";"))
    if name.lower() != EXTENSION:
        return False
    seen = set()
    for parameter in parameters:
        key, _, value = (part.strip() for part in parameter.partition("="))
        if key not in _KNOWN or key in seen:
            return False
        if key == "server_max_window_bits" and value.strip('"') != str(_WINDOW_BITS):
            return False
        seen.add(key)
    return True


def deflated(payload: bytes) -> bytes:
    """Return a message compressed for itself."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    whole = compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)
    return whole.removesuffix(_TAIL)


def inflated(payload: bytes, max_bytes: int) -> bytes:
    """Return what a client compressed.

    Raises:
        BadCompression: it is not compressed data.
        TooBig: there is more than `max_bytes` of it; no more than that is decompressed.
    """
    try:
        message = zlib.decompressobj(_RAW).decompress(payload + _TAIL, max_bytes + 1)
    except zlib.error as error:
        raise BadCompression(f"The message is not compressed as it says: {error}.") from error
    if len(message) > max_bytes:
        raise TooBig(f"A message has at most {max_bytes} bytes.")
    return message
