"""A handshake: what a client asks for with its first request, and whether it may have that (RFC 6455, 4.2)."""

import base64
import binascii
from collections.abc import Collection, Mapping
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from cse.gateway.problems import ApiProblem, edge_problem
from cse.gateway.requests import query
from cse.gateway.ws.deflate import ANSWER, is_offered
from cse.gateway.ws.frames import Encoding, Format

VERSION: Final = b"13"
_KEY_BYTES: Final = 16
_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class Handshake(NamedTuple):
    """The first request of a connection."""

    query_string: bytes
    headers: Mapping[bytes, bytes]
    """By lower-case name."""
    peer: str | None
    """The socket's other end; None on a Unix socket."""

    def header(self, name: bytes) -> str | None:
        """Return a header as text."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def key(self) -> bytes:
        """The client's key; raises ApiProblem: there is none that is good, or the version is another."""
        if self.headers.get(b"sec-websocket-version") != VERSION:
            raise ApiProblem(
                426,
                "invalid_request",
                "This server speaks version 13 of the WebSocket protocol.",
                headers={"Sec-WebSocket-Version": VERSION.decode("ascii")},
            )
        key = self.headers.get(b"sec-websocket-key", b"")
        try:
            good = len(base64.b64decode(key, validate=True)) == _KEY_BYTES
        except binascii.Error:
            good = False
        if not good:
            raise edge_problem("invalid_request", "Sec-WebSocket-Key must be 16 bytes in base64.")
        return key


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client chooses in the query string."""

    encoding: Literal["json", "msgpack"] = "json"
    cancel_on_disconnect: Literal["true", "false"] = "false"


class Asked(NamedTuple):
    """What a client may have."""

    format: Format
    cancel_on_disconnect: bool
    extensions: str
    """The answer to Sec-WebSocket-Extensions; empty: none."""


def read_options(handshake: Handshake, *, compression: bool) -> Asked:
    """Return what a client asks for; `compression` says whether we compress at all.

    Raises:
        ApiProblem: 400, it asks for what is not there.
    """
    options: Options = query(Options, handshake.query_string)
    offered = handshake.header(b"sec-websocket-extensions")
    compressed = compression and offered is not None and is_offered(offered)
    encoding = Encoding.JSON if options.encoding == "json" else Encoding.MSGPACK
    return Asked(
        Format.of(encoding, compressed=compressed),
        options.cancel_on_disconnect == "true",
        ANSWER if compressed else "",
    )


def refuse_foreign_page(handshake: Handshake, origins: Collection[str]) -> None:
    """Return if the client is no browser, or its page may connect.

    Raises:
        ApiProblem: 403.
    """
    origin = handshake.header(b"origin")
    if origin is not None and not is_allowed(origin, handshake.header(b"host") or "", origins):
        raise edge_problem("forbidden", "Pages of this origin may not connect.")


def is_allowed(origin: str, host: str, allowed: Collection[str]) -> bool:
    """Tell whether a page of `origin` may connect to `host`: its own origin, or one of those allowed."""
    if "*" in allowed or origin in allowed:
        return True
    try:
        page, own = urlsplit(origin), urlsplit(f"//{host}")
        default = _DEFAULT_PORTS.get(page.scheme)
        page_port, own_port = page.port or default, own.port or default
    except ValueError:
        return False
    return (
        default is not None
        and page.hostname is not None
        and (page.hostname, page_port) == (own.hostname, own_port)
    )
