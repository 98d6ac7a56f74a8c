"""What a client of a log-in says of itself, fit to be stored and shown to the person it claims to be."""

from typing import Final, NamedTuple

MAX_USER_AGENT: Final = 256
"""Characters; browsers send about 120."""


class Device(NamedTuple):
    """Where a log-in comes from, and with what. Nothing here is proof of anything."""

    address: str = ""
    """Client address; empty: a Unix socket, or not known."""
    user_agent: str = ""
    """As `printable` returns it."""


NO_DEVICE: Final = Device()


def printable(raw: bytes | None) -> str:
    """Return a User-Agent header as text: UTF-8 or Latin-1, at most 256 characters, all of them printable.

    Everything else (control characters, line breaks, characters that turn the direction of writing) becomes
    a space, so that no header can break a line of a log or rearrange a page.
    """
    if not raw:
        return ""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    shown = text[:MAX_USER_AGENT]
    return "".join(each if each.isprintable() else " " for each in shown).strip()
