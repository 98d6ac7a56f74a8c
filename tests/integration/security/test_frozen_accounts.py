"""A frozen or closed account is logged out everywhere, through the whole exchange: engine, events, SQL, HTTP."""

from pathlib import Path

import httpx

from cse.messages.commands import SetAccountStatus
from cse.messages.wire import AccountStatus
from tests.integration.http_exchange import PASSWORD, HttpExchange, good, http_exchange
from tests.waiting import wait_until_async

ADA = {"email": "ada@example.com", "password": PASSWORD}


async def set_status(exchange: HttpExchange, account_id: int, status: AccountStatus) -> None:
    await exchange.queue.submit(SetAccountStatus(account_id, status))


async def is_ended(client: httpx.AsyncClient) -> bool:
    answer = await client.get("/api/account")
    return answer.status_code == 401 and answer.json()["code"] == "session_revoked"


async def test_a_frozen_account_is_logged_out_and_kept_out_until_it_is_unfrozen(
    tmp_path: Path,
) -> None:
    """Its sessions end without anybody asking, log-ins are refused; unfrozen, one logs in again; others go on."""
    async with http_exchange(tmp_path) as exchange:
        ada, bob = await exchange.person("ada"), await exchange.person("bob")
        account_id = good(await ada.get("/api/account"))["account_id"]
        await set_status(exchange, account_id, AccountStatus.FROZEN)
        await wait_until_async(lambda: is_ended(ada), what="the end of the session")
        refused = await exchange.client().post("/api/auth/login", json=ADA)
        assert (refused.status_code, refused.json()["code"]) == (403, "account_frozen")
        good(await bob.get("/api/account"))
        await set_status(exchange, account_id, AccountStatus.OPEN)
        again = good(await exchange.client().post("/api/auth/login", json=ADA))
        assert await is_ended(ada), "a session that was ended stays ended"
        ada.headers["authorization"] = f"Bearer {again['access_token']}"
        good(await ada.get("/api/account"))


async def test_a_closed_account_is_logged_out_for_good(tmp_path: Path) -> None:
    """As a frozen one, with a code of its own."""
    async with http_exchange(tmp_path) as exchange:
        ada = await exchange.person("ada")
        account_id = good(await ada.get("/api/account"))["account_id"]
        await set_status(exchange, account_id, AccountStatus.CLOSED)
        await wait_until_async(lambda: is_ended(ada), what="the end of the session")
        refused = await exchange.client().post("/api/auth/login", json=ADA)
        assert (refused.status_code, refused.json()["code"]) == (403, "account_closed")
