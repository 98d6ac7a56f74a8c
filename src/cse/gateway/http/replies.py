"""Writing answers as ASGI messages: JSON bytes and problem documents."""

from collections.abc import Mapping
from typing import Final

from cse.gateway.http.context import RawHeaders, RequestContext, Send
from cse.gateway.order_entry import Answer
from cse.gateway.problems import CONTENT_TYPE, ApiProblem

_PROBLEM: Final = (b"content-type", CONTENT_TYPE)


def raw_headers(headers: Mapping[str, str]) -> RawHeaders:
    """Return headers as ASGI wants them."""
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    ]


async def send_answer(send: Send, answer: Answer, media: bytes, *, head: bool = False) -> None:
    """Answer with a body of this media type (with its length alone when `head`)."""
    lines = [(b"content-type", media), (b"content-length", b"%d" % len(answer.body))]
    if answer.headers:
        lines += raw_headers(answer.headers)
    await send({"type": "http.response.start", "status": answer.status, "headers": lines})
    await send({"type": "http.response.body", "body": b"" if head else answer.body})


async def send_problem(
    send: Send, context: RequestContext, problem: ApiProblem, *, head: bool = False
) -> None:
    """Answer with a problem document."""
    body = problem.render(context.request_id)
    lines = [_PROBLEM, (b"content-length", b"%d" % len(body)), *raw_headers(problem.headers)]
    await send({"type": "http.response.start", "status": problem.status, "headers": lines})
    await send({"type": "http.response.body", "body": b"" if head else body})
