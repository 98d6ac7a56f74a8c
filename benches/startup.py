"""How long the exchange takes to be ready: on a fresh folder, again, and with many orders journalled."""

import asyncio
import json
import statistics

from benches import open_loop
from benches.exchange import Exchange, order
from benches.report import Figure


def run(*, quick: bool) -> list[Figure]:
    """Start, stop, start again; then place orders and start over them."""
    exchange = Exchange()
    first = exchange.start()
    with exchange:
        exchange.stop()
        again = []
        for _ in range(1 if quick else 5):
            again.append(exchange.start())
            exchange.stop()
        exchange.start()
        count = _fill(exchange, 500 if quick else 20_000)
        exchange.stop()
        full = exchange.start()
    second = statistics.median(again)
    return [
        Figure(
            "second start until ready", second, "s", "first start, data folder made", first, "< 3 s"
        ),
        Figure(f"start over {count:,} journalled orders", full, "s", "second start", second),
    ]


def _fill(exchange: Exchange, count: int) -> int:
    """Place orders that trade with each other; returns how many."""
    token = exchange.trader()
    bodies = [json.dumps(order(side)).encode() for side in ("sell", "buy")]
    requests = [open_loop.http_post("/api/orders", body, token) for body in bodies]
    load = open_loop.run(exchange.port, requests, per_second=4_000, seconds=count / 4_000)
    latencies, _ = asyncio.run(load)
    return len(latencies)
