"""A busy order book for the web app's benchmarks: batches of ten changes, through the public API."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import httpx

MARKET: Final = "NOVA-USDC"
LEVELS: Final = 50
"""Of each side."""
CHANGES: Final = 10
"""In a batch."""
_PASSWORD: Final = "a long pass phrase of 9 words"


@dataclass
class Flow:
    """What was sent so far."""

    sent: int = 0


@asynccontextmanager
async def busy_book(url: str, *, per_second: int) -> AsyncIterator[Flow]:
    """Keep a book of 50 levels a side and change ten of them so often, at set moments; ends with the context."""
    async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as client:
        await _log_in(client)
        market = (await client.get(f"/api/markets/{MARKET}")).raise_for_status().json()
        orders = await _fill(client, market)
        flow = Flow()
        pump = asyncio.create_task(_pump(client, orders, per_second, flow))
        try:
            yield flow
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            (await client.delete("/api/orders")).raise_for_status()


async def _log_in(client: httpx.AsyncClient) -> None:
    who = {"email": "flow@example.com", "password": _PASSWORD}
    await client.post("/api/auth/register", json={**who, "handle": "flow"})
    tokens = (await client.post("/api/auth/login", json=who)).raise_for_status().json()
    client.headers["authorization"] = f"Bearer {tokens['access_token']}"
    for asset in ("NOVA", "USDC"):
        body = {"asset": asset, "amount": "100000"}
        headers = {"idempotency-key": f"{asset}-{time.time_ns()}"}
        (await client.post("/api/sandbox/deposits", json=body, headers=headers)).raise_for_status()


async def _fill(client: httpx.AsyncClient, market: dict[str, Any]) -> list[int]:
    """Place the book; returns the orders' ids."""
    tick, decimals = market["tick_size"], market["price_decimals"]
    unit = 10**decimals
    ticks = int(Decimal(tick) * unit)
    middle = int(Decimal(market["reference_price"]) * unit) // ticks * ticks
    items = []
    for level in range(1, LEVELS + 1):
        for side, price in (("buy", middle - level * ticks), ("sell", middle + level * ticks)):
            text = f"{price // unit}.{price % unit:0{decimals}d}"
            items.append(
                {
                    "op": "place",
                    "market": MARKET,
                    "side": side,
                    "type": "limit",
                    "price": text,
                    "quantity": "20.00",
                }
            )
    ids: list[int] = []
    for start in range(0, len(items), 50):
        answer = await client.post("/api/orders/batch", json={"items": items[start : start + 50]})
        results = answer.raise_for_status().json()["results"]
        ids += [each["order"]["id"] for each in results]
    return ids


async def _pump(client: httpx.AsyncClient, orders: list[int], per_second: int, flow: Flow) -> None:
    """Send batches when they are due, several under way at once, so that a slow answer does not slow the flow."""
    started = time.perf_counter()
    under_way: set[asyncio.Task[None]] = set()
    turn = 0
    while True:
        await asyncio.sleep(max(0.0, started + turn / per_second - time.perf_counter()))
        chosen = [orders[(turn * CHANGES + each) % len(orders)] for each in range(CHANGES)]
        quantity = f"{10 + turn % 7}.00"
        items = [{"op": "amend", "order_id": order, "quantity": quantity} for order in chosen]
        task = asyncio.create_task(_send(client, items, flow))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        turn += 1


async def _send(client: httpx.AsyncClient, items: list[dict[str, Any]], flow: Flow) -> None:
    (await client.post("/api/orders/batch", json={"items": items})).raise_for_status()
    flow.sent += 1
