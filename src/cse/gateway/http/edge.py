"""The outermost layer of every HTTP request: ids, limits of size, CORS, security headers, last resorts.

Pure ASGI; it costs a few microseconds and buffers nothing but the request body.
"""

import re
import time
from collections.abc import Mapping
from itertools import count
from secrets import token_hex
from typing import Final

import structlog
from fastapi import FastAPI

from cse.gateway.http.body import BodyReader, ClientGone, replay
from cse.gateway.http.context import (
    KEY,
    AsgiApp,
    Message,
    RawHeaders,
    Receive,
    RequestContext,
    Scope,
    Send,
)
from cse.gateway.http.cors import CorsPolicy
from cse.gateway.http.metrics import RequestMetrics
from cse.gateway.http.replies import send_problem
from cse.gateway.problems import ApiProblem, edge_problem

log = structlog.get_logger(__name__)

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}", re.ASCII)
_WITH_BODY: Final = frozenset({"POST", "PATCH", "PUT", "DELETE"})
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


class Edge:
    """The gateway's outermost ASGI application; WebSockets pass through untouched."""

    def __init__(
        self,
        app: FastAPI,
        *,
        shortcuts: Mapping[str, AsgiApp],
        max_body_bytes: int,
        cors: CorsPolicy,
        metrics: RequestMetrics,
    ) -> None:
        """Wrap `app`; `shortcuts` are its busiest routes, found without its middleware and route list."""
        self.app: Final = app
        self._shortcuts = dict(shortcuts)
        self._bodies = BodyReader(max_body_bytes)
        self._cors = cors
        self._metrics = metrics
        self._prefix = token_hex(5)
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        context = self._open(scope)
        finish = _Finisher(context, send)
        try:
            await self._serve(context, receive, finish)
        except ClientGone:
            context.status = 499  # as nginx writes it
        except Exception as error:  # noqa: BLE001  # the last resort: whatever it is, it is logged
            await self._failed(context, finish, error)
        self._metrics.observe(
            scope["method"], context.route, context.status, time.perf_counter() - began
        )

    def _open(self, scope: Scope) -> RequestContext:
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id")
        if given is not None and _ID.fullmatch(given):
            request_id = given.decode("ascii")
        else:
            request_id = f"{self._prefix}-{next(self._numbers):x}"
        context = scope[KEY] = RequestContext(scope, request_id, headers)
        return context

    async def _serve(self, context: RequestContext, receive: Receive, send: "_Finisher") -> None:
        scope, method = context.scope, context.scope["method"]
        origin = context.headers.get(b"origin")
        if origin is not None:
            context.answer_headers += self._cors.headers(origin)
            if method == "OPTIONS" and b"access-control-request-method" in context.headers:
                await self._preflight(origin, context, send)
                return
        if method in _WITH_BODY:
            try:
                declared = context.headers.get(b"content-length")
                context.body = await self._bodies.read(receive, declared)
            except ApiProblem as problem:
                await send_problem(send, context, problem)
                return
            receive = replay(context.body, receive)
        await self._shortcuts.get(scope["path"], self.app)(scope, receive, send)

    async def _preflight(self, origin: bytes, context: RequestContext, send: Send) -> None:
        headers = self._cors.preflight(origin)
        if headers is None:
            await send_problem(
                send, context, edge_problem("forbidden", "This origin may not call.")
            )
            return
        context.answer_headers = headers
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _failed(self, context: RequestContext, send: "_Finisher", error: Exception) -> None:
        """Log a bug of ours with its request id; tell the client nothing but that id."""
        scope = context.scope
        log.error(
            "request_failed",
            exc_info=error,
            request_id=context.request_id,
            method=scope["method"],
            route=context.route or scope["path"],
        )
        if not send.started:
            await send_problem(send, context, edge_problem("internal_error"))
        elif not send.finished:
            raise error  # half an answer is out: the server cuts the connection


class _Finisher:
    """A `send` that adds to every answer what all answers carry, and remembers its status."""

    __slots__ = ("_context", "_send", "finished", "started")

    def __init__(self, context: RequestContext, send: Send) -> None:
        self._context = context
        self._send = send
        self.started = False
        self.finished = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            context = self._context
            context.status = message["status"]
            headers = [*message["headers"], (b"x-request-id", context.request_id.encode("ascii"))]
            headers += context.answer_headers
            headers += context.limit_headers
            headers += _PAGE if _has_policy(message["headers"]) else _API
            if context.scope.get("scheme") == "https":
                headers.append(_HSTS)
            message["headers"] = headers
        elif not message.get("more_body"):
            self.finished = True
        await self._send(message)


def _has_policy(headers: RawHeaders) -> bool:
    """Tell whether an answer (a page) brings its own content security policy and caching."""
    return any(name == b"content-security-policy" for name, _ in headers)
