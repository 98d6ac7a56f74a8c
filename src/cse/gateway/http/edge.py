"""The outermost layer of every HTTP request: ids, limits of size, CORS, security headers, last resorts.

Pure ASGI; it costs a few microseconds and buffers nothing but the request body.
"""

import time
from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI

from cse.gateway.http.body import BodyReader, ClientGone, replay
from cse.gateway.http.context import (
    KEY,
    AsgiApp,
    Message,
    Receive,
    RequestContext,
    Scope,
    Send,
)
from cse.gateway.http.cors import CorsPolicy
from cse.gateway.http.direct import DirectCalls
from cse.gateway.http.faults import log_fault
from cse.gateway.http.heads import whole_head
from cse.gateway.http.ids import RequestIds
from cse.gateway.http.metrics import RequestMetrics
from cse.gateway.http.replies import send_problem
from cse.gateway.http.uploads import UploadPaths
from cse.gateway.problems import ApiProblem, edge_problem
from cse.gateway.ws.server import WebSocketServer

_WITH_BODY: Final = frozenset({"POST", "PATCH", "PUT", "DELETE"})


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
        ids: RequestIds | None = None,
        direct_calls: DirectCalls | None = None,
    ) -> None:
        """Wrap `app`; `shortcuts` are its busiest routes, found without its middleware and route list.

        `direct_calls` are what a server that knows them may serve past this application altogether.
        """
        self.app: Final = app
        self.websockets: WebSocketServer | None = None
        """What our server hands WebSocket connections over to."""
        self.uploads = UploadPaths(())
        """The calls whose bodies are read further in."""
        self.direct_calls: Final = direct_calls
        self._shortcuts = dict(shortcuts)
        self._bodies = BodyReader(max_body_bytes)
        self._cors = cors
        self._metrics = metrics
        self._ids = ids or RequestIds()

    def add_shortcuts(self, paths: Mapping[str, AsgiApp]) -> None:
        """Serve these paths past middleware and route list, too."""
        self._shortcuts.update(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        context = self._open(scope)
        finish = _Finisher(context, send)
        try:
            await self._serve(scope, context, receive, finish)
        except ClientGone:
            context.status = 499  # as nginx writes it
        except Exception as error:  # noqa: BLE001  # the last resort: whatever it is, it is logged
            await self._failed(context, finish, error)
        self._metrics.observe(
            context.method, context.route, context.status, time.perf_counter() - began
        )

    def _open(self, scope: Scope) -> RequestContext:
        headers, client = dict(scope["headers"]), scope.get("client")
        context = scope[KEY] = RequestContext(
            scope["method"],
            scope["path"],
            self._ids.of(headers),
            headers,
            client[0] if client else None,
            secure=scope.get("scheme") == "https",
        )
        context.query_string = query = scope["query_string"]
        if b"x-cse-key" in headers:
            raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
            context.target = raw_path + (b"?" + query if query else b"")
        return context

    async def _serve(
        self, scope: Scope, context: RequestContext, receive: Receive, send: "_Finisher"
    ) -> None:
        method = context.method
        origin = context.headers.get(b"origin")
        if origin is not None:
            context.answer_headers += self._cors.headers(origin)
            if method == "OPTIONS" and b"access-control-request-method" in context.headers:
                await self._preflight(origin, context, send)
                return
        if method in _WITH_BODY and not self.uploads.has(method, context.path):
            try:
                declared = context.headers.get(b"content-length")
                context.body = await self._bodies.read(receive, declared)
            except ApiProblem as problem:
                await send_problem(send, context, problem)
                return
            receive = replay(context.body, receive)
        await self._shortcuts.get(context.path, self.app)(scope, receive, send)

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
        log_fault(context, error)
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
            self._context.status = message["status"]
            message["headers"] = whole_head(self._context, message["headers"])
        elif not message.get("more_body"):
            self.finished = True
        await self._send(message)
