"""The edge alone, around applications that misbehave."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.routing import Route

from cse.gateway.http.context import Receive, Scope, Send
from cse.gateway.http.cors import CorsPolicy
from cse.gateway.http.edge import Edge
from cse.gateway.http.metrics import RequestMetrics


class Half:
    """Sends the head of an answer and then fails."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("half an answer")


class Echo:
    """Sends back what it receives, read twice."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": message["body"]})


def client(app: Any, registry: CollectorRegistry, **shortcuts: Any) -> httpx.AsyncClient:
    inner = FastAPI(openapi_url=None)
    inner.router.routes.append(Route("/{rest:path}", app))
    edge = Edge(
        inner,
        shortcuts=shortcuts,
        max_body_bytes=100,
        cors=CorsPolicy(["*"]),
        metrics=RequestMetrics(registry),
    )
    transport = httpx.ASGITransport(app=edge, raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url="http://cse.test")


async def test_half_an_answer_is_cut_off() -> None:
    """When the head is out nothing can be mended: the server has to see the failure and hang up."""
    registry = CollectorRegistry()
    with pytest.raises(RuntimeError, match="half an answer"):
        await client(Half(), registry).get("/")


async def test_a_body_reaches_the_application_whole() -> None:
    """What the edge has read is there for whoever asks, on the short way too."""
    registry = CollectorRegistry()
    asked = client(Echo(), registry, **{"/short": Echo()})
    for path in ("/long", "/short"):
        assert (await asked.post(path, content=b"hello")).content == b"hello"


async def test_any_origin_may_call_in_development() -> None:
    """With "*" the caller's own origin is named; credentials are never allowed."""
    answer = await client(Echo(), CollectorRegistry()).post(
        "/", headers={"origin": "http://x.test"}
    )
    assert answer.headers["access-control-allow-origin"] == "http://x.test"
    assert answer.headers["vary"] == "origin"
    assert "access-control-allow-credentials" not in answer.headers


async def test_what_no_route_took_is_counted_as_other() -> None:
    """Paths that clients make up do not become metric labels."""
    registry = CollectorRegistry()
    asked = client(Echo(), registry)
    for path in ("/made/up", "/by/clients"):
        await asked.post(path)
    labels = {"method": "POST", "route": "other", "status": "200"}
    assert registry.get_sample_value("cse_http_request_seconds_count", labels) == 2


@pytest.mark.parametrize("method", ["POST", "BREW", "X" * 200])
async def test_made_up_methods_are_one_label(method: str) -> None:
    """Nor do methods."""
    registry = CollectorRegistry()
    await client(Echo(), registry).request(method, "/")
    counted = {
        sample.labels["method"]
        for metric in registry.collect()
        for sample in metric.samples
        if "method" in sample.labels
    }
    assert counted == {method if method == "POST" else "other"}
