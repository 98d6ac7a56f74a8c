"""Registration, proofs of addresses and their change over HTTP: by a link as in production, at once in the sandbox."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cse.settings import Settings
from tests.integration.http_exchange import PASSWORD, HttpExchange, good, http_exchange, problem
from tests.integration.outbox import letters_of, token_in, tokens_of

WHO = {"email": "ada@example.com", "password": PASSWORD}
ADA = {**WHO, "handle": "Ada_L"}
KEY = {"name": "bot", "kind": "hmac-sha256"}


def settings(folder: Path, **mail: str) -> Settings:
    """A sandbox that proves addresses first, as production does."""
    fields: dict[str, Any] = {"data_dir": folder, "registration": {"verify_email": True}}
    return Settings.model_validate({**fields, "mail": mail})


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    """Addresses are proved first."""
    async with http_exchange(tmp_path, settings=settings(tmp_path)) as exchange:
        yield exchange


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    """The sandbox as it comes."""
    async with http_exchange(tmp_path) as exchange:
        yield exchange


async def verify(client: httpx.AsyncClient, token: str, **more: str) -> httpx.Response:
    return await client.post(
        "/api/auth/verify-email", json={"token": token, "password": PASSWORD, **more}
    )


async def joined(exchange: HttpExchange) -> httpx.AsyncClient:
    """Ada, by a link, logged in."""
    client = exchange.client()
    good(await client.post("/api/auth/register", json=ADA), 202)
    (token,) = await tokens_of(exchange)
    good(await verify(client, token), 201)
    tokens = good(await client.post("/api/auth/login", json=WHO))
    client.headers["authorization"] = f"Bearer {tokens['access_token']}"
    return client


async def test_somebody_joins_by_a_link_and_trades(strict: HttpExchange) -> None:
    """202 and a letter; the token gives the account, which can log in, is proved and gets play money."""
    client = await joined(strict)
    own = good(await client.get("/api/auth/email"))
    assert (own["email"], own["email_verified"]) == (WHO["email"], True)
    assert good(await client.get("/api/balances")) == {"balances": []}
    made = await client.post("/api/keys", json={**KEY, "scopes": ["read", "withdraw"]})
    assert good(made, 201)["key"]["scopes"] == ["read", "withdraw"]


async def test_before_the_link_there_is_nobody(strict: HttpExchange) -> None:
    """Logging in is refused as for everybody who is not here; a token that is none is 400."""
    client = strict.client()
    answer = good(await client.post("/api/auth/register", json=ADA), 202)
    assert answer == {"status": "verification_sent"}
    problem(await client.post("/api/auth/login", json=WHO), 401, "wrong_credentials")
    refused = problem(await verify(client, "x" * 43), 400, "invalid_request")
    assert "token" in refused["fields"]


async def test_a_taken_handle_is_told_and_the_token_stays_good(strict: HttpExchange) -> None:
    """409 at once for somebody's handle, 409 later for one that was taken meanwhile; another one is taken then."""
    client = strict.client()
    good(await client.post("/api/auth/register", json=ADA), 202)
    (adas,) = await tokens_of(strict)
    bob = {"email": "bob@example.com", "password": PASSWORD, "handle": "ada_l"}
    good(await client.post("/api/auth/register", json=bob), 202)
    (bobs,) = await tokens_of(strict)
    good(await verify(client, bobs), 201)
    eve = {**bob, "email": "eve@example.com"}
    problem(await client.post("/api/auth/register", json=eve), 409, "handle_taken")
    problem(await verify(client, adas), 409, "handle_taken")
    user = good(await verify(client, adas, handle="ada2"), 201)["user"]
    assert (user["email"], user["handle"]) == (WHO["email"], "ada2")


async def test_what_a_link_takes(strict: HttpExchange) -> None:
    """Unknown fields are refused: nobody registers themselves as somebody."""
    client = strict.client()
    body = {**ADA, "verified_at": 1, "role": "admin"}
    problem(await client.post("/api/auth/register", json=body), 400, "invalid_request")
    body = {"token": "x" * 43, "account_id": "1000"}
    problem(await client.post("/api/auth/verify-email", json=body), 400, "invalid_request")


async def test_the_sandbox_registers_at_once_and_proves_later(sandbox: HttpExchange) -> None:
    """201 and a log-in as always; the letter's token notes the proof, once (200, then 400)."""
    ada = await sandbox.person("ada")
    (token,) = await tokens_of(sandbox)
    assert good(await ada.get("/api/auth/email"))["email_verified"] is False
    assert good(await verify(ada, token), 200)["user"]["handle"] == "ada"
    assert good(await ada.get("/api/auth/email"))["email_verified"] is True
    problem(await verify(ada, token), 400, "invalid_request")
    again = {**ADA, "handle": "other"}
    problem(await ada.post("/api/auth/register", json=again), 409, "email_taken")


async def test_keys_that_withdraw_need_a_proved_address(sandbox: HttpExchange) -> None:
    """403 `email_not_verified` and no key before the proof; keys that trade are made without it."""
    ada = await sandbox.person("ada")
    (token,) = await tokens_of(sandbox)
    wanted = {**KEY, "scopes": ["read", "withdraw"]}
    problem(await ada.post("/api/keys", json=wanted), 403, "email_not_verified")
    good(await ada.post("/api/keys", json={**KEY, "scopes": ["read", "trade"]}), 201)
    assert len(good(await ada.get("/api/keys"))["keys"]) == 1
    good(await verify(ada, token))
    good(await ada.post("/api/keys", json=wanted), 201)


async def test_another_letter_says_the_same_to_all(sandbox: HttpExchange) -> None:
    """Same status, same bytes for who waits for a proof, for who does not, and for nobody."""
    client = await sandbox.person("ada")
    await letters_of(sandbox)
    answers = [
        await client.post("/api/auth/verify-email/resend", json={"email": email})
        for email in ("ada@example.com", "nobody@example.com")
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (202, answers[0].content)
    }
    registration = sandbox.deps.concerns.registration
    assert registration is not None
    await registration.work_off()
    (letter,) = await letters_of(sandbox)
    assert letter.to == "ada@example.com"
    assert token_in(letter)


async def test_an_address_is_changed_with_both_sides_told(sandbox: HttpExchange) -> None:
    """The link goes to the new one, the notice to the old one; afterwards the new one logs in."""
    ada = await sandbox.person("ada")
    await letters_of(sandbox)
    good(await ada.post("/api/auth/email", json={"email": "Ada@New.example.com"}), 202)
    letters = await letters_of(sandbox)
    assert [one.to for one in letters] == ["ada@new.example.com", "ada@example.com"]
    body = {"token": token_in(letters[0])}
    own = good(await sandbox.client().post("/api/auth/email/confirm", json=body))
    assert (own["email"], own["email_verified"]) == ("ada@new.example.com", True)
    assert {one.to for one in await letters_of(sandbox)} == {
        "ada@new.example.com",
        "ada@example.com",
    }
    new = {**WHO, "email": "ada@new.example.com"}
    good(await ada.post("/api/auth/login", json=new))
    problem(await ada.post("/api/auth/login", json=WHO), 401, "wrong_credentials")
    good(await ada.get("/api/auth/email"))


async def test_a_change_of_address_is_for_people_and_bounded(sandbox: HttpExchange) -> None:
    """401 without a log-in; 400 for the own address; 429 `too_many_letters` with Retry-After at the fourth."""
    nobody = sandbox.client()
    body = {"email": "new@example.com"}
    problem(await nobody.post("/api/auth/email", json=body), 401, "not_authenticated")
    ada = await sandbox.person("ada")
    own = {"email": "ada@example.com"}
    problem(await ada.post("/api/auth/email", json=own), 400, "invalid_request")
    for _ in range(3):
        good(await ada.post("/api/auth/email", json=body), 202)
    refused = await ada.post("/api/auth/email", json=body)
    problem(refused, 429, "too_many_letters")
    assert refused.headers["retry-after"] == "3600"


async def test_letters_link_to_the_configured_page(tmp_path: Path) -> None:
    """The token is in the fragment: no server's log and no Referer has it."""
    page = settings(tmp_path, verify_page="https://example.com/verify")
    async with http_exchange(tmp_path, settings=page) as exchange:
        good(await exchange.client().post("/api/auth/register", json=ADA), 202)
        (letter,) = await letters_of(exchange)
        assert "https://example.com/verify#token=" in letter.text


async def test_nobody_writes_to_bots(sandbox: HttpExchange) -> None:
    """Addresses that no mail can reach get no letters: the demo's bots would fill the log and the mailbox."""
    client = sandbox.client()
    bot = {"email": "maker_1@sandbox.example", "password": PASSWORD, "handle": "maker_1"}
    good(await client.post("/api/auth/register", json=bot), 201)
    good(await client.post("/api/auth/register", json=ADA), 201)
    assert [one.to for one in await letters_of(sandbox)] == [WHO["email"]]


async def test_nobody_opens_an_account_whose_password_a_stranger_chose(
    strict: HttpExchange,
) -> None:
    """Somebody registers with Ada's address: her click alone, or a wrong password, begins nothing; the token stays."""
    client = strict.client()
    good(await client.post("/api/auth/register", json=ADA), 202)
    (token,) = await tokens_of(strict)
    for body in ({"token": token}, {"token": token, "password": "not the one he chose"}):
        answer = await client.post("/api/auth/verify-email", json=body)
        assert "password" in problem(answer, 400, "invalid_request")["fields"]
    problem(await client.post("/api/auth/login", json=WHO), 401, "wrong_credentials")
    good(await verify(client, token), 201)
