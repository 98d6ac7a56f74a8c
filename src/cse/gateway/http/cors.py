"""Which web pages of other origins may call the API: those that are listed, and nobody else's."""

from collections.abc import Iterable
from typing import Final

from cse.gateway.http.context import RawHeaders

_METHODS: Final = b"GET, POST, PATCH, DELETE, HEAD, OPTIONS"
_HEADERS: Final = (
    b"authorization, content-type, idempotency-key, if-none-match, x-request-id, x-cse-account,"
    b" x-cse-key, x-cse-timestamp, x-cse-recv-window, x-cse-signature"
)
_EXPOSED: Final = b", ".join(
    [
        b"x-request-id",
        b"etag",
        b"retry-after",
        b"idempotent-replayed",
        b"ratelimit-limit",
        b"ratelimit-remaining",
        b"ratelimit-reset",
    ]
)
_VARY: Final = (b"vary", b"origin")


class CorsPolicy:
    """Answers for a list of origins; "*" means any (development only). No cookies are used, so no credentials."""

    def __init__(self, origins: Iterable[str]) -> None:
        """Allow these origins (scheme://host[:port])."""
        self._origins = frozenset(origin.encode("ascii") for origin in origins)
        self._any = b"*" in self._origins

    def headers(self, origin: bytes) -> RawHeaders:
        """Return what an answer to a page of this origin carries."""
        if not self._any and origin not in self._origins:
            return [_VARY]
        return [
            _VARY,
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", _EXPOSED),
        ]

    def preflight(self, origin: bytes) -> RawHeaders | None:
        """Return the headers of a preflight answer; None when the origin may not call."""
        if not self._any and origin not in self._origins:
            return None
        return [
            _VARY,
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _HEADERS),
            (b"access-control-max-age", b"600"),
        ]
