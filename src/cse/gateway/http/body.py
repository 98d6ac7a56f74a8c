"""Reading request bodies: never more than the limit, with or without a content-length, and only once."""

import asyncio
from typing import Final

from cse.gateway.http.context import Message, Receive
from cse.gateway.problems import ApiProblem, edge_problem
from cse.gateway.requests import MAX_DEPTH, nested_too_deeply

READ_TIMEOUT_S: Final = 15.0
"""How long a body may take to arrive."""


class ClientGone(Exception):
    """The client hung up before its body was whole; nobody is left to answer."""


async def read_body(receive: Receive, declared: bytes | None, limit: int) -> bytes:
    """Return the whole body.

    Raises:
        ApiProblem: 400 nested too deeply, 408 too slow, 413 too large (as soon as that is known).
        ClientGone: the connection ended first.
    """
    if declared is not None and (not declared.isdigit() or int(declared[:20]) > limit):
        raise _too_large(limit)
    message = await receive() if declared == b"0" else await _within(receive)
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        body = await _rest(receive, body, limit)
    elif message["type"] == "http.disconnect":
        raise ClientGone
    if len(body) > limit:
        raise _too_large(limit)
    if nested_too_deeply(body):
        raise edge_problem("invalid_json", f"The body nests deeper than {MAX_DEPTH} levels.")
    return body


async def _within(receive: Receive) -> Message:
    try:
        async with asyncio.timeout(READ_TIMEOUT_S):
            return await receive()
    except TimeoutError as error:
        raise edge_problem("request_timeout") from error


async def _rest(receive: Receive, first: bytes, limit: int) -> bytes:
    pieces, size, more = [first], len(first), True
    try:
        async with asyncio.timeout(READ_TIMEOUT_S):
            while more:
                if size > limit:
                    raise _too_large(limit)
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                pieces.append(message.get("body", b""))
                size += len(pieces[-1])
                more = message.get("more_body", False)
    except TimeoutError as error:
        raise edge_problem("request_timeout") from error
    return b"".join(pieces)


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
