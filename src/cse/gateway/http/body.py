"""Reading request bodies: never more than the limit, with or without a content-length, and only once."""

import asyncio
from typing import Any, Final

from cse.gateway.http.context import Message, Receive
from cse.gateway.problems import ApiProblem, edge_problem
from cse.gateway.requests import MAX_DEPTH, nested_too_deeply

READ_TIMEOUT_S: Final = 15.0
"""How long a body may take to arrive (at most twice that, as waits are looked at in rounds)."""


class ClientGone(Exception):
    """The client hung up before its body was whole; nobody is left to answer."""


class BodyReader:
    """Reads bodies within limits of size, depth and patience. One timer serves everybody who waits:
    `asyncio.timeout` would cost each request as much as reading its order does.
    """

    def __init__(
        self, limit: int, timeout_s: float = READ_TIMEOUT_S, *, is_json: bool = True
    ) -> None:
        """Take bodies of at most `limit` bytes; those that are no JSON (`http.uploads`) have no depth."""
        self._limit = limit
        self._is_json = is_json
        self._timeout_s = timeout_s
        self._waiting: dict[asyncio.Task[Any], int] = {}
        self._expired: set[asyncio.Task[Any]] = set()
        self._round = 0
        self._timer: asyncio.TimerHandle | None = None

    async def read(self, receive: Receive, declared: bytes | None) -> bytes:
        """Return the whole body; `declared` is the Content-Length, if there is one.

        Raises:
            ApiProblem: 400 nested too deeply, 408 too slow, 413 too large (as soon as that is known).
            ClientGone: the connection ended first.
        """
        limit = self._limit
        if declared is not None and (not declared.isdigit() or int(declared[:20]) > limit):
            raise _too_large(limit)
        began = self._round
        message = await self._next(receive, began)
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            body = await self._rest(receive, body, began)
        if len(body) > limit:
            raise _too_large(limit)
        if self._is_json:
            check_depth(body)
        return body

    async def _rest(self, receive: Receive, first: bytes, began: int) -> bytes:
        pieces, size, more = [first], len(first), True
        while more:
            if size > self._limit:
                raise _too_large(self._limit)
            message = await self._next(receive, began)
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
            more = message.get("more_body", False)
        return b"".join(pieces)

    async def _next(self, receive: Receive, began: int) -> Message:
        task = asyncio.current_task()
        assert task is not None, "requests are served in tasks"
        self._waiting[task] = began  # of the whole body: a piece now and then is no way to stay
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._timeout_s, self._look)
        try:
            message = await receive()
        except asyncio.CancelledError:
            if task not in self._expired:
                raise
            task.uncancel()
            raise edge_problem("request_timeout") from None
        finally:
            del self._waiting[task]
            self._expired.discard(task)
        if message["type"] == "http.disconnect":
            raise ClientGone
        return message

    def _look(self) -> None:
        """End the waits for bodies that began a round ago already; come again while anybody waits."""
        for task, since in list(self._waiting.items()):
            if since < self._round:
                self._expired.add(task)
                task.cancel()
        self._round += 1
        self._timer = None
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(self._timeout_s, self._look)


def check_depth(body: bytes) -> None:
    """Refuse a body that nests too deeply for whoever will parse it; raises ApiProblem."""
    if nested_too_deeply(body):
        raise edge_problem("invalid_json", f"The body nests deeper than {MAX_DEPTH} levels.")


def _too_large(limit: int) -> ApiProblem:
    problem = edge_problem("body_too_large", f"The body may have at most {limit} bytes.")
    problem.headers["Connection"] = "close"  # what is still coming is not read
    return problem


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body that was read, then whatever comes after it."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
