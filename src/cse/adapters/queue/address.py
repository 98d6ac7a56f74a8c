"""Where an engine's socket is: `unix:/path` or `tcp:host:port`."""

from pathlib import Path
from typing import NamedTuple

from cse.core.errors import CseError


class UnixAddress(NamedTuple):
    """A socket file."""

    path: Path


class TcpAddress(NamedTuple):
    """A port."""

    host: str
    port: int


class BadAddress(CseError):
    """A text that names no socket."""


def parse_address(text: str) -> UnixAddress | TcpAddress:
    """Return the address that a text names.

    Raises:
        BadAddress: it is neither unix:/path nor tcp:host:port.
    """
    kind, _, rest = text.partition(":")
    host, _, port = rest.rpartition(":")
    if kind == "unix" and rest:
        return UnixAddress(Path(rest))
    if kind == "tcp" and host and port.isdigit() and int(port) <= 65_535:
        return TcpAddress(host.strip("[]"), int(port))
    raise BadAddress(f"{text!r} must be unix:/path or tcp:host:port")
