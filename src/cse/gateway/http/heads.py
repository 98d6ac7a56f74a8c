"""What every answer's head carries besides its own lines: id, cross-origin, limits, security.

In two forms: pairs, as ASGI servers want them, and rendered lines for answers that are sent past ASGI.
`tests/integration/test_http_direct.py` holds both to each other.
"""

from collections.abc import Iterable
from typing import Final

from cse.gateway.http.context import RawHeaders, RequestContext
from cse.gateway.limits import Verdict

_PAGE: Final[RawHeaders] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
_NO_STORE: Final = (b"cache-control", b"no-store")
_KEEPABLE: Final[
    RawHeaders
] = [  # as few as will do: the server's code for each costs most of a microsecond
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
_API: Final[RawHeaders] = [_NO_STORE, *_KEEPABLE]
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000")


def whole_head(context: RequestContext, own: RawHeaders) -> RawHeaders:
    """Return all header lines of an answer: its own, and those that every answer has."""
    lines = [*own, (b"x-request-id", context.request_id.encode("ascii"))]
    lines += context.answer_headers
    if context.verdict is not None:
        lines += limit_headers(context.verdict)
    lines += _common(own)
    if context.secure:
        lines.append(_HSTS)
    return lines


def limit_headers(verdict: Verdict) -> RawHeaders:
    """Return what a caller is told of a bucket, as `Verdict.headers` says it."""
    return [
        (b"ratelimit-limit", b"%d" % verdict.limit),
        (b"ratelimit-remaining", b"%d" % verdict.remaining),
        (b"ratelimit-reset", b"%d" % -(-verdict.reset_ms // 1000)),
    ]


def _common(own: RawHeaders) -> RawHeaders:
    """Return what pages get (they bring their policy and their caching), what answers that may be kept do, or else."""
    names = [name.lower() for name, _ in own]
    if b"content-security-policy" in names:
        return _PAGE
    return _KEEPABLE if b"cache-control" in names else _API


def rendered(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return header lines as they are sent."""
    return b"".join([b"%b: %b\r\n" % line for line in headers])


_API_LINES: Final = rendered(_API)
_API_LINES_SECURE: Final = rendered([*_API, _HSTS])


def whole_api_head(context: RequestContext, own: bytes) -> bytes:
    """Return what `whole_head` says for calls of the API, rendered; so are the answer's `own` lines."""
    verdict = context.verdict
    return b"%bx-request-id: %b\r\n%b%b%b" % (
        own,
        context.request_id.encode("ascii"),
        rendered(context.answer_headers) if context.answer_headers else b"",
        b""
        if verdict is None
        else b"ratelimit-limit: %d\r\nratelimit-remaining: %d\r\nratelimit-reset: %d\r\n"
        % (verdict.limit, verdict.remaining, -(-verdict.reset_ms // 1000)),
        _API_LINES_SECURE if context.secure else _API_LINES,
    )
