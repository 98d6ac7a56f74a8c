"""What holds for every answer of the gateway: ids, problem documents, methods, CORS, headers, limits, health."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from cse.core.errors import Unavailable
from cse.gateway.deps import Dependency
from cse.gateway.http.openapi import problem_codes
from cse.gateway.limits import class_limits
from tests.integration.http_exchange import (
    HttpExchange,
    good,
    http_exchange,
    order,
    place,
    problem,
)
from tests.waiting import wait_until_async

ORIGIN = "https://pages.example"


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path, cors_origins=(ORIGIN,)) as running:
        yield running


async def test_every_answer_has_an_id(exchange: HttpExchange) -> None:
    """Ids differ; a proxy's own is kept if it is one, replaced if it is not."""
    client = exchange.client()
    ids = [(await client.get("/api/time")).headers["x-request-id"] for _ in range(3)]
    assert len(set(ids)) == 3
    given = await client.get("/api/time", headers={"x-request-id": "from-nginx.1"})
    assert given.headers["x-request-id"] == "from-nginx.1"
    for bad in ("a b", "x" * 65, "<script>", ""):
        answer = await client.get("/api/time", headers={"x-request-id": bad})
        assert answer.headers["x-request-id"] != bad


@pytest.mark.parametrize(
    "path", ["/api/orders", "/api/markets", "/api/auth/login", "/", "/api/docs"]
)
async def test_methods_that_a_path_does_not_take(exchange: HttpExchange, path: str) -> None:
    """405 is a problem document with Allow, on lean calls, FastAPI's and pages alike."""
    answer = await exchange.client().request("PUT", path)
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"]


async def test_head_and_options(exchange: HttpExchange) -> None:
    """HEAD is GET without the body; OPTIONS says what a path takes."""
    client = exchange.client()
    whole, head = await client.get("/api/markets"), await client.head("/api/markets")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))
    options = await client.options("/api/orders")
    assert (options.status_code, options.content) == (204, b"")
    assert options.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, POST"


async def test_what_is_nowhere_is_a_problem(exchange: HttpExchange) -> None:
    """Unknown paths are 404 as a problem document; a slash too many is no other spelling."""
    for path in ("/nowhere", "/api/orders/", "/api/auth/nothing", "/API/orders"):
        problem(await exchange.client().get(path), 404, "not_found")


async def test_pages_of_listed_origins_may_call(exchange: HttpExchange) -> None:
    """A preflight and the call itself name the origin; other origins get neither."""
    client = exchange.client()
    ask = {"origin": ORIGIN, "access-control-request-method": "POST"}
    preflight = await client.options("/api/orders", headers=ask)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert "PATCH" in preflight.headers["access-control-allow-methods"]
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    called = await client.get("/api/time", headers={"origin": ORIGIN})
    assert called.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in called.headers
    for foreign in ("https://evil.example", "null", "https://pages.example.evil.example"):
        refused = await client.options("/api/orders", headers={**ask, "origin": foreign})
        problem(refused, 403, "forbidden")
        answer = await client.get("/api/time", headers={"origin": foreign})
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["vary"] == "origin"


async def test_security_headers(exchange: HttpExchange) -> None:
    """Answers cannot be framed, sniffed or cached; pages load nothing but their own; HSTS goes with https."""
    client = exchange.client()
    api = await client.get("/api/time")
    assert api.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert api.headers["x-content-type-options"] == "nosniff"
    assert api.headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in api.headers
    page = await client.get("/")
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert "strict-transport-security" in (await client.get("https://cse.test/")).headers


async def test_pages_load_nothing_from_elsewhere(exchange: HttpExchange) -> None:
    """Every file that the home page and the reference name is served here; no script is inline."""
    client = exchange.client()
    for path in ("/", "/api/docs"):
        html = (await client.get(path)).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|style=|https?://", html)
        for linked in re.findall(r'(?:src|href)="(/[^"#]*)"', html):
            assert (await client.get(linked)).status_code == 200, linked
    first = await client.get("/static/home.js")
    assert not re.search(r"https?://", first.text)
    again = await client.get("/static/home.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_limits_are_told_and_kept(tmp_path: Path) -> None:
    """RateLimit headers count down; past the limit 429 with Retry-After; a batch counts its items."""
    limits = class_limits(address=(1, 100), account=(1, 10), logins_per_minute=100)
    async with http_exchange(tmp_path, limits=limits) as exchange:
        ada = await exchange.trader("ada")  # two deposits
        answer = await ada.post("/api/orders", json=order("buy", "1.2000", "1.00"))
        assert (answer.headers["ratelimit-limit"], answer.headers["ratelimit-remaining"]) == (
            "10",
            "7",
        )
        items = [{"op": "cancel", "order_id": 999}] * 6
        batch = await ada.post("/api/orders/batch", json={"items": items})
        assert batch.headers["ratelimit-remaining"] == "1"
        refused = await ada.post("/api/orders/batch", json={"items": items})
        assert problem(refused, 429, "rate_limited")["retryable"] is True
        assert int(refused.headers["retry-after"]) >= 1
        reads = await ada.get("/api/orders")
        assert good(reads)["orders"], "reads have buckets of their own"


async def test_an_address_is_limited_whoever_comes_from_it(tmp_path: Path) -> None:
    """Two people behind one address share its buckets; each class has its own; strangers pay there, too."""
    limits = class_limits(address=(1, 6), account=(1, 100), logins_per_minute=100)
    async with http_exchange(tmp_path, limits=limits) as exchange:
        ada, bob = await exchange.person("ada"), await exchange.person("bob")
        for each in (ada, bob) * 3:
            good(await each.get("/api/balances"))
        for each in (ada, bob, exchange.client()):
            refused = await each.get("/api/balances")
            problem(refused, 429, "rate_limited")
            assert int(refused.headers["retry-after"]) >= 1
        assert (await ada.delete("/api/orders")).status_code == 200


async def test_scopes_are_asked_for(exchange: HttpExchange) -> None:
    """Nobody gets 401 with a challenge; calls of others' scopes would be 403."""
    answer = await exchange.client().get("/api/balances")
    problem(answer, 401, "not_authenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="cse"'


async def test_a_fault_of_ours_tells_nothing(
    exchange: HttpExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug is a bare 500; no word of it gets out, on lean calls and on others; the log has it by request id."""

    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    ada = await exchange.trader("ada")
    order_id = (await place(ada, "buy", "1.2000", "1.00"))["order"]["id"]
    monkeypatch.setattr(exchange.deps.live, "balances", broken)
    monkeypatch.setattr(exchange.deps.live, "order", broken)
    monkeypatch.setattr(exchange.people.service, "login", broken)
    who = {"email": "a@example.com", "password": "x"}
    with capture_logs() as logs:
        answers = [
            await ada.get("/api/balances"),
            await ada.get(f"/api/orders/{order_id}"),
            await ada.post("/api/auth/login", json=who),
        ]
    for answer in answers:
        problem(answer, 500, "internal_error")
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
    logged = [line for line in logs if line["event"] == "request_failed"]
    assert [line["request_id"] for line in logged] == [a.json()["request_id"] for a in answers]
    assert all("secret" in str(line["exc_info"]) for line in logged)


async def test_health_tells_each_dependency(exchange: HttpExchange) -> None:
    """Live is live; ready names every check and how far history lags, and is 503 when a required one fails."""
    client = exchange.client()
    assert good(await client.get("/api/health/live")) == {"status": "live"}
    await exchange.deps.gate.reach(exchange.deps.live.sequence)
    ready: dict[str, Any] = {}

    async def is_ready() -> bool:
        nonlocal ready
        ready = good(await client.get("/api/health/ready"))
        return ready["status"] == "ready"

    await wait_until_async(is_ready, what="readiness")
    assert ready["dependencies"]["history"]["lag"] == 0

    async def down() -> Dependency:
        return Dependency(ok=False, detail="the journal is read-only")

    exchange.deps.health = {"engine": down}
    answer = await client.get("/api/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")
    assert answer.json()["dependencies"]["engine"]["detail"] == "the journal is read-only"


async def test_without_the_database_it_is_degraded(
    exchange: HttpExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """History away: still 200 and trading, but said so; open orders are served, lists of the past are 503."""
    ada = await exchange.trader("ada")

    async def away(*_: object, **__: object) -> int:
        raise Unavailable("the database does not answer")

    for name in ("position", "orders", "fills", "order"):
        monkeypatch.setattr(exchange.deps.history, name, away)
    ready = good(await ada.get("/api/health/ready"))
    assert (ready["status"], ready["dependencies"]["history"]["ok"]) == ("degraded", False)
    placed = await place(ada, "buy", "1.2000", "1.00")
    assert good(await ada.get("/api/orders"))["orders"] == [placed["order"]]
    problem(await ada.get("/api/fills"), 503, "unavailable")


async def test_metrics_count_requests_but_nobody(exchange: HttpExchange) -> None:
    """Requests and latencies are counted by method, route template and status, never by user or raw path."""
    ada = await exchange.trader("ada")
    order_id = (await place(ada, "buy", "1.2000", "1.00"))["order"]["id"]
    await ada.get(f"/api/orders/{order_id}")
    await ada.get("/nowhere/at/all")
    text = (await ada.get("/metrics")).text
    counted = (
        'cse_http_request_seconds_count{method="GET",route="/api/orders/{order_id}",status="200"}'
    )
    assert f"{counted} 1.0" in text
    assert 'route="other",status="404"' in text
    assert "nowhere" not in text
    assert "ada" not in text


async def test_every_problem_code_is_described(exchange: HttpExchange) -> None:
    """`type` of a problem document leads to what its code means."""
    client = exchange.client()
    listed = good(await client.get("/api/problems"))["problems"]
    assert {entry["code"] for entry in listed} == set(problem_codes())
    told = problem(await client.get("/nowhere"), 404, "not_found")
    assert good(await client.get(told["type"]))["code"] == "not_found"


async def test_the_document_describes_every_call(exchange: HttpExchange) -> None:
    """Every call of the contract is in the OpenAPI 3.1 document, which FastAPI's own default is not in."""
    document = good(await exchange.client().get("/api/openapi.json"))
    assert document["openapi"].startswith("3.1")
    calls = {f"{m.upper()} {p}" for p, methods in document["paths"].items() for m in methods}
    assert {
        "POST /api/orders",
        "GET /api/orders",
        "DELETE /api/orders",
        "POST /api/orders/batch",
        "POST /api/orders/cancel-after",
        "POST /api/orders/preview",
        "GET /api/orders/{order_id}",
        "PATCH /api/orders/{order_id}",
        "DELETE /api/orders/{order_id}",
        "GET /api/orders/by-client-id/{client_order_id}",
        "GET /api/fills",
        "GET /api/ledger",
        "GET /api/balances",
        "GET /api/account",
        "GET /api/candles/{market}",
        "POST /api/auth/register",
        "POST /api/sandbox/deposits",
        "GET /api/health/ready",
    } <= calls
    assert "HTTPValidationError" not in json.dumps(document)
