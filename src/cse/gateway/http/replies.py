"""Writing answers as ASGI messages: JSON bytes and problem documents."""

from collections.abc import Mapping
from typing import Final

from cse.gateway.http.context import RawHeaders, RequestContext, Send
from cse.gateway.problems import CONTENT_TYPE, ApiProblem

_JSON: Final = (b"content-type", b"application/json")
_PROBLEM: Final = (b"content-type", CONTENT_TYPE)


def raw_headers(headers: Mapping[str, str]) -> RawHeaders:
    """Return headers as ASGI wants them."""
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    ]


async def send_json(
    send: Send, status: int, body: bytes, headers: Mapping[str, str], *, head: bool = False
) -> None:
    """Answer with a JSON body (with its length alone when `head`)."""
    lines = [_JSON, (b"content-length", b"%d" % len(body))]
    if headers:
        lines += raw_headers(headers)
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": b"" if head else body})


async def send_problem(
    send: Send, context: RequestContext, problem: ApiProblem, *, head: bool = False
) -> None:
    """Answer with a problem document."""
    body = problem.render(context.request_id)
    lines = [_PROBLEM, (b"content-length", b"%d" % len(body)), *raw_headers(problem.headers)]
    await send({"type": "http.response.start", "status": problem.status, "headers": lines})
    await send({"type": "http.response.body", "body": b"" if head else body})
