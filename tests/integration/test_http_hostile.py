"""Hostile input over HTTP: each is refused by name, nothing changes, and nobody learns anything from it."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.http_exchange import (
    HttpExchange,
    good,
    http_exchange,
    order,
    problem,
)

JSON = {"content-type": "application/json"}


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path, max_body_bytes=10_000) as running:
        yield running


@pytest.fixture
async def ada(exchange: HttpExchange) -> AsyncIterator[httpx.AsyncClient]:
    """A trader whose money must be untouched and who must have no orders when the test ends."""
    client = await exchange.trader("ada")
    before = good(await client.get("/api/balances"))
    yield client
    assert good(await client.get("/api/balances")) == before
    assert good(await client.get("/api/orders?status=all"))["orders"] == []


AMOUNTS = [
    "0",
    "0.00",
    "-1",
    "+1",
    "NaN",
    "Infinity",
    "1e3",
    "1E3",
    "0x10",
    "1_000",
    "1,5",
    ".5",
    "5.",
    " 5",
    "5 ",
    "5\n",
    "01",
    "--1",
    "1.2.3",
    "",
    "١٢",
    "½",
    "0." + "0" * 18 + "1",
    "1" + "0" * 40,
    "9223372036854775807",
    "1.001",
]


@pytest.mark.parametrize("amount", AMOUNTS)
async def test_a_quantity_that_is_none(ada: httpx.AsyncClient, amount: str) -> None:
    """Zero, signs, exponents, words, blanks, too many decimals, too large: 400, and the field is named."""
    answer = await ada.post("/api/orders", json=order("buy", "1.2000", amount))
    told = answer.json()
    assert answer.status_code == 400
    if told["code"] != "invalid_request":  # a well-formed number, but more than the market takes
        assert told["code"] in {"quantity_too_large", "quantity_too_small"}
    assert set(told["fields"]) == {"quantity"}


@pytest.mark.parametrize("number", ["1", "1.5", "1e3", "-0", "true", "[]", "{}"])
async def test_an_amount_that_is_no_string(ada: httpx.AsyncClient, number: str) -> None:
    """JSON numbers are refused for amounts, with the field named: no float ever comes near money."""
    body = json.dumps(order("buy", "1.2000", "X")).replace('"X"', number)
    told = problem(
        await ada.post("/api/orders", content=body, headers=JSON), 400, "invalid_request"
    )
    assert set(told["fields"]) == {"quantity"}


@pytest.mark.parametrize("body", [b"", b"{", b"nul", b'{"market":NaN}', b"\xef\xbb\xbf{}", b"'{}'"])
async def test_a_body_that_is_no_json(ada: httpx.AsyncClient, body: bytes) -> None:
    """Broken JSON is 400 `invalid_json` on lean calls and on FastAPI's alike."""
    problem(await ada.post("/api/orders", content=body, headers=JSON), 400, "invalid_json")
    told = await ada.post("/api/auth/login", content=body, headers=JSON)
    assert told.status_code == 400
    assert told.json()["code"] in {"invalid_json", "invalid_request"}


@pytest.mark.parametrize(
    "text", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\xf5\x80\x80\x80"]
)
async def test_a_text_that_is_no_text(ada: httpx.AsyncClient, text: bytes) -> None:
    """Bad UTF-8, lone surrogates and zero characters are refused in every field, never a 5xx."""
    for field in ("market", "client_order_id", "price"):
        body = (
            json.dumps({**order("buy", "1.2000", "1.00"), field: "@"}).encode().replace(b"@", text)
        )
        answer = await ada.post("/api/orders", content=body, headers=JSON)
        assert answer.status_code in {400, 404}, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_unknown_fields(ada: httpx.AsyncClient) -> None:
    """A field that a call does not have is refused by name, in bodies and in queries."""
    told = problem(
        await ada.post("/api/orders", json=order("buy", "1.2000", "1.00", prize="9")),
        400,
        "invalid_request",
    )
    assert told["fields"] == {"prize": "is not a field of this request"}
    for path in ("/api/orders?colour=red", "/api/balances?x=1", "/api/markets?page=2"):
        assert problem(await ada.get(path), 400, "invalid_request")["fields"]
    twice = problem(await ada.get("/api/orders?limit=5&limit=6"), 400, "invalid_request")
    assert twice["fields"] == {"limit": "is given twice"}


@pytest.mark.parametrize("path", ["/api/orders", "/api/orders/batch", "/api/auth/login"])
@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"items":'])
async def test_deep_nesting(ada: httpx.AsyncClient, path: str, opening: bytes) -> None:
    """Nesting past the limit is refused before anything parses it."""
    body = opening * 900
    told = problem(await ada.post(path, content=body, headers=JSON), 400, "invalid_json")
    assert "nests deeper" in told["detail"]


async def test_a_huge_body(exchange: HttpExchange, ada: httpx.AsyncClient) -> None:
    """Past the limit a body is 413: by its Content-Length before it is read, without one while it streams."""
    problem(
        await ada.post("/api/orders", content=b" " * 10_001, headers=JSON), 413, "body_too_large"
    )
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 1_000_000:
            sent += 1_000
            yield b" " * 1_000

    problem(await ada.post("/api/orders", content=endless(), headers=JSON), 413, "body_too_large")
    assert sent < 20_000, "the rest was not read"
    lies = {**JSON, "content-length": "1" * 5_000}
    problem(await ada.post("/api/orders", content=b"{}", headers=lies), 413, "body_too_large")


async def test_ids_and_cursors_out_of_range(ada: httpx.AsyncClient) -> None:
    """Ids that cannot be are 404, cursors of other lists or of nobody 400, limits out of range 400."""
    for order_id in ("0", "-1", "01", "1.0", "9" * 16, "9" * 400, "abc", "%00", "1%2F2"):
        answer = await ada.get(f"/api/orders/{order_id}")
        assert (answer.status_code, answer.json()["code"][-9:]) == (404, "not_found"), order_id
    other_list = base64.urlsafe_b64encode(b"\x02" + bytes(16)).rstrip(b"=").decode()
    for cursor in ("", "x", "=", "ÿ", other_list, "A" * 64):
        problem(await ada.get("/api/orders", params={"cursor": cursor}), 400, "invalid_cursor")
    for limit in ("0", "-1", "1001", "1e3", "null", "", "9" * 30):
        problem(await ada.get("/api/orders", params={"limit": limit}), 400, "invalid_request")


async def test_times_and_names_that_cannot_be(ada: httpx.AsyncClient) -> None:
    """Times past any clock are refused before the journal sees them; impossible names are 404."""
    late = order("buy", "1.2000", "1.00", time_in_force="gtd", expires_at=10**30)
    assert set(
        problem(await ada.post("/api/orders", json=late), 400, "invalid_request")["fields"]
    ) == {"expires_at"}
    for name in ("%00", "a" * 37, "%F0%9F%98%80", "a%20b", "%2E%2E"):
        answer = await ada.get(f"/api/orders/by-client-id/{name}")
        assert answer.status_code == 404, name
    for path in ("/api/orders", "/api/orders/1"):
        told = await ada.request("DELETE", path, content=b"{}")
        assert problem(told, 400, "invalid_request")["fields"] == {
            "body": "this call takes no body"
        }


async def test_tokens_that_are_none(exchange: HttpExchange, ada: httpx.AsyncClient) -> None:
    """Algorithm none, a swapped algorithm, a foreign or missing key, a changed payload, another scheme: all 401."""
    scheme, _, real = ada.headers["authorization"].partition(" ")
    head, payload, signature = real.split(".")
    header = json.loads(_decode(head))
    changed = {**json.loads(_decode(payload)), "account_id": 1000, "sub": "1"}
    forged = [
        f"{_encode({**header, 'alg': 'none'})}.{payload}.",
        f"{_encode({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
        f"{_encode({**header, 'alg': 'HS256'})}.{payload}.{signature}",
        _hs256({**header, "alg": "HS256"}, payload, b"secret"),
        _hs256({**header, "alg": "HS256", "kid": "../../etc/passwd"}, payload, b""),
        f"{_encode({**header, 'kid': 'foreign'})}.{payload}.{signature}",
        f"{head}.{_encode(changed)}.{signature}",
        f"{head}.{payload}.{signature[:-4]}AAAA",
        "..",
        "",
        "a" * 10_000,
    ]
    for token in forged:
        answer = await exchange.client(authorization=f"{scheme} {token}").get("/api/balances")
        assert answer.status_code == 401, token[:60]
        assert answer.headers["www-authenticate"].startswith("Bearer")
    basic = await exchange.client(authorization="Basic YWRhOmFkYQ==").get("/api/balances")
    assert basic.status_code == 401


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encode(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _hs256(header: dict[str, Any], payload: str, key: bytes) -> str:
    signed = f"{_encode(header)}.{payload}"
    digest = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


async def test_keys_that_are_none(ada: httpx.AsyncClient) -> None:
    """A money call without a usable Idempotency-Key is refused, with the header named."""
    body = {"asset": "USDC", "amount": "5"}
    for key in (
        {},
        {"idempotency-key": ""},
        {"idempotency-key": "a b"},
        {"idempotency-key": "k" * 129},
    ):
        told = problem(
            await ada.post("/api/sandbox/deposits", json=body, headers=key), 400, "invalid_request"
        )
        assert set(told["fields"]) == {"Idempotency-Key"}


async def test_paths_that_climb(exchange: HttpExchange) -> None:
    """Static files are a fixed list: nothing else is served, whatever the path."""
    client = exchange.client()
    for path in (
        "/static/../pyproject.toml",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        "/static/",
    ):
        problem(await client.get(path), 404, "not_found")
