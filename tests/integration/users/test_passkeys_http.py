"""Passkeys over HTTP and SQL: what is told, what is refused, who may not; nothing is served that is not configured."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cse.settings import Settings
from tests.integration.http_exchange import (
    PASSWORD,
    HttpExchange,
    good,
    http_exchange,
    problem,
)
from tests.unit.users.authenticator import Authenticator, b64

KEYS = "/api/auth/passkeys"


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as made:
        yield made


async def add(client: httpx.AsyncClient, key: Authenticator, label: str = "phone") -> Any:
    options = good(await client.post(f"{KEYS}/options"))["public_key"]
    body = {"credential": key.create(options), "label": label}
    return good(await client.post(KEYS, json=body), 201)


async def used(client: httpx.AsyncClient, key: Authenticator, path: str = "login") -> Any:
    options = good(await client.post(f"{KEYS}/{path}/options"))["public_key"]
    return key.get(options)


def body_of(name: str, **more: Any) -> dict[str, Any]:
    return {"email": f"{name}@example.com", "password": PASSWORD, **more}


async def test_second_factor_over_http(exchange: HttpExchange) -> None:
    """The 401 tells the kinds and the options; a wrong assertion is one code whatever was wrong with it."""
    ada, key = await exchange.person("ada"), Authenticator()
    codes = (await add(ada, key))["recovery_codes"]
    asked = (await ada.post("/api/auth/login", json=body_of("ada"))).json()
    assert asked["code"] == "second_factor_required"
    assert asked["second_factor"]["kinds"] == ["passkey", "recovery_code"]
    options = asked["second_factor"]["passkey_options"]
    wrong = Authenticator().get(options)
    answer = await ada.post("/api/auth/login", json=body_of("ada", passkey=wrong))
    problem(answer, 401, "wrong_second_factor")
    burnt = await ada.post("/api/auth/login", json=body_of("ada", passkey=key.get(options)))
    problem(burnt, 401, "wrong_second_factor")
    asked = (await ada.post("/api/auth/login", json=body_of("ada"))).json()
    again = key.get(asked["second_factor"]["passkey_options"])
    good(await ada.post("/api/auth/login", json=body_of("ada", passkey=again)))
    good(await ada.post("/api/auth/login", json=body_of("ada", recovery_code=codes[0])))
    status = good(await ada.get("/api/auth/totp"))
    assert (status["passkeys"], status["recovery_codes_left"]) == (1, 9)


async def test_a_passkey_session_is_a_session(exchange: HttpExchange) -> None:
    """It is listed with its device, trades, and ends by log-out; the log-in before it told nobody's name."""
    ada, key = await exchange.person("ada"), Authenticator()
    await add(ada, key)
    fresh = exchange.client(**{"user-agent": "a phone"})
    asked = {"credential": await used(fresh, key)}
    pair = good(await fresh.post(f"{KEYS}/login", json=asked))
    fresh.headers["authorization"] = f"Bearer {pair['access_token']}"
    mine = good(await fresh.get("/api/sessions"))["sessions"]
    assert [each["user_agent"] for each in mine if each["current"]] == ["a phone"]
    good(await fresh.get("/api/balances"))
    assert (await fresh.post("/api/auth/logout")).status_code == 204
    problem(await fresh.get("/api/balances"), 401, "session_revoked")
    problem(await fresh.post(f"{KEYS}/login", json=asked), 401, "wrong_passkey")


async def test_somebody_elses_passkey_is_not_there(exchange: HttpExchange) -> None:
    """404 for its id, whoever asks; nobody without a log-in sees or makes any."""
    ada, bob = await exchange.person("ada"), await exchange.person("bob")
    key = Authenticator()
    own = (await add(ada, key))["passkey"]["id"]
    problem(await bob.patch(f"{KEYS}/{own}", json={"label": "mine"}), 404, "not_found")
    problem(await bob.delete(f"{KEYS}/{own}"), 404, "not_found")
    theirs = await bob.post(f"{KEYS}/{own}/remove", json={"password": PASSWORD})
    problem(theirs, 404, "not_found")
    assert good(await bob.get(KEYS)) == {"passkeys": []}
    options = good(await bob.post(f"{KEYS}/options"))["public_key"]
    taken = {"credential": key.create(options), "label": "mine"}
    problem(await bob.post(KEYS, json=taken), 409, "passkey_known")
    nobody = exchange.client()
    problem(await nobody.get(KEYS), 401, "not_authenticated")
    problem(await nobody.post(f"{KEYS}/options"), 401, "not_authenticated")
    problem(await nobody.post(f"{KEYS}/step-up/options"), 401, "not_authenticated")


async def test_the_last_factor_over_http(exchange: HttpExchange) -> None:
    """409 first, 403 with a wrong password, then gone with all its recovery codes, and a letter for each change."""
    ada, key = await exchange.person("ada"), Authenticator()
    own = (await add(ada, key))["passkey"]["id"]
    problem(await ada.delete(f"{KEYS}/{own}"), 409, "last_factor")
    wrong = await ada.post(f"{KEYS}/{own}/remove", json={"password": "not the password"})
    problem(wrong, 403, "wrong_proof")
    proof = await used(ada, key, "step-up")
    good(await ada.post("/api/auth/step-up", json={"passkey": proof}))
    good(await ada.post(f"{KEYS}/{own}/remove", json={"password": PASSWORD}))
    left = good(await ada.get("/api/auth/totp"))
    assert (left["passkeys"], left["recovery_codes_left"]) == (0, 0)
    good(await ada.post("/api/auth/login", json=body_of("ada")))


async def test_malformed_passkeys_are_400_and_change_nothing(exchange: HttpExchange) -> None:
    """The field is named; bytes that are no attestation are refused neutrally."""
    ada = await exchange.person("ada")
    options = good(await ada.post(f"{KEYS}/options"))["public_key"]
    made = Authenticator().create(options)
    for bad in (
        {**made, "type": "password"},
        {**made, "id": ""},
        {**made, "id": "a+b/"},
        {**made, "id": "x" * 1_365},
        {**made, "response": {**made["response"], "attestationObject": 7}},
        {**made, "response": {}},
    ):
        answer = await ada.post(KEYS, json={"credential": bad, "label": "x"})
        problem(answer, 400, "invalid_request")
    unlabelled = await ada.post(KEYS, json={"credential": made, "label": "\u202e"})
    problem(unlabelled, 400, "invalid_request")
    junk = {**made, "response": {**made["response"], "attestationObject": b64(b"\xff" * 40)}}
    problem(await ada.post(KEYS, json={"credential": junk, "label": "x"}), 400, "passkey_refused")
    problem(await ada.post(KEYS, json={"credential": made, "label": "x"}), 400, "passkey_refused")
    bad_login = await ada.post("/api/auth/login", json=body_of("ada", passkey={"id": "x"}))
    problem(bad_login, 400, "invalid_request")
    assert good(await ada.get(KEYS)) == {"passkeys": []}


async def test_production_without_a_domain_says_what_is_missing(tmp_path: Path) -> None:
    """503 with the settings' names, before anything else is looked at."""
    settings = Settings(mode="production", data_dir=tmp_path)
    async with http_exchange(tmp_path, settings=settings) as exchange:
        nobody = exchange.client()
        answer = problem(await nobody.post(f"{KEYS}/login/options"), 503, "unavailable")
        assert "passkeys.rp_id" in answer["detail"]
