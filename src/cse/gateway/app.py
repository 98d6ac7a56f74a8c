"""The gateway as one ASGI application: lean calls first, FastAPI's routes behind them, the edge around all."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from prometheus_client import ProcessCollector
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cse.gateway.deps import GatewayDeps
from cse.gateway.feeds.coingecko import coingecko_operations
from cse.gateway.feeds.coinmarketcap import coinmarketcap_operations
from cse.gateway.http.access import Access
from cse.gateway.http.account import account_operations
from cse.gateway.http.admin.routes import admin_operations
from cse.gateway.http.app_page import built_app
from cse.gateway.http.auth_routes import AuthCalls, auth_router
from cse.gateway.http.avatar_routes import avatar_operations
from cse.gateway.http.candles import candle_operations
from cse.gateway.http.context import context_of
from cse.gateway.http.cors import CorsPolicy
from cse.gateway.http.direct import DirectCalls, EdgeRules
from cse.gateway.http.edge import Edge
from cse.gateway.http.factor_routes import factor_operations
from cse.gateway.http.health import health_operations
from cse.gateway.http.identity_check_routes import identity_check_operations
from cse.gateway.http.ids import RequestIds
from cse.gateway.http.indicators import indicator_operations
from cse.gateway.http.key_routes import key_operations
from cse.gateway.http.leaving_routes import leaving_operations
from cse.gateway.http.linked_routes import linked_operations
from cse.gateway.http.market_data import market_data_operations
from cse.gateway.http.metrics import RequestMetrics
from cse.gateway.http.openapi import openapi_document
from cse.gateway.http.operations import Operation, PathEndpoint, routes_of
from cse.gateway.http.orders import order_operations
from cse.gateway.http.own_csv_routes import own_csv_operations
from cse.gateway.http.pages import page_routes
from cse.gateway.http.passkey_routes import passkey_operations
from cse.gateway.http.password_routes import password_operations
from cse.gateway.http.portfolio_routes import PortfolioCalls, portfolio_operations
from cse.gateway.http.problem_pages import problem_operations
from cse.gateway.http.profile_routes import profile_operations
from cse.gateway.http.prompt import PromptDoor
from cse.gateway.http.registration_routes import registration_operations
from cse.gateway.http.reset_routes import reset_operations
from cse.gateway.http.session_cookie import session_cookies
from cse.gateway.http.session_routes import session_operations
from cse.gateway.http.sparkline_routes import sparkline_operations
from cse.gateway.http.step_up import with_step_up
from cse.gateway.http.sub_account_routes import sub_account_operations
from cse.gateway.http.transfer_routes import transfer_operations
from cse.gateway.http.uploads import UploadPaths
from cse.gateway.http.weights import weighed
from cse.gateway.problems import (
    CONTENT_TYPE,
    TOLD,
    ApiProblem,
    edge_problem,
    from_error,
    invalid,
)
from cse.gateway.udf.calls import udf_operations
from cse.gateway.ws.server import WebSocketServer


def create_app(
    deps: GatewayDeps,
    *,
    routes: Sequence[BaseRoute] = (),
    websockets: WebSocketServer | None = None,
) -> Edge:
    """Return the application; run it with any ASGI server. `routes` come besides ours.

    `/ws` needs a server that hands connections over to `websockets`: ours does (cse.entrypoints.web).
    """
    app = FastAPI(
        title="CS Exchange",
        version=version("cs-exchange"),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    access = Access(
        deps.authenticator, deps.limiter, deps.addresses, deps.signed, deps.authority.roles
    )
    access.uses = deps.session_uses
    access.accounts = deps.accounts
    operations = with_step_up(
        weighed(
            [*order_operations(deps, access), *indicator_operations(deps, access), *_others(deps)]
        ),
        deps,
    )
    control = auth_router(
        AuthCalls(
            deps.users,
            deps.authenticator,
            deps.limiter,
            deps.addresses,
            lambda: deps.concerns,
            session_cookies(deps),
        )
    )
    app.include_router(control)
    described = openapi_document(app.version, operations, app.routes)
    app.openapi = lambda: described  # type: ignore[method-assign]  # as FastAPI's guide extends it
    web_app = built_app(deps)
    documents = {"/api/openapi.json": msgspec.json.encode(described)}
    pages = page_routes(documents, stand_ins=web_app is None)
    ProcessCollector(registry=deps.registry)
    lean = routes_of(operations, access)
    own = websockets.routes() if websockets else ()
    app.router.routes[:0] = [*lean, *own, *routes, *pages]
    _render_refusals(app)
    edge = _edge(app, lean, access, deps)
    if web_app is not None:
        edge.add_shortcuts({"/": web_app.page, **web_app.files})
        app.router.default = web_app.behind(app.router.default)
    edge.websockets = websockets
    edge.uploads = UploadPaths(operations)
    return edge


def _edge(app: FastAPI, lean: Sequence[Route], access: Access, deps: GatewayDeps) -> Edge:
    """Return the edge around the application, and the ways past it for the busiest calls."""
    options = deps.options
    rules = EdgeRules(
        options.max_body_bytes,
        CorsPolicy(options.cors_origins),
        RequestIds(),
        RequestMetrics(deps.registry),
    )
    direct_calls = DirectCalls(
        [route.app for route in lean if isinstance(route.app, PathEndpoint)],
        access=access,
        entry=deps.order_entry,
        door=PromptDoor(deps.queue),
        rules=rules,
    )
    return Edge(
        app,
        shortcuts={route.path: route.app for route in lean if "{" not in route.path},
        max_body_bytes=rules.max_body_bytes,
        cors=rules.cors,
        metrics=rules.metrics,
        ids=rules.ids,
        direct_calls=direct_calls,
    )


def _others(deps: GatewayDeps) -> list[Operation]:
    portfolio = PortfolioCalls(deps)
    return [
        *market_data_operations(deps),
        *candle_operations(deps),
        *udf_operations(deps),
        *coingecko_operations(deps),
        *coinmarketcap_operations(deps),
        *account_operations(deps),
        *key_operations(deps),
        *sub_account_operations(deps),
        *transfer_operations(deps),
        *admin_operations(deps),
        *session_operations(deps),
        *password_operations(deps),
        *reset_operations(deps),
        *registration_operations(deps),
        *factor_operations(deps),
        *passkey_operations(deps),
        *linked_operations(deps),
        *identity_check_operations(deps),
        *profile_operations(deps),
        *avatar_operations(deps),
        *leaving_operations(deps),
        *portfolio_operations(portfolio),
        *own_csv_operations(deps, portfolio),
        *sparkline_operations(deps),
        *health_operations(deps),
        *problem_operations(),
    ]


def _render_refusals(app: FastAPI) -> None:
    """Let FastAPI's and Starlette's own refusals be problem documents, too."""
    for told in TOLD:
        app.add_exception_handler(told, _tell_error)
    app.add_exception_handler(HTTPException, _tell_http)
    app.add_exception_handler(RequestValidationError, _tell_validation)
    app.add_exception_handler(Exception, _tell_fault)


async def _tell_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, TOLD), "registered for these"
    return _problem_response(request, from_error(error))


async def _tell_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for HTTPException"
    codes = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
    problem = edge_problem(codes.get(error.status_code, "invalid_request"))
    problem.headers.update(error.headers or {})
    return _problem_response(request, problem)


async def _tell_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError), "registered for RequestValidationError"
    faults: Sequence[Mapping[str, Any]] = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return _problem_response(request, edge_problem("invalid_json"))
    return _problem_response(request, invalid({_place(fault): fault["msg"] for fault in faults}))


async def _tell_fault(request: Request, _error: Exception) -> Response:
    return _problem_response(request, edge_problem("internal_error"))  # the edge logs it


def _place(fault: Mapping[str, Any]) -> str:
    """Return the field's name: where pydantic saw the fault, without "body" before it."""
    path = [str(part) for part in fault["loc"]]
    return ".".join(path[1:] if len(path) > 1 else path)


def _problem_response(request: Request, problem: ApiProblem) -> Response:
    return Response(
        problem.render(context_of(request.scope).request_id),
        status_code=problem.status,
        headers=problem.headers,
        media_type=CONTENT_TYPE.decode("ascii"),
    )
