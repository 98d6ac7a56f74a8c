"""API keys belong to one account: what they sign acts on that one, whatever they say, over HTTP and WebSocket."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.http_exchange import HttpExchange, good, http_exchange, order, problem
from tests.integration.sub_accounts.parts import acting, available, main_of, sub_account, transfer


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


class Bot:
    """A program with an HMAC key."""

    def __init__(self, exchange: HttpExchange, made: dict[str, Any]) -> None:
        self.key_id: str = made["key"]["id"]
        self.account_id: int = made["key"]["account_id"]
        self._secret: bytes = made["secret"].encode()
        self._client = exchange.client()
        self._at_ms = int(time.time() * 1_000)

    async def send(
        self, method: str, target: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        self._at_ms += 1
        raw = b"" if body is None else json.dumps(body).encode()
        message = f"{self._at_ms}{method}{target}".encode() + raw
        signed = {
            "x-cse-key": self.key_id,
            "x-cse-timestamp": str(self._at_ms),
            "x-cse-signature": hmac.new(self._secret, message, hashlib.sha256).hexdigest(),
            "x-cse-recv-window": "60000",
        }
        if raw:
            signed["content-type"] = "application/json"
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._client.request(method, target, content=raw, headers=signed | headers)


async def bot(
    exchange: HttpExchange, owner: httpx.AsyncClient, account_id: int | None, **more: Any
) -> Bot:
    """A bot of an account of somebody's."""
    asked = {"name": "bot", "kind": "hmac-sha256", "scopes": ["read", "trade"], **more}
    if account_id is not None:
        asked["account_id"] = account_id
    return Bot(exchange, good(await owner.post("/api/keys", json=asked), 201))


async def test_a_key_acts_on_its_account_and_no_other(exchange: HttpExchange) -> None:
    """Balances and orders are those of the account that it was made for."""
    ada = await exchange.trader("ada")
    main, sub = await main_of(ada), await sub_account(ada)
    good(await transfer(ada, main, sub, "50"), 201)
    of_main, of_sub = await bot(exchange, ada, None), await bot(exchange, ada, sub)
    assert (of_main.account_id, of_sub.account_id) == (main, sub)
    for each in (of_main, of_sub):
        assert good(await each.send("GET", "/api/account"))["account_id"] == each.account_id
    placed = good(await of_sub.send("POST", "/api/orders", order("buy", "1.2000", "1.00")), 201)
    order_id = placed["order"]["id"]
    problem(await of_main.send("GET", f"/api/orders/{order_id}"), 404, "order_not_found")
    good(await ada.get(f"/api/orders/{order_id}", headers=acting(sub)))
    keys = good(await ada.get("/api/keys"))["keys"]
    assert [key["account_id"] for key in keys] == [sub, main]


async def test_a_key_is_for_the_account_that_its_making_acts_on(exchange: HttpExchange) -> None:
    """With the header and no `account_id` it is the sub-account's: less power, never more, than was meant."""
    ada = await exchange.person("ada")
    sub = await sub_account(ada)
    asked = {"name": "bot", "kind": "hmac-sha256", "scopes": ["read"]}
    made = good(await ada.post("/api/keys", json=asked, headers=acting(sub)), 201)
    assert made["key"]["account_id"] == sub


async def test_a_key_cannot_name_another_account(exchange: HttpExchange) -> None:
    """403 alike for its owner's other accounts, for strangers' and for none; its own may stand there."""
    ada, bob = await exchange.trader("ada"), await exchange.trader("bob")
    main, sub, other = await main_of(ada), await sub_account(ada), await main_of(bob)
    of_main, of_sub = await bot(exchange, ada, main), await bot(exchange, ada, sub)
    for each in (of_main, of_sub):
        for named in {main, sub, other, 999_999} - {each.account_id}:
            answer = await each.send("GET", "/api/balances", x_cse_account=str(named))
            problem(answer, 403, "forbidden")
        own = str(each.account_id)
        good(await each.send("GET", "/api/account", x_cse_account=own))


async def test_nobody_makes_a_key_of_another_persons_account(exchange: HttpExchange) -> None:
    """404 alike for a first account, a sub-account and one that there is not; no key is made."""
    ada, bob = await exchange.person("ada"), await exchange.person("bob")
    asked = {"name": "bot", "kind": "hmac-sha256", "scopes": ["read"]}
    for account_id in (await main_of(bob), await sub_account(bob), 999_999):
        answer = await ada.post("/api/keys", json=asked | {"account_id": account_id})
        problem(answer, 404, "account_not_found")
    assert good(await ada.get("/api/keys"))["keys"] == []


async def test_transfers_are_for_the_first_accounts_key_with_the_scope_trade(
    exchange: HttpExchange,
) -> None:
    """A sub-account's key, and one that may only read, move nothing; each lists its own account's."""
    ada = await exchange.trader("ada", usdc="100")
    main, sub = await main_of(ada), await sub_account(ada)
    body = {"from_account_id": main, "to_account_id": sub, "asset": "USDC", "amount": "5"}
    of_main, of_sub = await bot(exchange, ada, main), await bot(exchange, ada, sub)
    reader = await bot(exchange, ada, main, scopes=["read"])
    key = {"idempotency_key": "bots"}
    for refused in (of_sub, reader):
        problem(await refused.send("POST", "/api/transfers", body, **key), 403, "forbidden")
    back = body | {"from_account_id": sub, "to_account_id": main}
    problem(await of_sub.send("POST", "/api/transfers", back, **key), 403, "forbidden")
    assert await available(ada, sub) == "0"
    good(await of_main.send("POST", "/api/transfers", body, **key), 201)
    good(await of_main.send("POST", "/api/transfers", body, **key))
    assert await available(ada, sub) == "5.000000"
    [theirs] = good(await of_sub.send("GET", "/api/transfers"))["transfers"]
    assert (theirs["from_account_id"], theirs["to_account_id"]) == (None, sub)
    [whole] = good(await of_main.send("GET", "/api/transfers"))["transfers"]
    assert (whole["from_account_id"], whole["to_account_id"]) == (main, sub)


async def test_no_key_makes_renames_or_closes_sub_accounts(exchange: HttpExchange) -> None:
    """Not even sees them: that is for people who log in."""
    ada = await exchange.person("ada")
    sub = await sub_account(ada)
    program = await bot(exchange, ada, None)
    for method, target, body in (
        ("GET", "/api/sub-accounts", None),
        ("POST", "/api/sub-accounts", {"label": "x"}),
        ("PATCH", f"/api/sub-accounts/{sub}", {"label": "x"}),
        ("POST", f"/api/sub-accounts/{sub}/close", None),
    ):
        problem(await program.send(method, target, body), 403, "forbidden")


async def test_a_key_of_hmac_over_http_from_its_making_to_its_end(exchange: HttpExchange) -> None:
    """Its secret comes once, signs requests, is rotated with an overlap, and is gone with the key."""
    ada = await exchange.person("ada")
    program = await bot(exchange, ada, None)
    good(await program.send("GET", "/api/balances"))
    assert "secret" not in (await ada.get("/api/keys")).text
    path = f"/api/keys/{program.key_id}/rotate"
    rotated = good(await ada.post(path, json={"overlap_ms": 900_000}))
    assert rotated["secret"]
    assert rotated["key"]["old_until"] > rotated["key"]["created_at"]
    renewed = Bot(exchange, rotated)
    for each in (program, renewed):
        good(await each.send("GET", "/api/balances"))
    problem(await ada.post(path, json={}), 409, "rotation_runs")
    for wrong in ({"public_key": "ab" * 32}, {"overlap_ms": 1}, {"secret": "mine"}):
        problem(await ada.post(path, json=wrong), 400, "invalid_request")
    good(await ada.delete(f"/api/keys/{program.key_id}"))
    for each in (program, renewed):
        problem(await each.send("GET", "/api/balances"), 401, "invalid_api_key")
    problem(await ada.post(path, json={}), 409, "key_not_good")


async def test_a_body_that_asks_for_a_secret_of_its_own_is_refused(exchange: HttpExchange) -> None:
    """HMAC takes no public key and no secret from outside; kinds that there are not are none."""
    ada = await exchange.person("ada")
    asked = {"name": "bot", "kind": "hmac-sha256", "scopes": ["read"]}
    for wrong in ({"public_key": "ab" * 32}, {"secret": "mine"}, {"kind": "hmac-md5"}):
        problem(await ada.post("/api/keys", json=asked | wrong), 400, "invalid_request")
    assert good(await ada.get("/api/keys"))["keys"] == []
