"""Sparklines over HTTP: closes of all markets in one call, filled where nobody traded, shared for some seconds."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cse.gateway.http.sparkline_routes import filled
from cse.portfolio.ports import Close
from tests.integration.http_exchange import HttpExchange, good, http_exchange, place, problem

PATH = "/api/sparklines"


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


async def test_everybody_gets_the_last_closes(exchange: HttpExchange) -> None:
    """One line a market, by symbol, of as many points as asked; the last is the last price, without a log-in."""
    ada, bob = await exchange.trader("ada"), await exchange.trader("bob")
    await place(bob, "sell", "1.10", "1")
    await place(ada, "buy", "1.10", "1")
    answer = await exchange.client().get(PATH, params={"interval": "1m", "points": 5})
    told = good(answer)
    markets = good(await ada.get("/api/markets"))["markets"]
    assert [line["market"] for line in told["sparklines"]] == sorted(m["market"] for m in markets)
    assert all(len(line["closes"]) == told["points"] == 5 for line in told["sparklines"])
    [nova] = [line for line in told["sparklines"] if line["market"] == "NOVA-USDC"]
    assert nova["closes"][-1] == 11 * 10 ** (nova["scale"] - 1)
    again = await exchange.client().get(
        PATH,
        params={"interval": "1m", "points": 5},
        headers={"if-none-match": answer.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")
    assert answer.headers["cache-control"] == "public, max-age=5"


async def test_markets_can_be_named(exchange: HttpExchange) -> None:
    """Named ones alone; a name of none is 404; numbers out of range are refused."""
    client = exchange.client()
    told = good(await client.get(PATH, params={"markets": "NOVA-USDC"}))
    assert [line["market"] for line in told["sparklines"]] == ["NOVA-USDC"]
    problem(await client.get(PATH, params={"markets": "NOVA-USDC,NO-PE"}), 404, "market_not_found")
    for wrong in ({"points": 1}, {"points": 101}, {"interval": "2s"}):
        problem(await client.get(PATH, params=wrong), 400, "invalid_request")


def test_steps_without_a_trade_keep_the_close_before() -> None:
    """Before the first trade of all there is nothing; what closed before the window is where it begins."""
    closes = [Close(1, 10, 5), Close(1, 130, 7)]
    assert filled(closes, 100, 10, 6) == [5, 5, 5, 7, 7, 7]
    assert filled(closes[1:], 100, 10, 6) == [None, None, None, 7, 7, 7]
    assert filled([], 100, 10, 2) == [None, None]
