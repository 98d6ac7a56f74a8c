"""The endpoint `/ws`: who may connect, and the life of a connection from handshake to close."""

import asyncio
import secrets
import time
from collections.abc import Collection, Iterable
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
import structlog
from prometheus_client import Gauge
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from cse.gateway.batch import BatchEntry
from cse.gateway.deps import GatewayDeps
from cse.gateway.limits import RouteClass
from cse.gateway.problems import CONTENT_TYPE, ApiProblem, edge_problem
from cse.gateway.requests import query
from cse.gateway.ws.connection import Closing, Connection, Identity
from cse.gateway.ws.frames import Encoding
from cse.gateway.ws.options import CLOSE_ERROR, CLOSE_SHUTDOWN
from cse.gateway.ws.order_ops import OrderOps
from cse.gateway.ws.session import Session, SessionParts
from cse.gateway.ws.session_orders import SessionOrders
from cse.gateway.ws.streams import Streams

log = structlog.get_logger(__name__)

PATH: Final = "/ws"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class _Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    encoding: Literal["json", "msgpack"] = "json"
    cancel_on_disconnect: Literal["true", "false"] = "false"


class WebSocketServer:
    """All WebSocket connections of a gateway."""

    def __init__(self, deps: GatewayDeps, streams: Streams) -> None:
        """`streams` is fed by whoever feeds the views of `deps` (`Follower`)."""
        self._deps: Final = deps
        self._streams: Final = streams
        batch = BatchEntry(deps.queue, deps.catalog, deps.lookup, deps.order_entry)
        self._parts: Final = SessionParts(
            deps.authenticator,
            OrderOps(deps.order_entry, batch, deps.limiter),
            deps.clock,
            streams.options,
            time.monotonic_ns,
        )
        self._connections: Final[set[Connection]] = set()
        self._origins: Final = {*streams.options.allowed_origins, *deps.options.cors_origins}
        self._stopping = False
        Gauge(
            "cse_websocket_connections", "Open WebSocket connections", registry=deps.registry
        ).set_function(lambda: len(self._connections))

    def __len__(self) -> int:
        return len(self._connections)

    def routes(self) -> list[BaseRoute]:
        """Return the routes to mount: the socket itself and its description."""
        from cse.gateway.ws.asyncapi import document  # noqa: PLC0415  # made once, when asked for

        body = msgspec.json.encode(document(self._streams.options))

        async def asyncapi(_request: object) -> Response:
            return Response(body, media_type="application/json")

        return [
            WebSocketRoute(PATH, self.endpoint),
            Route("/api/asyncapi.json", asyncapi, methods=["GET"]),
        ]

    def close_all(self) -> None:
        """End all connections, as before a restart, and take no new ones."""
        self._stopping = True
        for connection in self._connections:
            connection.close(CLOSE_SHUTDOWN, "The exchange is restarting; connect again.")

    async def endpoint(self, websocket: WebSocket) -> None:
        """Serve one WebSocket."""
        session_id = secrets.token_hex(8)
        try:
            await self._charge(websocket)
            asked, identity = self._admit(websocket)
        except ApiProblem as problem:
            await _deny(websocket, problem, session_id)
            return
        await websocket.accept(headers=[(b"x-request-id", session_id.encode("ascii"))])
        connection = Connection(websocket, Encoding(asked.encoding), self._streams)
        own_orders = (
            SessionOrders(self._deps.queue, self._deps.live)
            if asked.cancel_on_disconnect == "true"
            else None
        )
        session = Session(connection, self._parts, self._address(websocket), session_id, own_orders)
        if identity is not None:
            session.identify(identity)
        await self._serve(websocket, connection, session)

    async def _serve(self, websocket: WebSocket, connection: Connection, session: Session) -> None:
        """Read and send until the client goes or the server has a reason to end it."""
        self._connections.add(connection)
        reader = asyncio.create_task(session.read_all(websocket))
        sender = asyncio.create_task(connection.send_all())
        try:
            until: set[asyncio.Future[Any]] = {reader, sender, connection.closing}
            await asyncio.wait(until, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._connections.discard(connection)
            connection.leave()
            for task in (reader, sender):
                task.cancel()
            ended = await asyncio.gather(reader, sender, return_exceptions=True)
        closing = _why(connection, ended)
        if closing is not None:
            await connection.finish(closing, self._streams.options.send_timeout_ms)
        await session.end()

    async def _charge(self, websocket: WebSocket) -> None:
        """Take a handshake from the bucket of the client's address, as any public call; raises ApiProblem."""
        verdict = await self._deps.limiter.take(RouteClass.PUBLIC, self._address(websocket))
        if not verdict.allowed:
            raise verdict.problem()

    def _admit(self, websocket: WebSocket) -> tuple[_Query, Identity | None]:
        """Look at a handshake.

        Raises:
            ApiProblem: it may not connect.
        """
        if self._stopping or len(self._connections) >= self._streams.options.max_connections:
            raise edge_problem("unavailable", "There is no room for another connection now.")
        headers = websocket.headers
        origin = headers.get("origin")
        if origin is not None and not is_allowed(origin, headers.get("host", ""), self._origins):
            raise edge_problem("forbidden", "Pages of this origin may not connect.")
        asked = query(_Query, websocket.scope["query_string"])
        authorization = headers.get("authorization")
        if authorization is None:
            return asked, None
        principal = self._deps.authenticator.authenticate(authorization)
        return asked, Identity(principal, authorization)

    def _address(self, websocket: WebSocket) -> str:
        peer = websocket.client.host if websocket.client else None
        return self._deps.addresses.bucket(peer, websocket.headers.get("x-forwarded-for"))


def is_allowed(origin: str, host: str, allowed: Collection[str]) -> bool:
    """Tell whether a page of `origin` may connect to `host`: its own origin, or one of those allowed."""
    if "*" in allowed or origin in allowed:
        return True
    try:
        page, own = urlsplit(origin), urlsplit(f"//{host}")
        default = _DEFAULT_PORTS.get(page.scheme)
        page_port, own_port = page.port or default, own.port or default
    except ValueError:
        return False
    return (
        default is not None
        and page.hostname is not None
        and (page.hostname, page_port) == (own.hostname, own_port)
    )


def _why(connection: Connection, ended: Iterable[BaseException | None]) -> Closing | None:
    """Return how to close, None when the client has gone; what no task should die of is logged."""
    if connection.closing.done():
        return connection.closing.result()
    for error in ended:
        if error is None or isinstance(error, asyncio.CancelledError | WebSocketDisconnect):
            continue
        log.error("websocket_task_failed", exc_info=error)
        return Closing(CLOSE_ERROR, "Something went wrong on our side.")
    return None


async def _deny(websocket: WebSocket, problem: ApiProblem, request_id: str) -> None:
    """Answer a handshake with a problem document instead of a WebSocket."""
    headers = {**problem.headers, "X-Request-Id": request_id}
    answer = Response(
        problem.render(request_id),
        problem.status,
        headers,
        media_type=CONTENT_TYPE.decode("ascii"),
    )
    await websocket.send_denial_response(answer)
