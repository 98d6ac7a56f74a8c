"""The web app's sessions over HTTP: the refresh token is a cookie, sent by the exchange's own pages alone."""

from collections.abc import AsyncIterator
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest

from cse.gateway.client_address import ClientAddresses
from tests.integration.http_exchange import (
    PASSWORD,
    HttpExchange,
    good,
    http_exchange,
    problem,
)
from tests.unit.users.authenticator import Authenticator

ADA = {"email": "ada@example.com", "password": PASSWORD}
WEB = {"X-CSE-Client": "web", "Origin": "http://cse.test"}
LOGIN, REFRESH, LOGOUT = (f"/api/auth/{name}" for name in ("login", "refresh", "logout"))
MONTHS_S = 90 * 24 * 3600


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path, cors_origins=("https://partner.example",)) as made:
        good(await made.client().post("/api/auth/register", json={**ADA, "handle": "ada"}), 201)
        yield made


def cookie(answer: httpx.Response) -> Morsel[str]:
    """The session cookie that an answer sets, the only one."""
    lines = [line for line in answer.headers.get_list("set-cookie") if "cse_refresh" in line]
    assert len(lines) == 1, lines
    (morsel,) = SimpleCookie(lines[0]).values()
    return morsel


async def browser(exchange: HttpExchange, **headers: str) -> httpx.AsyncClient:
    """Somebody who has logged in by the web app; their client keeps cookies as browsers do."""
    client = exchange.client(**{**WEB, **headers})
    tokens = good(await client.post(LOGIN, json=ADA))
    assert tokens.keys() == {"access_token", "expires_in"}
    return client


async def test_a_log_in_by_the_web_app_sets_a_cookie_that_scripts_cannot_read(
    exchange: HttpExchange,
) -> None:
    """No refresh token in the body; HttpOnly, SameSite=Strict, the whole site, as long as the session at most."""
    answer = await exchange.client(**WEB).post(LOGIN, json=ADA)
    assert good(answer).keys() == {"access_token", "expires_in"}
    kept = cookie(answer)
    assert (kept.key, kept["path"], kept["samesite"]) == ("cse_refresh", "/", "Strict")
    assert kept["httponly"]
    assert not kept["secure"]
    assert not kept["domain"]
    assert MONTHS_S - 5 <= int(kept["max-age"]) <= MONTHS_S
    assert kept.value not in answer.text


async def test_over_https_the_cookie_is_bound_to_host_and_tls(exchange: HttpExchange) -> None:
    """Pages over https get `__Host-`, also where a proxy ends TLS."""
    headers = {**WEB, "Origin": "https://cse.test", "Host": "cse.test"}
    kept = cookie(await exchange.client(**headers).post(LOGIN, json=ADA))
    assert kept.key == "__Host-cse_refresh"
    assert kept["secure"]
    exchange.deps.addresses._trusted = ClientAddresses(["127.0.0.1"])._trusted
    proxied = {"X-CSE-Client": "web", "X-Forwarded-Proto": "https"}
    assert cookie(await exchange.client(**proxied).post(LOGIN, json=ADA)).key == kept.key


async def test_a_refresh_reads_the_cookie_and_sets_the_next(exchange: HttpExchange) -> None:
    """Each refresh changes it; the session goes on, and its new token is good."""
    client = await browser(exchange)
    first = client.cookies["cse_refresh"]
    answer = await client.post(REFRESH, json={})
    assert good(answer).keys() == {"access_token", "expires_in"}
    assert cookie(answer).value == client.cookies["cse_refresh"] != first
    token = good(answer)["access_token"]
    good(await client.get("/api/sessions", headers={"authorization": f"Bearer {token}"}))


async def test_a_browser_without_a_session_is_told_so_without_an_error(
    exchange: HttpExchange,
) -> None:
    """204: every visitor asks once, and nobody has done anything wrong."""
    answer = await exchange.client(**WEB).post(REFRESH, json={})
    assert (answer.status_code, answer.content) == (204, b"")


async def test_logging_out_ends_the_session_and_the_cookie(exchange: HttpExchange) -> None:
    """Afterwards the old cookie opens nothing; logging out again is no error."""
    client = await browser(exchange)
    kept = client.cookies["cse_refresh"]
    answer = await client.post(LOGOUT, json={})
    assert answer.status_code == 204
    assert (cookie(answer).value, cookie(answer)["max-age"]) == ("", "0")
    assert "cse_refresh" not in client.cookies
    again = await client.post(REFRESH, json={}, headers={"cookie": f"cse_refresh={kept}"})
    problem(again, 401, "session_revoked")
    assert cookie(again)["max-age"] == "0"
    assert (await client.post(LOGOUT)).status_code == 204


async def test_a_lost_answer_does_not_log_out(exchange: HttpExchange) -> None:
    """A page that was loaded anew while it refreshed sends the same cookie again, and goes on."""
    client = await browser(exchange)
    before = {"cookie": f"cse_refresh={client.cookies['cse_refresh']}"}
    lost = await exchange.client(**WEB).post(REFRESH, json={}, headers=before)
    again = await exchange.client(**WEB).post(REFRESH, json={}, headers=before)
    kept = {"cookie": f"cse_refresh={cookie(again).value}"}
    assert cookie(again).value != cookie(lost).value
    good(await exchange.client(**WEB).post(REFRESH, json={}, headers=kept))


async def test_a_copied_cookie_ends_the_session(exchange: HttpExchange) -> None:
    """A cookie whose successor was used is reuse at once; the browser's cookie goes with the session."""
    client = await browser(exchange)
    copied = {"cookie": f"cse_refresh={client.cookies['cse_refresh']}"}
    for _ in range(2):
        good(await client.post(REFRESH, json={}))
    thief = await exchange.client(**WEB).post(REFRESH, json={}, headers=copied)
    problem(thief, 401, "refresh_token_reused")
    owner = await client.post(REFRESH, json={})
    problem(owner, 401, "session_revoked")
    assert "cse_refresh" not in client.cookies


async def test_a_program_has_no_second_use_of_a_token(exchange: HttpExchange) -> None:
    """Without the header nothing has changed: tokens in bodies, none in cookies, reuse at once."""
    client = exchange.client()
    answer = await client.post(LOGIN, json=ADA)
    token = good(answer)["refresh_token"]
    assert "set-cookie" not in answer.headers
    good(await client.post(REFRESH, json={"refresh_token": token}))
    problem(await client.post(REFRESH, json={"refresh_token": token}), 401, "refresh_token_reused")


@pytest.mark.parametrize("path", [REFRESH, LOGOUT])
async def test_the_cookie_alone_does_nothing(exchange: HttpExchange, path: str) -> None:
    """What a browser sends by itself is not enough: without the header the cookie is not looked at."""
    client = await browser(exchange)
    del client.headers["X-CSE-Client"]
    refused = await client.post(path, json={})
    assert "refresh_token" in problem(refused, 400, "invalid_request")["fields"]
    client.headers["X-CSE-Client"] = "web"
    good(await client.post(REFRESH, json={}))


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://cse.test.evil.example", "http://cse.test:81", "null", "x"],
)
async def test_pages_of_other_origins_are_refused(exchange: HttpExchange, origin: str) -> None:
    """With the header, too, should they ever be able to send it; and the session stays whole."""
    client = await browser(exchange)
    for path, body in ((LOGIN, ADA), (REFRESH, {}), (LOGOUT, {})):
        answer = await client.post(path, json=body, headers={"Origin": origin})
        problem(answer, 403, "forbidden")
        assert "set-cookie" not in answer.headers
    good(await client.post(REFRESH, json={}))


@pytest.mark.parametrize("origin", ["https://evil.example", "https://partner.example"])
async def test_no_preflight_grants_the_header(exchange: HttpExchange, origin: str) -> None:
    """A page elsewhere must ask before it sends it, and is never allowed to: not even one that may call the API."""
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, x-cse-client",
    }
    answer = await exchange.client().options(REFRESH, headers=asked)
    assert "x-cse-client" not in answer.headers.get("access-control-allow-headers", "").lower()
    assert "access-control-allow-credentials" not in answer.headers


async def test_production_gives_no_cookie_without_tls(tmp_path: Path) -> None:
    """And takes none of those that are not bound to TLS."""
    async with http_exchange(tmp_path, sandbox=False) as made:
        for path, body in ((LOGIN, ADA), (REFRESH, {})):
            answer = await made.client(**WEB).post(path, json=body)
            problem(answer, 403, "forbidden")
            assert "set-cookie" not in answer.headers
        https = {**WEB, "Origin": "https://cse.test", "cookie": "cse_refresh=anything"}
        assert (await made.client(**https).post(REFRESH, json={})).status_code == 204


async def test_a_passkey_log_in_sets_the_cookie(exchange: HttpExchange) -> None:
    """As a password does."""
    keys, key = "/api/auth/passkeys", Authenticator()
    client = await browser(exchange)
    token: Any = good(await client.post(REFRESH, json={}))["access_token"]
    client.headers["authorization"] = f"Bearer {token}"
    options = good(await client.post(f"{keys}/options"))["public_key"]
    good(await client.post(keys, json={"credential": key.create(options), "label": "key"}), 201)
    fresh = exchange.client(**WEB)
    options = good(await fresh.post(f"{keys}/login/options"))["public_key"]
    answer = await fresh.post(f"{keys}/login", json={"credential": key.get(options)})
    assert good(answer).keys() == {"access_token", "expires_in"}
    assert cookie(answer)["httponly"]
    good(await fresh.post(REFRESH, json={}))


async def test_a_closed_account_takes_the_cookie_along(exchange: HttpExchange) -> None:
    """Nothing of the person stays in the browser."""
    client = await browser(exchange)
    token: Any = good(await client.post(REFRESH, json={}))["access_token"]
    client.headers["authorization"] = f"Bearer {token}"
    good(await client.post("/api/account/close", json={"handle": "ada", "reason": "enough"}))
    assert "cse_refresh" not in client.cookies
