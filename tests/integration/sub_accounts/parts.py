"""What tests of sub-accounts share: making one, acting on it, moving money."""

from typing import Any

import httpx

from tests.integration.http_exchange import good


async def sub_account(client: httpx.AsyncClient, label: str = "hedge") -> int:
    """A new sub-account of somebody; its id."""
    made = good(await client.post("/api/sub-accounts", json={"label": label}), 201)["sub_account"]
    assert made["status"] == "open", made
    account_id: int = made["account_id"]
    return account_id


def acting(account_id: int) -> dict[str, str]:
    """The header that names an account."""
    return {"x-cse-account": str(account_id)}


async def main_of(client: httpx.AsyncClient) -> int:
    """The first account of whoever is logged in."""
    account_id: int = good(await client.get("/api/account"))["account_id"]
    return account_id


async def transfer(
    client: httpx.AsyncClient,
    from_id: int,
    to_id: int,
    amount: str,
    *,
    key: str = "k1",
    asset: str = "USDC",
) -> httpx.Response:
    """Ask for a transfer."""
    body = {
        "from_account_id": from_id,
        "to_account_id": to_id,
        "asset": asset,
        "amount": amount,
    }
    return await client.post("/api/transfers", json=body, headers={"idempotency-key": key})


async def available(client: httpx.AsyncClient, account_id: int, asset: str = "USDC") -> str:
    """What an account can spend."""
    answer = good(await client.get("/api/balances", headers=acting(account_id)))
    found: list[dict[str, Any]] = [b for b in answer["balances"] if b["asset"] == asset]
    return str(found[0]["available"]) if found else "0"
