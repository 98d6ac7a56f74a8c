"""Answers that others may keep for a moment: an entity tag, a short Cache-Control, 304 for those who have it."""

from hashlib import blake2b
from typing import Final

from cse.gateway.http.operations import Call
from cse.gateway.order_entry import Answer

_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
"""As on every answer of the API; who brings one, brings the caching too (`http.heads`)."""


def cached(call: Call, body: bytes, max_age_s: int) -> Answer:
    """Return the answer with this body, or 304 when the caller has the same bytes.

    Args:
        call: whose `If-None-Match` counts.
        body: JSON.
        max_age_s: how long anybody may use it without asking.
    """
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {
        "ETag": tag,
        "Cache-Control": f"public, max-age={max_age_s}",
        "Content-Security-Policy": _POLICY,
    }
    if _has(call.context.headers.get(b"if-none-match", b""), tag):
        return Answer(304, b"", headers)
    return Answer(200, body, headers)


def _has(given: bytes, tag: str) -> bool:
    """Compare weakly (RFC 9110, 13.1.2): intermediaries that compress mark tags as weak."""
    names = [name.strip().removeprefix("W/") for name in given.decode("latin-1").split(",")]
    return tag in names or names == ["*"]
