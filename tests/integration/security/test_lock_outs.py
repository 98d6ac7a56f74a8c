"""Lock-out over HTTP is no lever against its owner: they log in from elsewhere, and open sessions go on."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from cse.users.throttle import PER_ADDRESS, PER_NETWORK
from tests.integration.http_exchange import PASSWORD, HttpExchange, good, http_exchange, problem
from tests.integration.outbox import letters_of

WHO = {"email": "ada@example.com", "password": PASSWORD}
WRONG = {**WHO, "password": "some wrong password"}


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as made:
        yield made


def client_from(exchange: HttpExchange, address: str) -> httpx.AsyncClient:
    """A client whose connections come from this address."""
    transport = httpx.ASGITransport(app=exchange.app, client=(address, 50_000))
    made = httpx.AsyncClient(transport=transport, base_url="http://cse.test")
    exchange.clients.append(made)
    return made


async def test_a_stranger_is_throttled_and_the_owner_is_not(exchange: HttpExchange) -> None:
    """429 for the stranger, also with the right password; the owner logs in elsewhere; the session goes on."""
    ada = await exchange.person("ada")
    stranger = client_from(exchange, "203.0.113.7")
    for _ in range(PER_NETWORK):
        problem(await stranger.post("/api/auth/login", json=WRONG), 401, "wrong_credentials")
    refused = await stranger.post("/api/auth/login", json=WHO)
    problem(refused, 429, "too_many_attempts")
    assert refused.headers["retry-after"] == "900"
    good(await client_from(exchange, "198.51.100.1").post("/api/auth/login", json=WHO))
    good(await ada.get("/api/balances"))


async def test_a_botnet_does_not_keep_the_owner_out(exchange: HttpExchange) -> None:
    """After a hundred guesses from everywhere strangers wait; where the owner logged in before they still can."""
    home = client_from(exchange, "198.51.100.1")
    ada = await exchange.person("ada")
    good(await home.post("/api/auth/login", json=WHO))
    for number in range(PER_ADDRESS):
        bot = client_from(exchange, f"203.0.113.{number}")
        problem(await bot.post("/api/auth/login", json=WRONG), 401, "wrong_credentials")
    stranger = client_from(exchange, "192.0.2.9")
    problem(await stranger.post("/api/auth/login", json=WHO), 429, "too_many_attempts")
    good(await ada.get("/api/balances"))
    await letters_of(exchange)
    await exchange.people.service.lock_outs.work_off()
    (letter,) = await letters_of(exchange)
    assert (letter.to, letter.subject) == (WHO["email"], "Somebody tries to log in as you")
    good(await home.post("/api/auth/login", json=WHO))
