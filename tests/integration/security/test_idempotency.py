"""100 parallel requests with one idempotency key do the thing once."""

import asyncio
from pathlib import Path

from tests.integration.http_exchange import good, http_exchange, order


async def test_100_parallel_deposits_with_one_idempotency_key(tmp_path: Path) -> None:
    """All hundred are answered, one credits, and the same key of somebody else is theirs."""
    async with http_exchange(tmp_path) as exchange:
        ada, bob = await exchange.person("ada"), await exchange.person("bob")
        body, headers = {"asset": "USDC", "amount": "10"}, {"idempotency-key": "one"}
        answers = await asyncio.gather(
            *(ada.post("/api/sandbox/deposits", json=body, headers=headers) for _ in range(100))
        )
        assert {answer.status_code for answer in answers} <= {200, 201}
        assert sum(answer.status_code == 201 for answer in answers) == 1
        assert good(await ada.get("/api/balances"))["balances"][0]["available"] == "10.000000"
        good(await bob.post("/api/sandbox/deposits", json=body, headers=headers), 201)


async def test_100_parallel_orders_with_one_client_order_id(tmp_path: Path) -> None:
    """One order is placed; ninety-nine are told which."""
    async with http_exchange(tmp_path) as exchange:
        ada = await exchange.trader("ada")
        body = order("buy", "1.2000", "1.00", client_order_id="once")
        answers = await asyncio.gather(*(ada.post("/api/orders", json=body) for _ in range(100)))
        assert sorted(answer.status_code for answer in answers) == [200] * 99 + [201]
        assert len({answer.json()["order"]["id"] for answer in answers}) == 1
        assert len(good(await ada.get("/api/orders"))["orders"]) == 1
