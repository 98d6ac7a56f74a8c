"""Answers before they are sent: a status, header lines and a body; and sending them as ASGI messages."""

from collections.abc import AsyncIterator, Mapping
from typing import Final, NamedTuple

from cse.gateway.http.context import RawHeaders, RequestContext, Send
from cse.gateway.order_entry import Answer
from cse.gateway.problems import CONTENT_TYPE, ApiProblem

_NOT_MODIFIED: Final = 304
_PROBLEM: Final = (b"content-type", CONTENT_TYPE)


class Reply(NamedTuple):
    """An answer, but for the headers that all answers carry (`http.heads`)."""

    status: int
    headers: RawHeaders
    body: bytes
    rest: AsyncIterator[bytes] | None = None
    """What follows `body` while it is made."""


def raw_headers(headers: Mapping[str, str]) -> RawHeaders:
    """Return headers as ASGI wants them."""
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    ]


def answer_reply(answer: Answer, media: bytes) -> Reply:
    """Return the reply with a body of this media type."""
    lines = [(b"content-type", media), (b"content-length", b"%d" % len(answer.body))]
    if answer.status == _NOT_MODIFIED:
        lines = []  # they would be about the body that the caller has
    elif answer.rest is not None:
        del lines[1]  # nobody knows its length yet
    if answer.headers:
        lines += raw_headers(answer.headers)
    return Reply(answer.status, lines, answer.body, answer.rest)


def problem_reply(context: RequestContext, problem: ApiProblem) -> Reply:
    """Return the reply that is a problem document."""
    body = problem.render(context.request_id)
    lines = [_PROBLEM, (b"content-length", b"%d" % len(body)), *raw_headers(problem.headers)]
    return Reply(problem.status, lines, body)


async def send_reply(send: Send, reply: Reply, *, head: bool = False) -> None:
    """Send a reply (the length of its body alone when `head`)."""
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
    if reply.rest is not None and not head:
        await _send_rest(send, reply.body, reply.rest)
        return
    await send({"type": "http.response.body", "body": b"" if head else reply.body})


async def _send_rest(send: Send, first: bytes, rest: AsyncIterator[bytes]) -> None:
    """Send a body piece by piece, each when the one before was taken."""
    piece = first
    async for following in rest:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        piece = following
    await send({"type": "http.response.body", "body": piece})


async def send_problem(send: Send, context: RequestContext, problem: ApiProblem) -> None:
    """Answer with a problem document."""
    await send_reply(send, problem_reply(context, problem))
