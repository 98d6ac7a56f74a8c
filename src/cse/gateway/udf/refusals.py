"""Refusals that UDF clients read as well: problem documents that also say `s: error` and `errmsg`.

The adapter looks at the body alone, whatever the status; RFC 9457 (3.2) lets a document have more members.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeVar

import msgspec

from cse.gateway.http.operations import Call, Handler
from cse.gateway.order_entry import Answer
from cse.gateway.problems import TOLD, ApiProblem, from_error

T = TypeVar("T")


class UdfProblem(ApiProblem):
    """A refusal of a UDF call."""

    @classmethod
    def of(cls, problem: ApiProblem) -> "UdfProblem":
        """Return the same refusal as UDF clients understand it."""
        return cls(
            problem.status,
            problem.code,
            problem.detail,
            fields=problem.fields,
            retryable=problem.retryable,
            headers=problem.headers,
        )

    def render(self, request_id: str) -> bytes:
        """Return the problem document with UDF's members before its own."""
        document = msgspec.to_builtins(self.document(request_id))
        return msgspec.json.encode({"s": "error", "errmsg": self.detail, **document})


def udf_handler(handler: Callable[[Call], Awaitable[Answer]]) -> Handler:
    """Return the handler with its refusals told as UDF tells them."""

    @wraps(handler)
    async def told(call: Call) -> Answer:
        try:
            return await handler(call)
        except TOLD as error:
            raise UdfProblem.of(from_error(error)) from error

    return told
