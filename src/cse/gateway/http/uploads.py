"""Calls that take a file as it is, larger than JSON may be: its bytes are read when the caller was let in, not before.

A call is one of these when its `Operation` has `max_body_bytes`. Memory is bounded: one upload at a time for each
person, whichever of their accounts it names, and TOGETHER for everybody.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from starlette.routing import compile_path

from cse.gateway.http.body import BodyReader
from cse.gateway.http.context import Receive, RequestContext
from cse.gateway.problems import ApiProblem, edge_problem

TOGETHER: Final = 16
"""Uploads that are read or worked on at a time, whoever sends them."""
TIMEOUT_S: Final = 60.0
"""How long a file may take to arrive (at most twice that, as `BodyReader` looks in rounds)."""


class Taking(Protocol):
    """What is asked of an operation here."""

    @property
    def method(self) -> str:
        """The method that it serves."""
        ...

    @property
    def path(self) -> str:
        """The template of its path."""
        ...

    @property
    def max_body_bytes(self) -> int:
        """The largest file; 0: it takes none."""
        ...


class UploadPaths:
    """Tells the edge whose bodies it leaves unread."""

    def __init__(self, operations: Iterable[Taking]) -> None:
        """Know those of the operations that take files."""
        taking = [each for each in operations if each.max_body_bytes]
        self._starts = tuple({each.path.partition("{")[0] for each in taking})
        self._paths: list[tuple[str, re.Pattern[str]]] = [
            (each.method, compile_path(each.path)[0]) for each in taking
        ]

    def has(self, method: str, path: str) -> bool:
        """Return whether a request is one of these; all others pay for one look at the path's beginning."""
        return path.startswith(self._starts) and any(
            method == wanted and pattern.match(path) for wanted, pattern in self._paths
        )


class Uploads:
    """Reads files within limits of size, patience and number."""

    def __init__(self) -> None:
        """Begin with none under way."""
        self._under_way: set[int] = set()
        self._readers: dict[int, BodyReader] = {}

    @contextmanager
    def place(self, owner_id: int) -> Iterator[None]:
        """Hold a person's place while their file is read and worked on.

        Raises:
            ApiProblem: 429, this person has one under way, or there are too many.
        """
        if owner_id in self._under_way or len(self._under_way) >= TOGETHER:
            raise ApiProblem(
                429,
                "rate_limited",
                "An upload is under way; send one file after the other.",
                retryable=True,
                headers={"Retry-After": "1"},
            )
        self._under_way.add(owner_id)
        try:
            yield
        finally:
            self._under_way.discard(owner_id)

    async def read(self, context: RequestContext, receive: Receive, max_bytes: int) -> None:
        """Read a file into the context's body.

        Raises:
            ApiProblem: 408 too slow, 413 larger than `max_bytes`.
            ClientGone: the connection ended first.
        """
        reader = self._readers.get(max_bytes)
        if reader is None:
            reader = self._readers[max_bytes] = BodyReader(max_bytes, TIMEOUT_S, is_json=False)
        context.body = await reader.read(receive, context.headers.get(b"content-length"))


def require_media(content_type: bytes | None, taken: Iterable[str]) -> None:
    """Refuse what does not say that it is one of these media types.

    Raises:
        ApiProblem: 415.
    """
    media = (content_type or b"").partition(b";")[0].strip().lower().decode("latin-1")
    if media not in taken:
        raise edge_problem(
            "unsupported_media_type", f"This call takes a file as one of {', '.join(taken)}."
        )
