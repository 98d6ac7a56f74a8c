"""Heads of the busiest calls, read once: a client that sends the same head again is not read anew.

Programs do: between one order and the next of a connection nothing of the head changes but the length of
the body, and that between few values.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from cse.gateway.http.context import NO_PARAMETERS, RawHeaders
from cse.gateway.http.operations import Operation, PathEndpoint

MAX_KNOWN: Final = 1_024
MAX_KNOWN_BYTES: Final = 2_048
MAX_KNOWN_LINES: Final = 32
"""Of one head. The three bound the memory to a few megabytes, however many connections there are."""
_ORDER: Final = b"/api/orders/"
_ID_DIGITS: Final = 16
"""No id has more; what has goes the ordinary way to its 404."""


class Found(NamedTuple):
    """A call that can be served past ASGI."""

    path: str
    """The template, for metrics."""
    operation: Operation
    path_params: Mapping[str, str] = NO_PARAMETERS


class Head(NamedTuple):
    """The head of a request for one of these calls, with nothing unusual about it."""

    found: Found
    headers: dict[bytes, bytes]
    """By lower-case name; the last one of a name counts."""
    length: int
    """Of the body, in bytes."""


class DirectTable:
    """Finds calls by method and URL."""

    def __init__(self, endpoints: Iterable[PathEndpoint]) -> None:
        """Take those operations of the endpoints that have a first half."""
        self._exact: dict[tuple[bytes, bytes], Found] = {}
        self._by_order: dict[bytes, Found] = {}
        for endpoint in endpoints:
            self._add(endpoint)

    def _add(self, endpoint: PathEndpoint) -> None:
        for method, operation in endpoint.operations.items():
            if operation.prepare is None:
                continue
            found, verb = Found(endpoint.path, operation), method.encode("ascii")
            if "{" not in endpoint.path:
                self._exact[verb, endpoint.path.encode("ascii")] = found
            else:
                assert endpoint.path == "/api/orders/{order_id}", "the only template served here"
                self._by_order[verb] = found

    def find(self, method: bytes, url: bytes) -> Found | None:
        """Return the call of this method and URL; None: not one of these."""
        found = self._exact.get((method, url))
        if found is None and url.startswith(_ORDER):
            digits = url[len(_ORDER) :]
            if digits.isdigit() and len(digits) <= _ID_DIGITS and method in self._by_order:
                order_id = {"order_id": digits.decode("ascii")}
                return self._by_order[method]._replace(path_params=order_id)
        return found


class KnownHeads(dict[bytes, Head]):
    """Heads by the bytes that they came as; the longest known ones are forgotten first."""

    def remember(self, raw: bytes, head: Head) -> None:
        """Know a head from now on, if it is one that may come again."""
        if len(raw) > MAX_KNOWN_BYTES or len(head.headers) > MAX_KNOWN_LINES:
            return
        if head.found.path_params or b"x-request-id" in head.headers:
            return
        if len(self) >= MAX_KNOWN:
            del self[next(iter(self))]
        self[raw] = head


def head_of(found: Found, headers: RawHeaders, max_body_bytes: int) -> Head | None:
    """Return the head of a call; None: something about it is unusual."""
    by_name = dict(headers)
    if not _UNUSUAL.isdisjoint(by_name):
        return None
    length = int(by_name.get(b"content-length", b"0"))
    return Head(found, by_name, length) if length <= max_body_bytes else None


_UNUSUAL: Final = frozenset({b"expect", b"transfer-encoding", b"upgrade", b"x-cse-key"})
"""What asks for more than an answer to what came; the key of a signed request may have to be looked up."""
