"""What every answer's head carries besides its own lines: id, cross-origin, limits, security."""

from typing import Final

from cse.gateway.http.context import RawHeaders, RequestContext

_PAGE: Final[RawHeaders] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
_API: Final[
    RawHeaders
] = [  # as few as will do: the server's code for each costs most of a microsecond
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000")


def whole_head(context: RequestContext, own: RawHeaders) -> RawHeaders:
    """Return all header lines of an answer: its own, and those that every answer has."""
    lines = [*own, (b"x-request-id", context.request_id.encode("ascii"))]
    lines += context.answer_headers
    lines += context.limit_headers
    lines += _PAGE if _has_policy(own) else _API
    if context.secure:
        lines.append(_HSTS)
    return lines


def _has_policy(headers: RawHeaders) -> bool:
    """Tell whether an answer (a page) brings its own content security policy and caching."""
    return any(name == b"content-security-policy" for name, _ in headers)
