"""What a streamer answers over plain HTTP: its health, its metrics, the description of its WebSocket."""

import asyncio
from collections.abc import Mapping, Sequence
from secrets import token_hex

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cse.gateway.deps import HealthCheck
from cse.gateway.http.health import Live, Ready, within
from cse.gateway.present import encode
from cse.gateway.problems import CONTENT_TYPE, edge_problem
from cse.gateway.relay.relay import Relay
from cse.gateway.ws.server import WebSocketServer

_JSON = "application/json"


class StreamerApp(Starlette):
    """An ASGI application whose server hands `/ws` over to `websockets`."""

    def __init__(self, websockets: WebSocketServer, routes: Sequence[BaseRoute]) -> None:
        """Serve these routes."""
        super().__init__(routes=routes, exception_handlers={HTTPException: _tell})
        self.websockets = websockets


def streamer_app(
    websockets: WebSocketServer,
    relay: Relay,
    checks: Mapping[str, HealthCheck],
    registry: CollectorRegistry,
) -> StreamerApp:
    """Return the application of a streamer."""

    async def live(_request: Request) -> Response:
        return Response(encode(Live("live")), media_type=_JSON)

    async def ready(_request: Request) -> Response:
        found = await asyncio.gather(*(within(check) for check in checks.values()))
        required = all(each.ok for each in found if each.required)
        degraded = "ready" if all(each.ok for each in found) else "degraded"
        body = Ready(
            degraded if required else "not_ready",  # type: ignore[arg-type]  # one of the three
            relay.sequence,
            dict(zip(checks, found, strict=True)),
        )
        return Response(encode(body), 200 if required else 503, media_type=_JSON)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    routes = [
        Route("/api/health/live", live),
        Route("/api/health/ready", ready),
        Route("/metrics", metrics),
        *websockets.routes(),
    ]
    return StreamerApp(websockets, routes)


async def _tell(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for these"
    codes = {404: "not_found", 405: "method_not_allowed"}
    request_id = token_hex(8)
    return Response(
        edge_problem(codes.get(error.status_code, "invalid_request")).render(request_id),
        error.status_code,
        {**(error.headers or {}), "X-Request-Id": request_id},
        media_type=CONTENT_TYPE.decode("ascii"),
    )
