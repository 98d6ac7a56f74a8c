"""Own money over HTTP: deposits happen once, every movement is in the ledger, pages have no holes or doubles."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import httpx
import pytest

from cse.core.errors import OutcomeUnknown
from tests.integration.http_exchange import HttpExchange, good, http_exchange, place, problem

DEPOSITS = "/api/sandbox/deposits"


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


async def pages(client: httpx.AsyncClient, path: str, name: str, limit: int) -> list[Any]:
    """All items of a list, walked page by page."""
    items: list[Any] = []
    cursor: str | None = None
    while True:
        params = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        page = good(await client.get(path, params=params))
        assert len(page[name]) <= limit
        items += page[name]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


async def test_a_deposit_happens_once_per_key(exchange: HttpExchange) -> None:
    """The same key and body answer 200 and credit nothing; another body is 409; another account is apart."""
    ada, bob = await exchange.person("ada"), await exchange.person("bob")
    key, body = {"idempotency-key": "monday"}, {"asset": "USDC", "amount": "12.5"}
    first = good(await ada.post(DEPOSITS, json=body, headers=key), 201)
    assert first == {
        "asset": "USDC",
        "amount": "12.500000",
        "balance": {"asset": "USDC", "available": "12.500000", "held": "0.000000"},
    }
    again = await ada.post(DEPOSITS, json=body, headers=key)
    assert good(again) == first
    assert again.headers["idempotent-replayed"] == "true"
    other = await ada.post(DEPOSITS, json={**body, "amount": "13"}, headers=key)
    problem(other, 409, "key_conflict")
    good(await bob.post(DEPOSITS, json=body, headers=key), 201)
    assert good(await ada.get("/api/balances"))["balances"] == [first["balance"]]


async def test_a_deposit_whose_answer_got_lost_is_safe_to_repeat(exchange: HttpExchange) -> None:
    """After `outcome_unknown` the same key gives the outcome, credited exactly once."""
    ada = await exchange.person("ada")
    key, body = {"idempotency-key": "lost"}, {"asset": "USDC", "amount": "5"}
    exchange.queue.after = OutcomeUnknown("the disk failed midway")
    problem(await ada.post(DEPOSITS, json=body, headers=key), 503, "outcome_unknown")
    exchange.queue.after = None
    assert (
        good(await ada.post(DEPOSITS, json=body, headers=key))["balance"]["available"] == "5.000000"
    )


async def test_play_money_is_for_the_sandbox(tmp_path: Path) -> None:
    """An exchange that is no sandbox has no such path and does not describe it."""
    async with http_exchange(tmp_path, sandbox=False) as exchange:
        ada = await exchange.person("ada")
        answer = await ada.post(DEPOSITS, json={}, headers={"idempotency-key": "k"})
        problem(answer, 404, "not_found")
        assert DEPOSITS not in good(await ada.get("/api/openapi.json"))["paths"]


async def test_the_ledger_adds_up_to_the_balances(exchange: HttpExchange) -> None:
    """The sum of all movements of each bucket is its balance, and walking pages gives each line once."""
    ada, bob = await exchange.trader("ada"), await exchange.trader("bob")
    await place(bob, "sell", "1.2400", "4.00")
    await place(ada, "buy", "1.2500", "10.00")
    lines = await pages(ada, "/api/ledger", "ledger", 3)
    assert lines == good(await ada.get("/api/ledger"))["ledger"]
    for balance in good(await ada.get("/api/balances"))["balances"]:
        for bucket in ("available", "held"):
            own = [x for x in lines if (x["asset"], x["bucket"]) == (balance["asset"], bucket)]
            total = sum((Decimal(line["amount"]) for line in own), Decimal())
            assert total == Decimal(balance[bucket]), (balance, bucket)
    of_nova = good(await ada.get("/api/ledger", params={"asset": "NOVA"}))["ledger"]
    assert of_nova == [line for line in lines if line["asset"] == "NOVA"]
    problem(await ada.get("/api/ledger?asset=NONE"), 404, "asset_not_found")


async def test_fills_are_listed_once_each(exchange: HttpExchange) -> None:
    """All fills of an account, newest first, whoever was maker; walking pages gives each one once."""
    ada, bob = await exchange.trader("ada"), await exchange.trader("bob")
    for _ in range(5):
        await place(bob, "sell", "1.2400", "1.00")
    taken = (await place(ada, "buy", "1.2500", "5.00"))["order"]["id"]
    fills = await pages(ada, "/api/fills", "fills", 2)
    assert [fill["trade_id"] for fill in fills] == [5, 4, 3, 2, 1]
    assert {fill["order_id"] for fill in fills} == {taken}
    assert {(f["liquidity"], f["side"], f["market"]) for f in fills} == {
        ("taker", "buy", "NOVA-USDC")
    }
    theirs = await pages(bob, "/api/fills", "fills", 100)
    assert {(f["liquidity"], f["fee_asset"]) for f in theirs} == {("maker", "USDC")}
    assert good(await ada.get("/api/fills?market=LUMEN-USDC"))["fills"] == []


async def test_the_account_tells_its_fees_and_limits(exchange: HttpExchange) -> None:
    """Status, tier, fees and open orders are those of the caller, limits those that are enforced."""
    ada = await exchange.trader("ada")
    await place(ada, "buy", "1.2000", "1.00")
    told = good(await ada.get("/api/account"))
    assert told == {
        "account_id": told["account_id"],
        "status": "open",
        "fee_tier": 0,
        "maker_fee_ppm": 1_000,
        "taker_fee_ppm": 2_000,
        "open_orders": 1,
        "limits": {
            "orders_per_second": 100_000,
            "order_burst": 1_000_000,
            "batch_items": 50,
            "cancel_after_ms": 86_400_000,
            "order_to_trade": {
                "exempt": False,
                "orders_10s": 50_000,
                "orders_10s_used": ANY,  # 0 or 1: a place comes back every 0.2 ms,
                "orders_24h": 50_000_000,
                "orders_24h_used": ANY,  # ... and every 1.7 ms (few places: test_order_to_trade.py)
                "cancels_per_second": 5_000,
                "cancel_burst": 50_000,
                "cancels_used": 0,
            },
        },
        "cancel_at": None,
    }
